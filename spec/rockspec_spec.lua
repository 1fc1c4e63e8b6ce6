-- A module that the rockspec forgets is missing on the user's machine only.
local lfs = require "lfs"

local PATH = "rockspec/wxbot-scm-1.rockspec"

-- A rockspec is Lua that only sets globals.
local function load_rockspec()
  local fields = {}
  if setfenv then
    setfenv(assert(loadfile(PATH)), fields)()
  else
    assert(loadfile(PATH, "t", fields))()
  end
  return fields
end

local function walk(folder, visit)
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if lfs.attributes(path, "mode") == "directory" then
      if name:sub(1, 1) ~= "." then
        walk(path, visit)
      end
    else
      visit(path)
    end
  end
end

local function module_name(path)
  local name = path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", "")
  return (name:gsub("/", "."))
end

local function exists(path)
  return lfs.attributes(path, "mode") == "file"
end

describe("the rockspec", function()
  local build = load_rockspec().build

  it("lists every file of lua/ under the name it is required by", function()
    local missing = {}
    walk("lua", function(path)
      local name = path:match("%.lua$") and module_name(path)
      if name and build.modules[name] ~= path then
        missing[#missing + 1] = ('["%s"] = "%s",'):format(name, path)
      end
    end)
    assert.same({}, missing)
  end)

  it("lists no Lua file that is not there", function()
    local dangling = {}
    for _, path in pairs(build.modules) do
      if type(path) == "string" and not exists(path) then
        dangling[#dangling + 1] = path
      end
    end
    assert.same({}, dangling)
  end)

  it("builds wxbot.core from every C file except the HTTP client", function()
    local expected = {}
    walk("csrc", function(path)
      if path:match("%.c$") and not path:match("/http%l*%.c$") then
        expected[#expected + 1] = path
      end
    end)
    local listed = {}
    for i, path in ipairs(build.modules["wxbot.core"].sources) do
      listed[i] = path
    end
    table.sort(expected)
    table.sort(listed)
    assert.same(expected, listed)
  end)

  it("builds wxbot.curl from the HTTP client and what both share", function()
    local expected = { "csrc/wx.c" }
    walk("csrc", function(path)
      if path:match("/http%l*%.c$") then
        expected[#expected + 1] = path
      end
    end)
    table.sort(expected)
    assert.same(expected, build.modules["wxbot.curl"].sources)
  end)

  it("keeps libcurl out of wxbot.core and libcrypto out of wxbot.curl",
    function()
      assert.same({ "crypto" }, build.modules["wxbot.core"].libraries)
      assert.same({ "curl" }, build.modules["wxbot.curl"].libraries)
    end)

  it("installs the command", function()
    assert.same({ "bin/wxbot" }, build.install.bin)
    assert.is_true(exists("bin/wxbot"))
  end)
end)
