-- Without this a sandbox that runs for long takes ever more memory.
--
-- What a platform remembers of users, of whom there may be any number.

local kefu = require "wxbot.sandbox.kefu"
local tags = require "wxbot.sandbox.tags"
local users_of = require "wxbot.sandbox.users"
local wxbot = require "wxbot"

local function unheard() end

-- What a part gives to make it again, and what that makes.
local function again(part, make)
  local other = make()
  part:snapshot(function(record) other:apply(record) end)
  return other
end

describe("something of each user", function()
  it("is kept of the newest, and at least of half as many as may be", function()
    local users = users_of.new(10)
    for i = 1, 100 do
      users:put("u" .. i, i)
      assert.is_true(users.count <= 10)
      for j = math.max(1, i - 4), i do
        assert.equal(j, users:get("u" .. j))
      end
    end
    assert.is_nil(users:get "u1")
  end)

  it("is as new as when it was last put there", function()
    local users = users_of.new(4)
    for _, name in ipairs{ "a", "b", "c", "a", "d" } do
      users:put(name, name)
    end
    assert.equal("a", users:get "a")
    assert.is_nil(users:get "b")
  end)

  it("says how many were forgotten, and how many there are", function()
    local users, dropped = users_of.new(4), {}
    for i = 1, 7 do
      dropped[i] = users:put("u" .. i, i)
    end
    assert.same({ 0, 0, 0, 0, 2, 0, 2 }, dropped)
    assert.equal(3, users.count)
    assert.equal(7, users:take "u7")
    assert.equal(5, users:take "u5")
    assert.is_nil(users:take "u5")
    assert.equal(1, users.count)
    assert.same({ "u6" }, users:some(9))
    assert.same({}, users:some(0))
  end)

  it("counts by its weight, and one that is too heavy is kept alone", function()
    local users = users_of.new(10, function(value) return value end)
    users:put("a", 3)
    users:put("b", 2)
    assert.equal(0, users:put("c", 5))
    assert.equal(2, users:put("d", 100))
    assert.equal(1, users:put("e", 1))
    assert.equal(100, users:get "d")
    users:take "e"
    users:put("f", 5)
    assert.equal(100, users:get "d")
  end)
end)

describe("conversations on the sandbox", function()
  local function make()
    return kefu.new(function() return 1700000000 end, unheard)
  end

  it("are the newest 32 MiB of them", function()
    local kept, long = make(), ("x"):rep(2 ^ 20 - 1024)
    for i = 1, 100 do
      kept:say{ from = "user", openid = "u" .. i, msg = long }
    end
    local list = kept:newest(1000)
    assert.is_true(#list >= 16 and #list <= 32)
    assert.equal("u100", list[1].openid)
    assert.equal(long, list[#list].last.msg)
    assert.same({}, kept:said "u1")
    assert.is_false(kept:is_present "u1")
    local other = again(kept, make)
    assert.same(list, other:newest(1000))
  end)

  it("are no more than 8 MiB of one user, and always the last message",
    function()
      local kept, long = make(), ("x"):rep(2400000)
      for i = 1, 10 do
        kept:say{ from = "user", openid = "u", msg = long .. i }
      end
      local said = kept:said "u"
      assert.equal(3, #said)
      assert.equal(long .. 10, said[3].msg)
      kept:say{ from = "user", openid = "u", msg = ("x"):rep(2 ^ 24) }
      assert.equal(1, #kept:said "u")
    end)

  it("are with an agent for the newest 100,000 users", function()
    local kept = make()
    for i = 1, 100001 do
      kept:set{ appid = "wx1", openid = "u" .. i, kefustate = "personserving" }
    end
    assert.equal("asking", kept:status("wx1", "u1"))
    assert.equal("personserving", kept:status("wx1", "u50001"))
    assert.equal("personserving", kept:status("wx1", "u100001"))
  end)
end)

describe("tags on the sandbox", function()
  local MOST = tags.MOST

  before_each(function() tags.MOST = 6 end)
  after_each(function() tags.MOST = MOST end)

  local function make()
    return tags.new(unheard)
  end

  it("are those of the newest users, and the answer warns of it", function()
    local box = wxbot.sandbox()
    local options = box:credentials()
    options.transport = box
    local bot = wxbot.new(options)
    for i = 1, 3 do
      assert(bot:label_batchset{ appid = "wx1", category = "c", label = "l",
        desc = "d", list = { "a" .. i, "b" .. i } })
      assert.same({}, box:requests()[i].warnings)
    end
    assert(bot:label_batchset{ appid = "wx1", category = "c", label = "l",
      desc = "d", list = { "a4" } })
    local warning = box:requests()[4].warnings[1]
    assert.equal("tags_forgotten", warning.id)
    assert.same({ "3" }, warning.values)
    assert.equal(4, box:tagged())
    assert.same({}, box:tags "a1")
    assert.equal("l", box:tags "b2"[1].label)
    assert.equal("l", box:tags "a4"[1].label)
  end)

  it("are the newest 100 of a user", function()
    local kept = make()
    for i = 1, 101 do
      kept:set({ appid = "wx1", category = "c" .. i, label = "l", desc = "d" },
        { "o" })
    end
    local other = again(kept, make)
    for _, part in ipairs{ kept, other } do
      local list = part:of "o"
      assert.equal(100, #list)
      assert.equal("c101", list[1].category)
      assert.equal("c2", list[100].category)
    end
  end)

  it("are made again as they were", function()
    local kept = make()
    for i = 1, 8 do
      kept:set({ appid = "wx1", category = "c", label = "l" .. i % 2,
        desc = "d" }, { "o" .. i })
    end
    local other = again(kept, make)
    assert.equal(kept:count(), other:count())
    for i = 1, 8 do
      assert.same(kept:of("o" .. i), other:of("o" .. i))
    end
  end)
end)
