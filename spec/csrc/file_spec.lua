-- Without this two processes write one journal, or strangers read it.
local core = require "wxbot.core"
local start = require "spec.server.start"

local folder, path

before_each(function()
  folder = start.output_of("mktemp -d"):match("[^\n]+")
  path = folder .. "/file"
end)
after_each(function()
  start.remove_folder(folder)
end)

local function mode_of(name)
  return start.output_of("stat -c %a " .. name):match("%d+")
end

-- An open file of that path.
local function opened(name)
  return assert(io.open(name or path, "r+b"))
end

describe("file_make and folder_make", function()
  it("make what only its owner can use, whatever the umask", function()
    assert.is_true(core.file_make(path))
    assert.equal("600", mode_of(path))
    assert.is_true(core.folder_make(folder .. "/sub"))
    assert.equal("700", mode_of(folder .. "/sub"))
  end)

  it("leave what is there", function()
    local file = assert(io.open(path, "wb"))
    file:write("x")
    file:close()
    os.execute("chmod 640 " .. path)
    assert.is_true(core.file_make(path))
    assert.equal("640", mode_of(path))
    assert.equal("x", start.read(path))
    assert.is_true(core.folder_make(folder))
  end)

  it("have a counterpart for a file that is open", function()
    os.execute("touch " .. path .. " && chmod 666 " .. path)
    local file = opened()
    assert.is_true(core.file_close_to_others(file))
    assert.equal("600", mode_of(path))
    file:close()
    assert.has_error(function() core.file_close_to_others(file) end)
  end)

  it("say why they cannot", function()
    for _, make in ipairs{ core.file_make, core.folder_make } do
      local made, message, code = make(folder .. "/no/such")
      assert.is_nil(made)
      assert.equal("No such file or directory", message)
      assert.equal("system", code)
    end
  end)
end)

describe("file_regular", function()
  it("tells without opening it what is no regular file", function()
    assert(core.file_make(path))
    assert.is_true(core.file_regular(path))
    os.execute("ln -s file " .. folder .. "/link")
    assert.is_true(core.file_regular(folder .. "/link"))
    os.execute("mkfifo " .. folder .. "/fifo")
    for name, failure in pairs{
      [folder .. "/fifo"] = { "it is no regular file", "kind" },
      ["/dev/null"] = { "it is no regular file", "kind" },
      [folder] = { "Is a directory", "system" },
      [folder .. "/none"] = { "No such file or directory", "system" } } do
      local regular, message, code = core.file_regular(name)
      assert.is_nil(regular)
      assert.same(failure, { message, code })
    end
  end)
end)

describe("file_lock", function()
  local function lock(file, name)
    local _, _, code = core.file_lock(file, name or path)
    return code
  end

  before_each(function()
    assert(core.file_make(path))
  end)

  it("is for one at a time, until the file is closed", function()
    local first, second = opened(), opened()
    assert.is_nil(lock(first))
    assert.equal("busy", lock(second))
    first:close()
    assert.is_nil(lock(second))
    second:close()
  end)

  it("tells that another file is there by now", function()
    local file = opened()
    os.rename(path, path .. ".old")
    assert.equal("moved", lock(file))
    assert(core.file_make(path))
    assert.equal("moved", lock(file))
    file:close()
  end)

  it("waits for a while", function()
    local first, second = opened(), opened()
    assert.is_nil(lock(first))
    local _, _, code = core.file_lock(second, path, 20)
    assert.equal("busy", code)
    assert.is_true(core.file_unlock(first))
    assert.is_true(core.file_lock(second, path, 20))
    assert.equal("busy", lock(first))
    second:close()
    assert.is_nil(lock(first))
    first:close()
    assert.has_error(function() core.file_unlock(first) end)
  end)

  it("is for regular files", function()
    assert.equal("kind", lock(opened "/dev/null", "/dev/null"))
  end)

  it("raises without an open file", function()
    local file = opened()
    file:close()
    assert.has_error(function() core.file_lock(file, path) end)
    assert.has_error(function() core.file_lock({}, path) end)
    assert.has_error(function() core.file_lock(opened()) end)
  end)
end)

describe("file_sync", function()
  it("says whether all is on the disk", function()
    assert(core.file_make(path))
    local file = opened()
    file:write("x")
    file:flush()
    assert.is_true(core.file_sync(file))
    file:close()
    assert.has_error(function() core.file_sync(file) end)
  end)
end)
