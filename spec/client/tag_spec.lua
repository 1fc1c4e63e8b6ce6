-- Without this a long list of users is tagged in part, or twice, and nobody is
-- told.
local canary = require "spec.support.canary"
local scripted = require "spec.support.scripted"
local wxbot = require "wxbot"

local unpack = table.unpack or unpack

local function tag_with(list, more)
  local params = { appid = "wx1", category = "c", label = "l", desc = "d",
    list = list }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return params
end

local function openids(n)
  local list = {}
  for i = 1, n do
    list[i] = "o" .. i
  end
  return list
end

local function sandbox_and_bot()
  local box = assert(wxbot.sandbox{})
  local options = box:credentials()
  options.transport = box
  return box, assert(wxbot.new(options))
end

describe("bot:tag", function()
  it("tags all of a list, fifty in a batch, and tells how far it is",
    function()
      local box, bot = sandbox_and_bot()
      local told = {}
      local result = assert(bot:tag(tag_with(openids(120), {
        on_progress = function(done, total)
          told[#told + 1] = done .. "/" .. total
        end })))
      assert.same({ done = 120, batches = 3 }, result)
      assert.same({ "50/120", "100/120", "120/120" }, told)
      assert.equal(120, box:tagged())
      assert.same({ { appid = "wx1", category = "c", label = "l",
        desc = "d" } }, box:tags("o120"))
    end)

  it("takes openids from an iterator, one batch at a time", function()
    local box, bot = sandbox_and_bot()
    local given, ahead = 0, 0
    local result = assert(bot:tag(tag_with(function()
      given = given + 1
      ahead = math.max(ahead, given - box:tagged())
      return given <= 1000 and "o" .. given or nil
    end, { batch = 10, on_progress = function(_, total)
      assert.is_nil(total)
    end })))
    assert.same({ done = 1000, batches = 100 }, result)
    assert.equal(1000, box:tagged())
    assert.is_true(ahead <= 11)
  end)

  it("reads a file through io.lines", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write("o1\no2\no3\n")
    file:close()
    local box, bot = sandbox_and_bot()
    assert.equal(3, assert(bot:tag(tag_with(io.lines(path)))).done)
    assert.equal(3, box:tagged())
    os.remove(path)
  end)

  it("tags 100,000 users", function()
    local box, bot = sandbox_and_bot()
    assert.equal(100000, assert(bot:tag(tag_with(openids(100000)))).done)
    assert.equal(100000, box:tagged())
  end)

  it("tags 100,000 users in one batch when told to", function()
    local box, bot = sandbox_and_bot()
    assert.same({ done = 100000, batches = 1 },
      bot:tag(tag_with(openids(100000), { batch = 100000 })))
    assert.equal(100000, box:tagged())
  end)

  it("tells after a failure what is done and where to go on", function()
    local box, bot = sandbox_and_bot()
    box:fail{ endpoint = "label_batchset", code = 1009, times = 1 }
    local list = openids(20)
    local result, err = bot:tag(tag_with(list, { batch = 10 }))
    assert.is_nil(result)
    assert.same({ 0, 1, 1009 }, { err.done, err.next, err.code })

    local calls = 0
    result, err = bot:tag(tag_with(list, { batch = 6,
      on_progress = function()
        calls = calls + 1
        if calls == 2 then
          box:fail{ endpoint = "label_batchset", code = 1009 }
        end
      end }))
    assert.is_nil(result)
    assert.equal(12, err.done)
    assert.equal(13, err.next)
    assert.same({ "o13", "o14", "o15", "o16", "o17", "o18" }, err.batch)
    assert.matches("12 tagged, go on with number 13", tostring(err))
  end)

  it("repeats a batch whose outcome is not known", function()
    local box, bot = sandbox_and_bot()
    box:fail{ endpoint = "label_batchset", status = 502, times = 2 }
    assert.equal(5, assert(bot:tag(tag_with(openids(5)))).done)
    assert.equal(5, box:tagged())
  end)

  for what, list in pairs{ ["an empty list"] = {},
    ["an iterator that gives nothing"] = function() end } do
    it("returns an error for " .. what, function()
      local _, bot = sandbox_and_bot()
      local result, err = bot:tag(tag_with(list))
      assert.is_nil(result)
      assert.equal("invalid", err.kind)
      assert.matches("list must not be empty", tostring(err))
    end)
  end

  for what, openid in pairs{ ["an empty openid"] = "",
    ["a fraction"] = 7.5, ["a NUL byte"] = "a\0", ["bad UTF-8"] = "\255" } do
    it("loses nothing before " .. what .. " from an iterator", function()
      local box, bot = sandbox_and_bot()
      local list, i = { "o1", "o2", "o3", openid, "o5" }, 0
      local function following()
        i = i + 1
        return list[i]
      end
      local result, err = bot:tag(tag_with(following, { batch = 3 }))
      assert.is_nil(result)
      assert.equal("invalid", err.kind)
      assert.same({ 3, 4 }, { err.done, err.next })
      assert.same({ openid }, err.batch)
      assert.equal("o5", following())
      assert.matches("list%[4%]", err.message)
      assert.equal(3, box:tagged())
    end)
  end

  it("tags what comes before one that cannot be sent", function()
    local box, bot = sandbox_and_bot()
    local list, i = { "o1", "o2", "o3", "o4", "", "o6" }, 0
    local _, err = bot:tag(tag_with(function()
      i = i + 1
      return list[i]
    end, { batch = 3 }))
    assert.same({ 4, 5, 5 }, { err.done, err.next, err.index })
    assert.same({ "" }, err.batch)
    assert.equal(4, box:tagged())
  end)

  it("returns an error for a batch of none", function()
    local _, bot = sandbox_and_bot()
    local _, err = bot:tag(tag_with({ "o" }, { batch = 0 }))
    assert.matches("batch must be greater than 0", tostring(err))
    assert.same({ 0, 1 }, { err.done, err.next })
    _, err = bot:tag(tag_with{ "o", "" })
    assert.same({ 0, 1, 2 }, { err.done, err.next, err.index })
  end)

  it("gives each batch its own deadline", function()
    local transport = scripted.new{ each = 4, { body = '{"errcode":0}' } }
    local bot = assert(wxbot.new{ appid = "A", token = canary.credentials.token, aes_key =
      "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz", transport = transport })
    assert(bot:tag(tag_with(openids(10), { batch = 1 }), { timeout = 5 }))
    for _, request in ipairs(transport.seen) do
      assert.equal(5, request.timeout)
    end
  end)

  -- A transport of somebody else's: what its spawn returns, and whether others
  -- go on while a call waits. `most` calls were on their way at once.
  local function foreign(spawned, inside)
    local box = assert(wxbot.sandbox{})
    local transport = { box = box, on_way = 0, most = 0, calls = 0, spawns = 0 }
    function transport:request(request)
      self.on_way, self.calls = self.on_way + 1, self.calls + 1
      self.most = math.max(self.most, self.on_way)
      if self.threads[coroutine.running() or false] then
        coroutine.yield()
      end
      self.on_way = self.on_way - 1
      return box:handle(request)
    end
    function transport.sleep() end
    function transport.now() return 0 end
    transport.inside = inside and function() return true end
    transport.threads = {}
    transport.spawn = spawned and function(self, fn, ...)
      self.spawns = self.spawns + 1
      return spawned(self, fn, ...)
    end
    local options = box:credentials()
    options.transport = transport
    return transport, assert(wxbot.new(options))
  end

  local function pack(...)
    return { n = select("#", ...), ... }
  end

  -- A thread that runs until it waits, and on when somebody joins it.
  local function joinable(transport, fn, ...)
    local thread = coroutine.create(fn)
    transport.threads[thread] = true
    local results = pack(coroutine.resume(thread, ...))
    return { join = function()
      while coroutine.status(thread) ~= "dead" do
        results = pack(coroutine.resume(thread))
      end
      return unpack(results, 2, results.n)
    end }
  end

  for what, case in pairs{
    ["a fiber to join"] = { joinable, most = 4 },
    ["that it runs"] = { function(_, fn, ...)
      fn(...)
      return true
    end, most = 1 },
    ["that it does not"] = { function() return false end, most = 1 },
    ["a fiber that nobody can join"] = { function(_, fn, ...)
      fn(...)
      return {}
    end, most = 1 },
    ["nothing, but raises"] = { function() error("no threads") end, most = 1 },
    ["nothing, as it has none"] = { false, most = 1 },
  } do
    for _, inside in ipairs{ true, false } do
      it(("sends each batch once where spawn returns %s, %s inside"):format(
        what, inside and "with" or "without"), function()
        local transport, bot = foreign(case[1], inside)
        assert.same({ done = 45, batches = 9 },
          bot:tag(tag_with(openids(45), { batch = 5 })))
        assert.equal(9, transport.calls)
        assert.equal(case.most, transport.most)
        assert.equal(45, transport.box:tagged())
      end)
    end
  end

  if rawget(_G, "ngx") then
    it("refuses a job in nginx, where nobody may wait for the disk", function()
      local box = assert(wxbot.sandbox{})
      local bot = assert(wxbot.new(box:credentials()))
      local _, why = pcall(bot.tag, bot, tag_with({ "o" }, { job = "/tmp/job" }))
      assert.matches("tag: job: it waits for the disk; not in a loop's fiber, nor "
        .. "in nginx", why)
    end)
  end

  it("needs no fiber for what is one batch", function()
    local transport, bot = foreign(joinable, true)
    assert(bot:tag(tag_with(openids(50))))
    assert.equal(0, transport.spawns)
  end)

  it("sends a batch itself when a fiber is refused in the middle", function()
    local transport, bot = foreign(function(transport, ...)
      return transport.spawns % 3 ~= 0 and joinable(transport, ...)
    end, true)
    assert.equal(45, assert(bot:tag(tag_with(openids(45),
      { batch = 5 }))).done)
    assert.equal(9, transport.calls)
  end)

  it("raises what on_progress raises, where fibers cannot be cancelled",
    function()
      local _, bot = foreign(joinable, true)
      local ok, message = pcall(bot.tag, bot, tag_with(openids(45),
        { batch = 5, on_progress = function() error("enough", 0) end }))
      assert.same({ false, "enough" }, { ok, message })
    end)
end)
