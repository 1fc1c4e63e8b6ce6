-- Without this a journal loses what was added, takes what never was, or destroys
-- a file that is somebody else's.
local core = require "wxbot.core"
local journals = require "wxbot.util.journal"
local start = require "spec.server.start"

local LUA = rawget(_G, "jit") and (os.getenv("LUAJIT") or "luajit")
  or os.getenv("LUA") or "lua5.4"

local folder, path

before_each(function()
  folder = start.output_of("mktemp -d"):match("[^\n]+")
  path = folder .. "/journal"
end)
after_each(function()
  start.remove_folder(folder)
end)

local function options(other)
  local made = { path = path, kind = "test-work", version = 2, owner = "me" }
  for name, value in pairs(other or {}) do
    made[name] = value
  end
  return made
end

-- Opens it; the records that it had, in a list, or the message.
local function open(other)
  local records = {}
  local journal, err = journals.open(options(other), function(record)
    records[#records + 1] = record
    return true
  end)
  return journal, journal and records or err.message, err
end

-- The records that are there for who opens it next.
local function records_of()
  local journal, records = open()
  assert(journal, records)
  journal:close()
  return records
end

-- The same, while somebody has it open.
local function replayed()
  local records = {}
  local used = journals.read(options(), function(record)
    records[#records + 1] = record
    return true
  end)
  return used, records
end

local function write(text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local HEAD = "test-work 2 me 000000000000000\n"

-- What an open file says; it stays as it was.
local function refused(text, other)
  write(text)
  local journal, message, err = open(other)
  assert.is_nil(journal)
  assert.equal("unavailable", err.kind)
  assert.equal(text, start.read(path))
  return (message:gsub("^" .. path:gsub("%p", "%%%0") .. ": ", ""))
end

describe("a journal", function()
  it("gives the records that were added, in their order", function()
    local journal, records = open()
    assert.same({}, records)
    assert.is_true(journal:append("one"))
    assert.is_true(journal:append(""))
    assert.is_true(journal:append("三\0 \r"))
    journal:close()
    assert.same({ "one", "", "三\0 \r" }, records_of())
    assert.equal(HEAD .. "one\n\n三\0 \r\n", start.read(path))
  end)

  it("gives records however long they are", function()
    local journal, long = open(), {}
    for i, length in ipairs{ 65520, 65536, 65537, 200000, 1 } do
      long[i] = ("z"):rep(length)
      assert(journal:append(long[i]))
    end
    journal:close()
    assert.same(long, records_of())
  end)

  it("is its owner's alone", function()
    assert(open()):close()
    assert.equal("600\n", start.output_of("stat -c %a " .. path))
  end)

  it("is its owner's alone from when it is opened, but no file of others",
    function()
      assert(open()):close()
      os.execute("chmod 644 " .. path)
      assert(open()):close()
      assert.equal("600\n", start.output_of("stat -c %a " .. path))
      local file = assert(io.open(path, "wb"))
      file:write("something else\n")
      file:close()
      os.execute("chmod 644 " .. path)
      assert.is_nil((open()))
      assert.equal("644\n", start.output_of("stat -c %a " .. path))
    end)

  it("has each record in the file before it says so", function()
    for _, sync in ipairs{ false, true } do
      os.remove(path)
      local journal = open{ sync = sync }
      for i = 1, 3 do
        assert(journal:append("record " .. i))
        assert.matches("record " .. i .. "\n$", start.read(path))
      end
      journal:close()
    end
  end)

  it("counts a last line without its end as never added, and writes over it",
    function()
      for cut = 1, #"second record" do
        write(HEAD .. "first\n" .. ("second record"):sub(1, cut))
        local journal, records = open()
        assert.same({ "first" }, records)
        assert(journal:append("xy"))
        journal:close()
        assert.same({ "first", "xy" }, records_of())
      end
    end)

  it("begins anew where even its first line has no end", function()
    for cut = 0, #HEAD - 1 do
      write(HEAD:sub(1, cut))
      local journal, records = open()
      assert.same({}, records)
      assert(journal:append("a"))
      journal:close()
      assert.equal(HEAD .. "a\n", start.read(path):sub(1, #HEAD + 2))
    end
  end)

  it("leaves a file that is something else, of another version or another's",
    function()
      assert.equal("it is no file of kind test-work", refused("hello\n"))
      assert.equal("it is no file of kind test-work", refused("hello"))
      assert.equal("it is no file of kind test-work",
        refused("other-work 2 me\na\n"))
      assert.equal("it is of version 3, this is version 2",
        refused("test-work 3 me\na\n"))
      assert.equal("it belongs to you, not to me",
        refused("test-work 2 you\na\n"))
      assert.equal("it is no file of kind test-work",
        refused(("x"):rep(100000)))
    end)

  it("names the line that cannot be read, and leaves the file", function()
    write(HEAD .. "a\nb\nc\n")
    local journal, err = journals.open(options(), function(record)
      return record ~= "b" or nil, "it is a b"
    end)
    assert.is_nil(journal)
    assert.equal(path .. ": line 3: it is a b", err.message)
    assert.equal(HEAD .. "a\nb\nc\n", start.read(path))
    -- Nothing has kept it locked.
    assert.same({ "a", "b", "c" }, records_of())
  end)

  it("is never read from a FIFO, for whose writer it would wait", function()
    os.execute("mkfifo " .. path)
    local used, err = journals.read(options(), function() return true end)
    assert.is_nil(used)
    assert.equal(path .. ": it is no regular file", err.message)
  end)

  it("is not taken for an empty one where it cannot be read", function()
    local used, err = journals.read(options{ path = folder }, function()
      return true
    end)
    assert.is_nil(used)
    assert.equal(folder .. ": Is a directory", err.message)
  end)

  it("says why it cannot be opened", function()
    for name, reason in pairs{ [folder .. "/no/such"] =
          "No such file or directory", [folder] = "Is a directory",
        ["/dev/full"] = "it is no regular file" } do
      local journal, message = open{ path = name }
      assert.is_nil(journal)
      assert.equal(name .. ": " .. reason, message)
    end
  end)

  it("is one process's", function()
    local journal = open()
    local other, message = open()
    assert.is_nil(other)
    assert.equal(path .. ": another process uses it", message)
    assert(journal:append("a"))
    journal:close()
    journal:close()
    assert.same({ "a" }, records_of())
  end)

  it("is opened while somebody looks whether it is in use", function()
    local journal = open()
    journal:close()
    local looking = io.popen(("flock -n %s sh -c 'echo is locked; sleep 0.05'")
      :format(path))
    assert.equal("is locked", looking:read("*l"))
    local other, message = open()
    looking:close()
    assert(other, message)
    other:close()
  end)

  it("has not added what the disk refuses, though it stands there", function()
    local journal, sync = open{ sync = true }, core.file_sync
    finally(function() core.file_sync = sync end)
    assert(journal:append("first"))
    function core.file_sync() return nil, "Input/output error", "system" end
    for _, record in ipairs{ "a long record", "short", "one that is longer" } do
      local done, err = journal:append(record)
      assert.is_nil(done)
      assert.equal(path .. ": Input/output error", err.message)
    end
    core.file_sync = sync
    assert.same({ "first" }, (select(2, replayed())))
    assert(journal:append("x"))
    journal:close()
    assert.same({ "first", "x" }, records_of())
  end)

  it("raises for a record of two lines", function()
    local journal = open()
    assert.has_error(function() journal:append("a\nb") end,
      "a record has no end of a line")
    journal:close()
  end)
end)

describe("a shared journal", function()
  local function shared()
    local records = {}
    local journal = assert(journals.open(options{ shared = true },
      function(record)
        records[#records + 1] = record
        return true
      end))
    return journal, records
  end

  it("tells each what the others have added", function()
    local one, of_one = shared()
    local other, of_other = shared()
    for i = 1, 3 do
      assert(one:enter())
      assert(one:append("one " .. i))
      one:leave()
      assert(other:enter())
      assert(other:append("other " .. i))
      other:leave()
    end
    assert(one:enter())
    one:leave()
    assert.same({ "other 1", "other 2", "other 3" }, of_one)
    assert.same({ "one 1", "one 2", "one 3" }, of_other)
    one:close()
    other:close()
    assert.equal(6, #records_of())
  end)

  it("is one's from when it is entered until it is left", function()
    local one, other = shared(), shared()
    assert(one:enter())
    local done, err = other:enter()
    assert.is_nil(done)
    assert.equal(path .. ": another process uses it", err.message)
    one:leave()
    assert(other:enter())
    other:close()
    assert(one:enter())
    one:close()
  end)

  it("leaves out what another did not add whole, and writes over it", function()
    local one, records = shared()
    local file = assert(io.open(path, "ab"))
    file:write("cut o")
    file:close()
    assert(one:enter())
    assert.same({}, records)
    assert(one:append("xy"))
    one:close()
    assert.same({ "xy" }, records_of())
  end)

  it("goes on in the file that took its place", function()
    local one, other, records = shared(), shared()
    assert(one:enter())
    assert(one:rewrite(function(emit) emit("anew") end))
    one:leave()
    assert(other:enter())
    assert.same({ "anew" }, records)
    assert(other:append("more"))
    other:leave()
    os.remove(path)
    assert(one:enter())
    assert(one:append("again"))
    one:leave()
    assert(other:enter())
    assert.same({ "anew", "again" }, records)
    one:close()
    other:close()
    assert.same({ "again" }, records_of())
  end)

  it("says why it cannot be entered, and is again when it can", function()
    local one = shared()
    os.remove(path)
    assert(os.execute("mkdir " .. path))
    for _ = 1, 2 do
      local done, err = one:enter()
      assert.is_nil(done)
      assert.equal(path .. ": Is a directory", err.message)
      one:leave()
    end
    assert(os.execute("rmdir " .. path))
    assert(one:enter())
    assert(one:append("there"))
    one:close()
    assert.same({ "there" }, records_of())
  end)
end)

describe("a journal that is written anew", function()
  it("has those records alone, then what is added", function()
    local journal = open()
    for _ = 1, 100 do
      assert(journal:append("old"))
    end
    assert.is_true(journal:rewrite(function(emit)
      emit("new")
      emit("too")
    end))
    assert.equal("600\n", start.output_of("stat -c %a " .. path))
    assert(journal:append("more"))
    local other, message = open()
    assert.is_nil(other)
    assert.matches("another process uses it$", message)
    journal:close()
    assert.same({ "new", "too", "more" }, records_of())
    assert.equal("journal\n", start.output_of("ls " .. folder))
  end)

  it("stays the old one when that fails", function()
    local journal = open()
    assert(journal:append("old"))
    -- A folder is where the new one would be made.
    os.execute("mkdir " .. path .. ".new; touch " .. path .. ".new/x")
    local done, err = journal:rewrite(function(emit) emit("new") end)
    assert.is_nil(done)
    assert.equal("unavailable", err.kind)
    assert(journal:append("more"))
    journal:close()
    assert.same({ "old", "more" }, records_of())
  end)

  it("is not tried again before it has grown by as much once more", function()
    local journal, record = open(), ("x"):rep(1024 * 1024)
    for _ = 1, 5 do
      assert(journal:append(record))
    end
    os.execute("mkdir " .. path .. ".new; touch " .. path .. ".new/x")
    assert.is_true(journal:has_grown())
    assert.is_nil((journal:rewrite(function(emit) emit(record) end)))
    assert.is_false(journal:has_grown())
    journal:close()
  end)

  it("has grown by all that was added since, also in other runs", function()
    local function add(count)
      local journal = open()
      for _ = 1, count do
        assert(journal:append(("x"):rep(1024 * 1024)))
      end
      local has_grown = journal:has_grown()
      journal:close()
      return has_grown
    end
    assert.is_false(add(3))
    assert.is_true(add(1))
    local journal = open()
    assert(journal:rewrite(function(emit) emit(("y"):rep(1024 * 1024)) end))
    journal:close()
    assert.equal("test-work 2 me 000000001048608\n",
      start.read(path):match("^[^\n]*\n"))
    for _ = 1, 4 do
      assert.is_false(add(1))
    end
    assert.is_true(add(2))
  end)

  it("was never, by a file that does not say so", function()
    write("test-work 2 me\n" .. ("x"):rep(5 * 1024 * 1024) .. "\n")
    local journal, records = open()
    assert.equal(1, #records)
    assert.is_true(journal:has_grown())
    journal:close()
  end)

  it("is so when it has grown, and not before", function()
    local journal, record = open(), ("x"):rep(1024 * 1024)
    for _ = 1, 4 do
      assert.is_false(journal:has_grown())
      assert(journal:append(record))
    end
    assert.is_true(journal:has_grown())
    assert(journal:rewrite(function(emit) emit(record) end))
    for _ = 1, 6 do
      assert.is_false(journal:has_grown())
      assert(journal:append(record))
    end
    assert.is_true(journal:has_grown())
    journal:close()
  end)
end)

-- A process whose files may have 100 blocks of 512 bytes or of 1 KiB is told of
-- it as of a full disk. It goes on where there is room again.
local FULL = [[
local journals = require "wxbot.util.journal"
local journal = assert(journals.open({ path = %q, kind = "test-work",
  version = 2, owner = "me" }, function() return true end))
local added, failed = 0, nil
for i = 1, 300 do
  local done, err = journal:append(i .. " " .. ("x"):rep(1000))
  if not done then
    failed = err
    break
  end
  added = i
end
local small = journal:append("s")
print(added, failed.kind, (failed.message:gsub("^.*: ", "")), small)
]]

describe("a journal on a full disk", function()
  it("says so, and has each record that was added, whole", function()
    local script = folder .. "/script.lua"
    local file = assert(io.open(script, "wb"))
    file:write(FULL:format(path))
    file:close()
    local out = start.output_of(("trap '' XFSZ; ulimit -f 100; %s %s 2>&1")
      :format(LUA, script))
    local added, kind, reason, small =
      out:match("^(%d+)\t(%a+)\t([%a ]+)\t(%a+)\n$")
    assert(added, out)
    assert.equal("unavailable", kind)
    assert.equal("File too large", reason)
    local records = records_of()
    local expected = tonumber(added) + (small == "true" and 1 or 0)
    assert.equal(expected, #records)
    for i = 1, tonumber(added) do
      assert.equal(i .. " " .. ("x"):rep(1000), records[i])
    end
  end)
end)

-- Adds records for as long as it lives, and says each.
local KILLED = [[
local journals = require "wxbot.util.journal"
local journal = assert(journals.open({ path = %q, kind = "test-work",
  version = 2, owner = "me" }, function() return true end))
io.stdout:setvbuf("no")
for i = 1, 1e9 do
  assert(journal:append(i .. " " .. ("y"):rep(i %% 3000)))
  if i %% 50 == 0 then
    assert(journal:rewrite(function(emit)
      for k = 1, i do
        emit(k .. " " .. ("y"):rep(k %% 3000))
      end
    end))
  end
  io.write(i, "\n")
end
]]

describe("a journal whose process is killed", function()
  it("has all that was added, also in the midst of writing it anew", function()
    local script, said = folder .. "/script.lua", folder .. "/said"
    local file = assert(io.open(script, "wb"))
    file:write(KILLED:format(path))
    file:close()
    for round = 1, 5 do
      os.remove(path)
      os.execute(("%s %s >%s & pid=$!; sleep 0.%d; kill -9 $pid; wait $pid "
        .. "2>%s"):format(LUA, script, said, 1 + round * 13 % 4,
        folder .. "/err"))
      local last = start.read(said):match("(%d+)\n$")
      if last then
        local records = records_of()
        assert.is_true(#records >= tonumber(last))
        for i, record in ipairs(records) do
          assert.equal(i .. " " .. ("y"):rep(i % 3000), record)
        end
      end
    end
  end)
end)

describe("a journal that is only read", function()
  local function read(other)
    local records = {}
    local used, owner = journals.read(options(other), function(record)
      records[#records + 1] = record
      return true
    end)
    if used == nil then
      return used, owner.message
    end
    return used, records, owner
  end

  it("is so by anybody, whoever owns it and has it open", function()
    local journal = open()
    assert(journal:append "one")
    assert.same({ true, { "one" }, "me" }, { read{ owner = false } })
    journal:close()
    local used, records = read{ owner = false }
    assert.same({ false, { "one" } }, { used, records })
    assert.truthy(open()) -- to look at it has locked nothing
  end)

  it("says why it cannot be", function()
    assert.same({ n = 2, nil, path .. ": No such file or directory" },
      { n = 2, read() })
    local journal = open()
    journal:close()
    local _, message = read{ version = 3 }
    assert.truthy(message:find("it is of version 2", 1, true))
  end)
end)
