-- Without this machines that share an inbox in Redis handle a push twice, mix up a
-- user's order, or lose what was answered when Redis or one of them fails.
--
-- Workers of one process beside each other, over a real Redis.
local core = require "wxbot.core"
local redis = require "wxbot.receive.inbox.redis"
local rounds = require "wxbot.receive.inbox.redis_rounds"
local server = require "spec.support.redis"
local socket = require "socket"
local start = require "spec.server.start"

local command = server.beside_specs()
local PREFIX = "wxbot:{kefu:wx1}:inbox:"

local workers

before_each(function()
  command("FLUSHALL")
  workers = {}
end)
after_each(function()
  command("CONFIG", "SET", "maxmemory", "0")
  for _, worker in ipairs(workers) do
    worker:close()
  end
end)

local function worker(by)
  local made, err = redis.open{ command = by or command, owner = "kefu:wx1",
    clock = socket.gettime }
  workers[#workers + 1] = made
  return made, err
end

local function put(inbox, text, user)
  return inbox:put{ text = text, user = user or "u1",
    keys = { { "key of " .. text, 600 } } }
end

-- What can be taken within some seconds.
local function take(inbox, seconds)
  local ends = socket.gettime() + (seconds or 2)
  local entry
  repeat
    entry = inbox:take()
    socket.sleep(entry and 0 or 0.02)
  until entry or socket.gettime() > ends
  return entry
end

local function shards_of(inbox)
  local count = 0
  for shard = 0, redis.shards - 1 do
    count = count + (inbox.shards:has(tostring(shard)) and 1 or 0)
  end
  return count
end

-- Lets them have some rounds.
local function settle(...)
  for _ = 1, 4 do
    for _, inbox in ipairs{ ... } do
      inbox:take()
    end
    socket.sleep(0.11)
  end
end

-- As if a worker had said nothing for so long that its leases have ended.
local function end_leases()
  for shard = 0, redis.shards - 1 do
    command("DEL", PREFIX .. "lease:" .. shard)
  end
end

describe("workers of one inbox in Redis", function()
  it("share the shards, whoever comes and goes", function()
    local one, two = worker(), worker()
    settle(one)
    assert.equal(16, shards_of(one))
    settle(one, two)
    assert.same({ 8, 8 }, { shards_of(one), shards_of(two) })
    local three = worker()
    settle(one, two, three)
    assert.is_true(shards_of(three) >= 4)
    one:close()
    settle(two, three)
    assert.same({ 8, 8 }, { shards_of(two), shards_of(three) })
  end)

  it("give a shard back once nothing of it is in hand, and take no more of it",
    function()
      local one = worker()
      settle(one)
      local function put_in_each(text)
        for shard = 0, redis.shards - 1 do
          local number = 0
          repeat
            number = number + 1
          until core.sha256(text .. number):byte() % redis.shards == shard
          assert(put(one, text .. shard, text .. number))
        end
      end
      local function take_all(inbox)
        local entries, entry = {}, take(inbox, 0.3)
        while entry do
          entries[#entries + 1], entry = entry, take(inbox, 0.3)
        end
        return entries
      end
      put_in_each("first")
      local first = take_all(one)
      assert.equal(16, #first)
      put_in_each("second")
      rounds.run(one) -- which reads them
      local two = worker()
      two:take()
      rounds.run(one)
      assert.equal(8, #take_all(one))
      two:take()
      assert.same({ 16, 0 }, { shards_of(one), shards_of(two) })
      for _, entry in ipairs(first) do
        one:done(entry)
      end
      settle(one, two)
      assert.same({ 8, 8 }, { shards_of(one), shards_of(two) })
    end)

  it("handle a user's pushes in one place and in order, wherever they came",
    function()
      local one, two = worker(), worker()
      settle(one, two)
      for number = 1, 10 do
        assert(put(number % 2 == 0 and one or two, "text " .. number))
      end
      local reader = take(one, 0.3)
      local inbox = reader and one or two
      reader = reader or take(two)
      for number = 1, 10 do
        assert.equal("text " .. number, reader.text)
        inbox:done(reader)
        reader = take(inbox, 0.3)
      end
      assert.is_nil(take(one, 0.2))
      assert.is_nil(take(two, 0.2))
    end)

  it("find what came elsewhere with a clock of whole seconds, too", function()
    local one = assert(redis.open{ command = command, owner = "kefu:wx1",
      clock = os.time })
    workers[#workers + 1] = one
    settle(one)
    local two = worker()
    for number = 1, 3 do
      assert(put(two, "text " .. number))
      local entry = one:take()
      assert.equal("text " .. number, entry.text)
      one:done(entry)
    end
  end)

  it("know each other's duplicates, in one command", function()
    local count = 0
    local one = worker()
    local two = worker(function(...)
      count = count + 1
      return command(...)
    end)
    assert(put(one, "text"))
    count = 0
    assert.is_false(put(two, "text"))
    assert.truthy(put(two, "another"))
    assert.equal(2, count)
  end)

  it("take over what one left that said nothing more", function()
    local one, two = worker(), worker()
    settle(one)
    assert(put(one, "first"))
    assert(put(one, "second"))
    assert.equal("first", take(one).text)
    local entry = take(two, 8)
    assert.equal("first", entry.text)
    two:done(entry)
    assert.equal("second", take(two).text)
  end)

  it("note nothing of a shard that has become another's", function()
    local one, two = worker(), worker()
    settle(one)
    assert(put(one, "text", "u3")) -- of the half that another takes first
    local entry = take(one)
    end_leases()
    local again = take(two, 0.3)
    assert.equal("text", again.text)
    assert.is_true(one:done(entry))
    assert.equal(1, command("XLEN", PREFIX .. "shard:" .. entry.id:match("%d+")))
    two:done(again)
    assert.equal(0, command("XLEN", PREFIX .. "shard:" .. entry.id:match("%d+")))
  end)

  it("note nothing of a shard by what they had of it before", function()
    local one, two = worker(), worker()
    settle(one)
    assert(put(one, "text", "u3"))
    local entry = take(one)
    local shard = entry.id:match("%d+")
    end_leases()
    assert.equal("text", take(two, 0.3).text)
    two:close()
    settle(one)
    assert.is_true(one.shards:has(shard))
    assert.is_true(one:done(entry))
    assert.equal(1, command("XLEN", PREFIX .. "shard:" .. shard))
  end)

  it("suspect nothing by a note of who had handled all, but was killed before he "
    .. "took it back", function()
    for shard = 0, redis.shards - 1 do
      command("HSET", PREFIX .. "begun", shard, 1)
    end
    local one = worker()
    settle(one)
    assert(put(one, "text"))
    workers = {} -- killed
    command("DEL", PREFIX .. "workers")
    end_leases()
    assert.is_falsy(take(worker()).is_suspect)
  end)

  it("go on with a lease that ended if nobody else has had it", function()
    local one = worker()
    settle(one)
    assert(put(one, "text"))
    local entry = take(one)
    end_leases()
    assert.is_true(one:done(entry))
    assert.equal(0, command("XLEN", PREFIX .. "shard:" .. entry.id:match("%d+")))
  end)

  it("give what another made of a push to whom it came", function()
    local one, two = worker(), worker()
    settle(one)
    local told
    local id = assert(put(two, "text"))
    two:await(id, function(text) told = text end)
    one:done(take(one), "the reply\n\1")
    settle(two)
    assert.equal("the reply\n\1", told)
    assert.equal(0, command("EXISTS", PREFIX .. "reply:" .. id))
  end)
end)

-- The server of a block's specs.
local function beside(options)
  local running
  setup(function()
    running = server.server{ options = options }
  end)
  teardown(function()
    running.process:stop()
    start.remove_folder(running.folder)
  end)
  return function(...)
    return server.command(running.port)(...)
  end
end

local function refusal(by)
  local made, err = worker(by)
  assert.is_nil(made)
  assert.equal("unavailable", err.kind)
  return err.message
end

describe("an inbox in Redis", function()
  local in_cluster = beside("--cluster-enabled yes")
  local with_password = beside("--requirepass 'a word'")
  local replica = beside("--replicaof 127.0.0.1 1")

  it("is not opened in a cluster, a replica, or without a password", function()
    assert.equal("Redis is a cluster, which cannot keep an inbox",
      refusal(in_cluster))
    assert.equal("Redis is a replica, which cannot be written to; name its master",
      refusal(replica))
    assert.equal("Redis demands a password, which is read from "
      .. "WXBOT_REDIS_PASSWORD, or redis_password of --config",
      refusal(with_password))
  end)

  it("is not opened where keys are evicted", function()
    finally(function() command("CONFIG", "SET", "maxmemory-policy",
      "noeviction") end)
    command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    assert.equal("Redis evicts keys (maxmemory-policy allkeys-lru), and with them "
      .. "pushes; set it to noeviction", refusal())
  end)

  it("is not opened where another version keeps it, or Redis is too old",
    function()
      command("SET", PREFIX .. "version", "2")
      assert.equal("Redis keeps an inbox of version 2, this is version 1",
        refusal())
      assert.equal("Redis has the version 6.0.16, an inbox needs 7 or newer",
        refusal(function(name, ...)
          local reply = command(name, ...)
          return name == "INFO" and reply:gsub("redis_version:[0-9.]+",
            "redis_version:6.0.16") or reply
        end))
    end)

  it("is not opened where nothing listens, or what is there reads its data",
    function()
      assert.equal("Redis: connection refused",
        refusal(server.command(1)))
      assert.equal("Redis is still reading its data; try again",
        refusal(function() return nil, "LOADING Redis is loading the dataset in "
          .. "memory" end))
      assert.equal("Redis: a client's error",
        refusal(function() error("a client's error", 0) end))
    end)

  it("gives what comes behind many that have a pause before them", function()
    local inbox = worker()
    for number = 1, 300 do
      assert(put(inbox, "text " .. number))
    end
    inbox:pause(take(inbox), socket.gettime() + 600, "why")
    assert(put(inbox, "last", "u51")) -- of the same shard
    assert.equal("last", take(inbox).text)
  end)

  it("has nothing any more of what was handled or purged", function()
    local inbox = worker()
    assert(put(inbox, "handled"))
    inbox:pause(take(inbox), socket.gettime() - 1, "why")
    inbox:done(take(inbox))
    assert(put(inbox, "purged"))
    local entry = take(inbox)
    inbox:pause(entry, socket.gettime() - 1, "why")
    inbox:bury(take(inbox), "why")
    assert.equal(1, inbox:purge{ entry.id })
    for _, name in ipairs{ "failures", "dead", "dead_text" } do
      assert.equal(0, command("EXISTS", PREFIX .. name), name)
    end
    assert.equal(0, command("XLEN", PREFIX .. "shard:" .. entry.id:match("%d+")))
  end)

  it("warns of a Redis that writes nothing down", function()
    assert.truthy(worker().warning:find("appendonly no", 1, true))
  end)

  it("takes no push when the memory is full, and has what is there handled",
    function()
      local inbox = worker()
      for number = 1, 3 do
        assert(put(inbox, "text " .. number))
      end
      local entry = take(inbox)
      command("CONFIG", "SET", "maxmemory", "1")
      local id, err = put(inbox, "one more")
      assert.is_nil(id)
      assert.equal("unavailable", err.kind)
      assert.truthy(err.message:find("OOM", 1, true))
      assert.is_true(inbox:done(entry))
      entry = take(inbox)
      assert.is_true(inbox:pause(entry, socket.gettime() - 1, "why"))
      entry = take(inbox)
      assert.is_true(inbox:bury(entry, "why"))
      assert.equal("text 3", take(inbox).text)
      assert.equal(1, inbox:retry{ entry.id })
      command("CONFIG", "SET", "maxmemory", "0")
      assert.truthy(put(inbox, "one more"))
    end)

  it("keeps what is not noted yet until Redis is back", function()
    local is_away = false
    local inbox = worker(function(...)
      if is_away then
        return nil, "connection refused"
      end
      return command(...)
    end)
    assert(put(inbox, "one"))
    assert(put(inbox, "two"))
    local entry = take(inbox)
    is_away = true
    local id, err = put(inbox, "three")
    assert.is_nil(id)
    assert.equal("Redis: connection refused", err.message)
    local done
    done, err = inbox:done(entry)
    assert.is_nil(done)
    assert.equal("Redis: connection refused", err.message)
    assert.is_nil(take(inbox, 0.3))
    is_away = false
    entry = take(inbox)
    assert.equal("two", entry.text)
    inbox:done(entry)
    assert.is_nil(take(inbox, 0.2))
    assert.truthy(put(inbox, "three"))
  end)

  it("takes nothing in hand when Redis is away for longer than a lease",
    function()
      local is_away = false
      local inbox = worker(function(...)
        if is_away then
          return nil, "timeout"
        end
        return command(...)
      end)
      assert(put(inbox, "one", "u1"))
      assert(put(inbox, "two", "u2"))
      assert.truthy(take(inbox))
      is_away = true
      socket.sleep(4.1)
      assert.is_nil((inbox:take()))
      is_away = false
      assert.truthy(take(inbox))
    end)

  it("reads again what a reply that did not arrive had said", function()
    local is_cut = false
    local inbox = worker(function(...)
      local reply, message = command(...)
      if is_cut then
        return nil, "timeout"
      end
      return reply, message
    end)
    assert(put(inbox, "one"))
    assert(put(inbox, "two"))
    local entry = take(inbox)
    is_cut = true
    assert.is_nil(put(inbox, "three"))
    inbox:done(entry)
    is_cut = false
    assert.is_false(put(inbox, "three"))
    for _, text in ipairs{ "two", "three" } do
      entry = take(inbox)
      assert.equal(text, entry.text)
      inbox:done(entry)
    end
    assert.is_nil(take(inbox, 0.2))
  end)

  it("outlives a Redis that is killed", function()
    local options = "--appendonly yes --appendfsync always"
    local running = server.server{ options = options }
    finally(function()
      running.process:stop()
      start.remove_folder(running.folder)
    end)
    local function by(...)
      return server.command(running.port)(...)
    end
    local inbox = worker(by)
    assert(put(inbox, "one"))
    assert(put(inbox, "two"))
    local entry = take(inbox)
    running.process:signal("KILL")
    running.process:stop()
    assert.is_nil((inbox:done(entry)))
    running = server.server{ options = options, port = running.port,
      folder = running.folder }
    assert.is_nil(inbox.warning)
    assert.equal("two", take(inbox).text)
    assert.is_false(put(inbox, "one"))
    -- Closed before its server ends.
    table.remove(workers):close()
  end)
end)
