-- Without this hosts without debug, files or a whole os library cannot load the
-- library.
--
-- Hosts that allow a program little: no `debug`, no files, or nothing that is
-- loaded later than at the start.
local endpoints = require "wxbot.api"
local start = require "spec.server.start"

local LUA = jit and "5.1" or _VERSION:match "[%d.]+$"

-- What a program of a Lua of its own prints.
local function said(code)
  local name = start.file('local everything = require "spec.support.everything"'
    .. "\n" .. code)
  return start.output_of((".ci/lua %s %s 2>&1"):format(LUA, name))
end

describe("a host", function()
  after_each(start.stop_all)

  for what, left in pairs{ ["no debug library"] = "nil",
      ["a debug library without functions"] = "{}" } do
    it("with " .. what .. " runs everything", function()
      assert.equal("done\n", said(([[
        everything.strip(%s)
        everything.use()
        print "done"]]):format(left)))
    end)
  end

  it("without files says so of a file of skills", function()
    assert.equal("skills.json: this host opens no files (io.open)\n", said[[
      everything.strip()
      print(select(2, require "wxbot".sandbox{ skills = "skills.json" }))]])
  end)

  it("without a traceback still hears what a fiber raised", function()
    assert.equal("the reason\n", said[[
      everything.strip()
      local loop = require "wxbot".loop{ on_error = function(err)
        print(err)
      end }
      loop:spawn(error, "the reason", 0)
      loop:run()]])
  end)
end)

-- The modules that docs/internals.md names, in its table of those that load
-- late.
local function named_in_table()
  local names = {}
  local part = start.read("docs/internals.md"):match(
    "\n## Modules that load later\n(.-)\n##")
  for row in part:gmatch("\n|([^\n]+)") do
    for name in row:match("|(.*)$"):gmatch("`([%w_.]+)`") do
      if name == "wxbot.sandbox.answer.NAME" then
        for _, endpoint in ipairs(endpoints.all) do
          names[#names + 1] = "wxbot.sandbox.answer." .. endpoint.name
        end
      else
        names[#names + 1] = name
      end
    end
  end
  return names
end

describe("the list of modules that load later", function()
  after_each(start.stop_all)

  local names = named_in_table()

  it("is all that loads when everything is used", function()
    assert.equal("\n", said(([[
      require "wxbot".sandbox{}
      for name in ("%s"):gmatch "%%S+" do
        require(name)
      end
      local known = {} -- a sandbox is to be made, it says
      for name in pairs(package.loaded) do
        known[name] = true
      end
      everything.use()
      print(table.concat(everything.loaded_beside(known), "\n"))]])
      :format(table.concat(names, " "))))
  end)

  -- Of wxbot.call: a line for -v, of the command and of what it serves.
  it("has every module but the command's and those that are asked for by name",
    function()
      assert.equal("wxbot.call.attempt\nwxbot.codec.csv\n"
        .. "wxbot.receive.inbox.look\nwxbot.store.file\n"
        .. "wxbot.store.redis\nwxbot.store.shdict\n", said(([[
        require "wxbot".sandbox{}
        for name in ("%s"):gmatch "%%S+" do
          require(name)
        end
        local pipe = io.popen "find lua/wxbot -name '*.lua' | LC_ALL=C sort"
        for path in pipe:lines() do
          local name = path:gsub("^lua/", ""):gsub("%%.lua$", "")
            :gsub("/init$", ""):gsub("/", ".")
          if not package.loaded[name] and not name:find "^wxbot%%.cli%%f[%%W]"
              and not name:find "^wxbot%%.serve%%f[%%W]" then
            print(name)
          end
        end]]):format(table.concat(names, " "))))
    end)

  it("names nothing that is loaded from the start", function()
    assert.equal("", said(([[
      require "wxbot"
      for name in ("%s"):gmatch "%%S+" do
        if package.loaded[name] then
          print(name)
        end
      end]]):format(table.concat(names, " "))))
  end)
end)
