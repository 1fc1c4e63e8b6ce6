-- Without this inboxes of one kind keep what those of another lose, mix up a
-- user's pushes, or hand one over twice.
--
-- Every kind of backend is held to it: what `wxbot.inbox` needs of one.
local file = require "wxbot.receive.inbox.file"
local redis = require "wxbot.receive.inbox.redis"
local redis_server = require "spec.support.redis"
local socket = require "socket"
local start = require "spec.server.start"

local folder, now, command

-- Kind -> { open: a backend over what is there, options may have other; wipe:
-- an empty place; wait: lets time pass }
local kinds = {
  ["in a file"] = {
    open = function()
      return assert(file.open{ path = folder .. "/inbox", owner = "kefu:wx1",
        clock = function() return now end })
    end,
    wipe = function()
      now, folder = 1700000000, start.output_of("mktemp -d"):match("[^\n]+")
    end,
    clean = function() start.remove_folder(folder) end,
    wait = function(seconds) now = now + seconds end,
    now = function() return now end,
    kill = function(inbox) inbox.journal:close() end,
  },
}

local PREFIX = "wxbot:{kefu:wx1}:inbox:"

kinds["in Redis"] = {
  open = function()
    return assert(redis.open{ command = command, owner = "kefu:wx1",
      clock = socket.gettime })
  end,
  wipe = function() command("FLUSHALL") end,
  clean = function() end,
  wait = socket.sleep,
  now = socket.gettime,
  -- As if all had happened 5 s ago.
  kill = function()
    command("DEL", PREFIX .. "workers")
    for shard = 0, redis.shards - 1 do
      command("DEL", PREFIX .. "lease:" .. shard)
    end
  end,
}

for kind, with in pairs(kinds) do
  describe("an inbox " .. kind, function()
    local inbox
    command = kind == "in Redis" and redis_server.beside_specs() or command

    local function put(text, user, keys)
      return inbox:put{ text = text, user = user or "u1",
        keys = keys or { { "wxbot:" .. text:gsub("[^a-z0-9]", ""), 600 } } }
    end

    -- The texts that can be taken now, and their entries.
    local function take_all()
      local texts, entries = {}, {}
      local entry = inbox:take()
      while entry do
        texts[#texts + 1], entries[#entries + 1] = entry.text, entry
        entry = inbox:take()
      end
      table.sort(texts)
      return texts, entries
    end

    local function open_again()
      inbox:close()
      inbox = with.open()
    end

    before_each(function()
      with.wipe()
      inbox = with.open()
    end)
    after_each(function()
      inbox:close()
      with.clean()
    end)

    it("has nothing at first", function()
      assert.is_nil((inbox:take()))
      assert.same({ {}, {} }, { inbox:list() })
    end)

    it("gives what was put, and that once", function()
      local id = assert(put("one"))
      local entry = inbox:take()
      assert.same({ id, "one", "u1", 0 },
        { entry.id, entry.text, entry.user, entry.failures })
      assert.is_true(math.abs(with.now() - entry.at) < 5)
      assert.is_nil((inbox:take()))
      assert.is_true(inbox:done(entry))
      assert.is_nil((inbox:take()))
    end)

    it("gives each push an id of its own, after a start too", function()
      local seen = {}
      for i = 1, 6 do
        local id = assert(put("text " .. i))
        assert.is_nil(seen[id])
        seen[id] = true
        inbox:done(inbox:take())
        if i % 2 == 0 then
          open_again()
        end
      end
    end)

    it("gives a user's pushes in their order, one at a time", function()
      for i = 1, 5 do
        assert(put("text " .. i))
      end
      for i = 1, 5 do
        local entry = inbox:take()
        assert.equal("text " .. i, entry.text)
        assert.is_nil((inbox:take()))
        inbox:done(entry)
      end
      assert.is_nil((inbox:take()))
    end)

    it("gives those of several users side by side", function()
      for _, user in ipairs{ "u1", "u2", "u3" } do
        put(user .. " first", user)
        put(user .. " second", user)
      end
      local texts, entries = take_all()
      assert.same({ "u1 first", "u2 first", "u3 first" }, texts)
      inbox:done(entries[2])
      assert.same({ entries[2].user .. " second" }, (take_all()))
    end)

    it("gives the one that is asked for, if it is its turn", function()
      local first, second = put("one"), put("two")
      local other = put("three", "u2")
      assert.is_nil((inbox:take(second)))
      local entry = inbox:take(other)
      assert.equal("three", entry.text)
      assert.is_nil((inbox:take(other)))
      local mine = inbox:take(first)
      assert.equal("one", mine.text)
      inbox:done(mine)
      assert.equal("two", inbox:take(second).text)
    end)

    it("knows a duplicate by any of its keys, after a start too", function()
      assert(put("one", "u1", { { "a", 600 }, { "b", 900 } }))
      assert.is_false(put("two", "u1", { { "a", 600 } }))
      inbox:done(inbox:take())
      open_again()
      assert.is_false(put("three", "u2", { { "c", 600 }, { "b", 600 } }))
      assert.truthy(put("four", "u1", { { "c", 600 } }))
    end)

    it("remembers of a duplicate what is good for longer than what told it",
      function()
        assert(put("one", "u1", { { "a", 600 } }))
        assert.is_false(put("two", "u1", { { "long", 900 }, { "a", 600 } }))
        assert.is_false(put("three", "u1", { { "short", 300 }, { "a", 600 } }))
        assert.is_false(put("four", "u1", { { "long", 900 } }))
        assert.truthy(put("five", "u1", { { "short", 300 } }))
      end)

    it("forgets what it has seen when its time is over", function()
      assert(put("one", "u1", { { "a", 1 } }))
      with.wait(2)
      assert.truthy(put("two", "u1", { { "a", 1 } }))
      open_again()
      assert.is_false(put("three", "u1", { { "a", 1 } }))
    end)

    it("gives again what was not done, in the same order", function()
      put("one")
      put("two")
      put("three", "u2")
      put("four")
      inbox:done(inbox:take())
      take_all()
      open_again()
      assert.same({ "three", "two" }, (take_all()))
    end)

    it("waits before it gives again what failed, its user's others behind it",
      function()
        put("one")
        put("two")
        put("three", "u2")
        inbox:pause(inbox:take(), with.now() + 2, "why")
        assert.same({ "three" }, (take_all()))
        local _, seconds = inbox:take()
        assert.is_true(seconds > 0 and seconds <= 2)
        with.wait(2.1)
        local entry = inbox:take()
        assert.same({ "one", 1 }, { entry.text, entry.failures })
      end)

    it("remembers failures and pauses over a start", function()
      put("one")
      inbox:pause(inbox:take(), with.now() + 2, "why")
      open_again()
      assert.is_nil((inbox:take()))
      with.wait(2.1)
      local entry = inbox:take()
      assert.same({ "one", 1, "why" },
        { entry.text, entry.failures, entry.reason })
    end)

    it("puts away what is dead, and goes on with its user's next", function()
      local id = put("one")
      put("two")
      inbox:bury(inbox:take(), "why not")
      assert.equal("two", inbox:take().text)
      open_again()
      local waiting, dead = inbox:list()
      assert.equal(1, #waiting)
      assert.same({ id, "one", "why not", 1 }, { dead[1].id, dead[1].text,
        dead[1].reason, dead[1].failures })
      assert.same({ "two" }, (take_all()))
    end)

    it("handles again what was dead, behind its user's others", function()
      local id = put("one")
      put("two")
      inbox:bury(inbox:take(), "why")
      assert.equal(1, inbox:retry{ id, "no such id" })
      open_again()
      local entry = inbox:take()
      assert.equal("two", entry.text)
      inbox:done(entry)
      entry = inbox:take()
      assert.same({ "one", 0, id }, { entry.text, entry.failures, entry.id })
      assert.equal(0, inbox:retry{ id })
      inbox:bury(entry, "why")
      assert.equal(id, (select(2, inbox:list()))[1].id)
      assert.equal(1, inbox:purge{ id })
    end)

    it("forgets what is dead when it is purged", function()
      local id = put("one")
      local other = put("two")
      inbox:bury(inbox:take(), "why")
      assert.equal(1, inbox:purge{ id, other })
      assert.equal(0, inbox:purge{ id })
      open_again()
      local waiting, dead = inbox:list()
      assert.same({ 1, 0 }, { #waiting, #dead })
      assert.is_false(put("one"))
    end)

    -- As after a kill.
    local function take_over()
      with.kill(inbox)
      inbox = with.open()
    end

    it("gives one at a time of what two in a row ended with", function()
      for _, user in ipairs{ "u1", "u2", "u3" } do
        put("old of " .. user, user)
      end
      take_over()
      assert.equal(3, #take_all())
      take_over()
      put("new", "u4")
      local texts, entries = take_all()
      assert.same({ 2, "new" }, { #texts, texts[1] })
      local suspect = entries[1].is_suspect and entries[1] or entries[2]
      inbox:done(suspect)
      texts, entries = take_all()
      assert.same({ 1, true }, { #texts, entries[1].is_suspect })
      -- What fails has not ended its process.
      inbox:pause(entries[1], with.now() - 1, "why")
      assert.equal(2, #take_all())
    end)

    it("counts as a failure what a suspect ended with, until more is known",
      function()
        local entry
        put("one")
        for _ = 1, 2 do
          take_over()
          entry = inbox:take()
        end
        inbox:begin(entry, with.now() + 2, "why")
        take_over()
        assert.is_nil((inbox:take()))
        with.wait(2.1)
        entry = inbox:take()
        assert.same({ "one", 1, "why", true },
          { entry.text, entry.failures, entry.reason, entry.is_suspect })
        inbox:begin(entry, with.now() + 2, "why")
        inbox:done(entry)
        take_over()
        assert.same({ {}, {} }, { inbox:list() })
      end)

    it("suspects nothing once what waited first is handled, or failed", function()
      put("one")
      put("another", "u2")
      take_over()
      inbox:done(inbox:take())
      inbox:pause(inbox:take(), with.now() + 600, "why")
      inbox:take()
      with.wait(0.2)
      inbox:take()
      put("two")
      take_over()
      assert.is_falsy(inbox:take().is_suspect)
    end)

    it("suspects nothing after an end that was orderly", function()
      put("one")
      take_over()
      assert.equal("one", inbox:take().text)
      open_again()
      assert.is_falsy(inbox:take().is_suspect)
    end)

    it("keeps any text on one line as it is", function()
      local text = "q\\n\1\127\255 {} =,\r\0 ü"
      put(text)
      open_again()
      assert.equal(text, inbox:take().text)
    end)
  end)
end
