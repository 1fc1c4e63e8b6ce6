-- Without this following a task asks too often, too long, or ends before the
-- task.
local canary = require "spec.support.canary"
local scripted = require "spec.support.scripted"
local wxbot = require "wxbot"

local AES_KEY = canary.credentials.aes_key

local function sandbox_and_bot()
  local now = 1800000000
  local box = assert(wxbot.sandbox{ clock = function() return now end })
  local options = box:credentials()
  options.transport = box
  return box, assert(wxbot.new(options))
end

local function scripted_bot(script)
  local transport = scripted.new(script)
  return transport, assert(wxbot.new{ appid = "A", token = canary.credentials.token,
    aes_key = AES_KEY, access_token = canary.access_token, transport = transport })
end

describe("bot:wait_task", function()
  it("follows a task from preparing to success", function()
    local box, bot = sandbox_and_bot()
    local id = box:add_task{ prepare = 2, duration = 8,
      success_skill_info = { { id = 1, name = "账号" } } }
    local states, last = {}, -1
    local task = assert(bot:wait_task{ openid = "admin", task_id = id,
      on_progress = function(seen)
        states[seen.state_name] = true
        assert.is_true(seen.progress >= last)
        last = seen.progress
      end })
    assert.equal("success", task.state_name)
    assert.equal(100, task.progress)
    assert.same({ preparing = true, running = true, success = true }, states)
    assert.same({ { id = "1", name = "账号", intents = {} } },
      task.success_skill_info)
    assert.equal(8, task["end"] - task.start)
  end)

  it("returns the task with the error when it has failed", function()
    local box, bot = sandbox_and_bot()
    local id = box:add_task{ failure = "skill is empty",
      fail_skill_info = { { name = "账号", msg = "no answer" } } }
    local task, err = bot:wait_task{ openid = "admin", task_id = id }
    assert.is_nil(task)
    assert.equal("platform", err.kind)
    assert.equal("failure", err.code)
    assert.matches("skill is empty", tostring(err))
    assert.same({ { name = "账号", msg = "no answer" } },
      err.result.fail_skill_info)
  end)

  it("ends after its timeout, with the last known state", function()
    local box, bot = sandbox_and_bot()
    local id = box:add_task{ duration = 1000 }
    local task, err = bot:wait_task{ openid = "admin", task_id = id,
      timeout = 100 }
    assert.is_nil(task)
    assert.equal("timeout", err.kind)
    assert.equal("wait", err.code)
    assert.equal("running", err.result.state_name)
    assert.matches("after 100 seconds: its state is running", tostring(err))
  end)

  it("backs off up to the longest interval", function()
    local transport, bot = scripted_bot{
      { body = '{"code":0,"data":{"state":1}}' } }
    bot:wait_task{ openid = "o", task_id = "t", interval = 1,
      max_interval = 3, timeout = 12 }
    assert.same({ 1, 1.5, 2.25, 3, 3, 0.25 }, transport.slept)
  end)

  it("asks once more before its timeout, however long the interval",
    function()
      local box, bot = sandbox_and_bot()
      local id = box:add_task{ prepare = 0, duration = 18 }
      assert.equal("success", assert(bot:wait_task{ openid = "admin",
        task_id = id, timeout = 20, interval = 15 }).state_name)
    end)

  it("ends when its sleep is interrupted", function()
    local transport, bot = scripted_bot{
      { body = '{"code":0,"data":{"state":1}}' } }
    transport.sleep = function()
      return nil, { kind = "cancelled", message = "interrupted" }
    end
    local _, err = bot:wait_task{ openid = "o", task_id = "t" }
    assert.equal("cancelled", err.kind)
    assert.equal(1, #transport.seen)
  end)

  it("counts repeats as attempts, too", function()
    local transport, bot = scripted_bot{
      { err = { kind = "timeout" } },
      { body = '{"code":0,"data":{"state":1}}' } }
    local task, err = bot:wait_task{ openid = "o", task_id = "t",
      max_attempts = 4 }
    assert.is_nil(task)
    assert.equal(4, #transport.seen)
    assert.equal("limit", err.kind)
    assert.equal("max_attempts", err.code)
    assert.equal("running", err.result.state_name)
  end)

  it("survives queries that fail in passing", function()
    local down = { err = { kind = "transport", sent = false } }
    local transport, bot = scripted_bot{ down, down, down, down, down, down,
      { body = '{"code":0,"data":{"state":2}}' } }
    assert.equal("success", assert(bot:wait_task{ openid = "o",
      task_id = "t" }).state_name)
    assert.equal(7, #transport.seen)
  end)

  it("survives a platform that is busy, as one that is away", function()
    local busy = { body = '{"errcode":-1,"errmsg":"system busy"}' }
    local transport, bot = scripted_bot{ busy, busy, busy, busy,
      { body = '{"code":0,"data":{"state":2}}' } }
    assert.equal("success", assert(bot:wait_task{ openid = "o",
      task_id = "t" }).state_name)
    assert.equal(5, #transport.seen)
    transport, bot = scripted_bot{ busy }
    local _, err = bot:wait_task{ openid = "o", task_id = "t" }
    assert.equal(-1, err.code)
    assert.equal(9, #transport.seen)
  end)

  it("gives up when the platform stays away", function()
    local transport, bot = scripted_bot{
      { err = { kind = "transport", sent = false } } }
    local _, err = bot:wait_task{ openid = "o", task_id = "t" }
    assert.equal("transport", err.kind)
    assert.equal(9, #transport.seen)
  end)

  it("says what failed last when its time or its queries are over", function()
    local busy = { status = 502 }
    local running = { body = '{"code":0,"data":{"state":1}}' }
    for more, queries in pairs{ [{ timeout = 1 }] = 2,
      [{ max_attempts = 2 }] = 2 } do
      local transport, bot = scripted_bot{ running, busy }
      more.openid, more.task_id, more.interval = "o", "t", 0.5
      local task, err = bot:wait_task(more)
      assert.is_nil(task)
      assert.equal(502, err.status)
      assert.equal("unavailable", err.kind)
      assert.equal("running", err.result.state_name)
      assert.is_true(#transport.seen >= queries)
    end
  end)

  it("tells the state when a pause takes all of its time", function()
    local transport, bot = scripted_bot{
      { body = '{"code":0,"data":{"state":1}}' } }
    function transport:sleep()
      self.clock = self.clock + 1000
    end
    local _, err = bot:wait_task{ openid = "o", task_id = "t", timeout = 100 }
    assert.equal("wait", err.code)
    assert.matches("after 100 seconds: its state is running", tostring(err))
    assert.equal(1, #transport.seen)
  end)

  it("ends at once on a code of the platform", function()
    local transport, bot = scripted_bot{ { body = '{"errcode":1015}' } }
    local _, err = bot:wait_task{ openid = "o", task_id = "t" }
    assert.equal(1015, err.code)
    assert.equal(1, #transport.seen)
  end)

  it("returns the last known state with the error of a query", function()
    local box, bot = sandbox_and_bot()
    local id = box:add_task{}
    local _, err = bot:wait_task{ openid = "admin", task_id = id,
      on_progress = function()
        box:fail{ endpoint = "task_fetch", code = 1001 }
      end }
    assert.equal(1001, err.code)
    assert.equal("preparing", err.result.state_name)
  end)

  it("takes a state that it does not know for a failure", function()
    local _, bot = scripted_bot{ { body = '{"code":0,"data":{"state":9}}' } }
    local _, err = bot:wait_task{ openid = "o", task_id = "t" }
    assert.equal("unknown", err.code)
    assert.equal(9, err.result.state)
    assert.matches("a state that is not documented: 9", tostring(err))
  end)

  it("returns an error for numbers that are not above zero", function()
    local _, bot = scripted_bot{ {} }
    for _, name in ipairs{ "timeout", "interval", "max_interval",
      "max_attempts" } do
      local _, err = bot:wait_task{ openid = "o", task_id = "t", [name] = 0 }
      assert.matches(name .. " must be greater than 0", tostring(err))
    end
  end)

  it("raises when the transport cannot sleep", function()
    local transport, bot = scripted_bot{ {} }
    transport.sleep = nil
    local ok, message = pcall(function()
      bot:wait_task{ openid = "o", task_id = "t" }
    end)
    assert.is_false(ok)
    assert.matches("^spec/client/wait_spec.lua:%d+: wait_task: the transport has "
      .. "no sleep", message)
  end)
end)

describe("bot:wait_publication", function()
  it("follows a publication until its article URL", function()
    local box, bot = sandbox_and_bot()
    local id = box:add_publication{ duration = 10,
      articles = { "https://mp.weixin.qq.com/s/x" } }
    local publication = assert(bot:wait_publication{ publish_id = id })
    assert.equal("success", publication.publish_status_name)
    assert.equal("https://mp.weixin.qq.com/s/x",
      publication.article_detail.item[1].article_url)
  end)

  for status, name in pairs{ [2] = "originality failure", [3] = "failure",
    [4] = "platform refused", [5] = "deleted", [6] = "banned" } do
    it("ends with an error on " .. name, function()
      local box, bot = sandbox_and_bot()
      local id = box:add_publication{ publish_status = status,
        fail_idx = { 1 } }
      local publication, err = bot:wait_publication{ publish_id = id }
      assert.is_nil(publication)
      assert.matches("ended with " .. name, tostring(err))
      assert.equal(status, err.result.publish_status)
    end)
  end

  it("goes on after a minute with too many calls", function()
    local fast = { body = '{"errcode":45011,"errmsg":"reach minute limit"}' }
    local transport, bot = scripted_bot{ { body = '{"publish_status":1}' },
      fast, { body = '{"publish_id":"1","publish_status":0}' } }
    assert(bot:wait_publication{ publish_id = "1" })
    assert.equal(3, #transport.seen)
    transport, bot = scripted_bot{ fast }
    local _, err = bot:wait_publication{ publish_id = "1" }
    assert.equal(45011, err.code)
    assert.equal(3, #transport.seen)
  end)

  it("ends when the quota of the day is used up", function()
    local transport, bot = scripted_bot{ { body = '{"publish_status":1}' },
      { body = '{"errcode":45009,"errmsg":"reach max api daily quota"}' } }
    local _, err = bot:wait_publication{ publish_id = "1" }
    assert.equal(45009, err.code)
    assert.equal(2, #transport.seen)
  end)

  it("asks no more than fifty times unless told otherwise", function()
    local transport, bot = scripted_bot{ { body = '{"publish_status":1}' } }
    local _, err = bot:wait_publication{ publish_id = "1", timeout = 1e6 }
    assert.equal("max_attempts", err.code)
    assert.equal(50, #transport.seen)
  end)
end)
