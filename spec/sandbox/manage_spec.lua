-- Without this a test cannot make a sandbox what it needs, nor see what became
-- of it.
local wxbot = require "wxbot"

local NOW = 1800000000

local SKILLS = { skills = { { name = "店", intents = {
  { title = "几点关门", questions = { "什么时候下班" }, answers = { "九点" } },
  { title = "怎么退货", answers = { "联系客服" } },
} } } }

local function fixture(options)
  options = options or {}
  options.clock = options.clock or function() return NOW end
  options.skills = options.skills or SKILLS
  local box = assert(wxbot.sandbox(options))
  local given = box:credentials()
  given.transport = box
  return box, assert(wxbot.new(given))
end

local function answer_of(bot, query)
  local reply = assert(bot:ask{ userid = "u", query = query })
  return reply.tier == "answer" and reply.answer or reply.tier
end

describe("a sandbox that is reset", function()
  it("is as it was at the start, with the same skills", function()
    local box, bot = fixture()
    box:fail{ code = 1002, endpoint = "sign" }
    box:answer{ query = "怎么退货", answer = "别退" }
    box:chat{ userid = "u", query = "几点关门" }
    box:add_task{ task_id = "t" }
    box:add_publication{ publish_id = "p" }
    box:sleep(10)
    assert(bot:tag{ appid = "wx1", category = "c", label = "l", desc = "d",
      list = { "o" } })
    assert(bot:import{ managerid = "admin", skill = { { skillname = "店",
      title = "怎么退货", answer = { "新的" } } } })
    assert(bot:publish{ managerid = "admin" })
    box:sleep(60)
    assert.is_true(box:reset())
    for _, list in ipairs{ "faults", "answers", "tasks", "publications",
        "conversations" } do
      assert.same({}, box[list](box))
    end
    assert.same({ {}, {}, 0, NOW }, { box:messages "u", box:tags "o",
      (box:tagged()), box:time() })
    assert.equal("联系客服", answer_of(bot, "怎么退货"))
  end)
end)

describe("faults", function()
  it("wait in their order, until they are forgotten", function()
    local box, bot = fixture()
    box:fail{ endpoint = "aibot", code = 1002, times = 2 }
    box:fail{ endpoint = "sign", status = 503 }
    assert.is_nil(bot:ask{ userid = "u", query = "几点关门" })
    assert.same({ { endpoint = "aibot", code = 1002, times = 1 },
      { endpoint = "sign", status = 503, times = 1 } }, box:faults())
    box:faults()[1].times = 99
    assert.equal(1, box:faults()[1].times)
    assert.is_true(box:forget_faults())
    assert.equal("九点", answer_of(bot, "几点关门"))
  end)

  it("keep an answer back by the clock, or for longer than a caller waits",
    function()
      local box, bot = fixture()
      box:fail{ endpoint = "aibot", delay = 3 }
      assert.equal("九点", answer_of(bot, "几点关门"))
      assert.equal(NOW + 3, box:time())
      box:fail{ endpoint = "aibot", delay = 60 }
      local _, err = bot:ask{ userid = "u", query = "几点关门" }
      assert.equal("timeout", err.kind)
      assert.is_nil(err.sent)
      box:fail{ endpoint = "aibot", delay = 1, code = 1002 }
      local _, late = bot:ask{ userid = "u", query = "几点关门" }
      assert.equal(1002, late.code)
    end)

  it("cut the connection: nobody knows whether the call came", function()
    local box, bot = fixture()
    box:fail{ endpoint = "aibot", cut = true }
    local _, err = bot:ask{ userid = "u", query = "几点关门" }
    assert.equal("transport", err.kind)
    assert.is_nil(err.sent)
    assert.equal(1, err.attempts)
    -- What may be repeated is.
    box:add_task{ task_id = "t" }
    box:fail{ endpoint = "task_fetch", cut = true }
    assert(bot:task_fetch{ openid = "admin", task_id = "t" })
  end)
end)

describe("decided answers", function()
  it("go before all skills, for a query of any width and case", function()
    local box, bot = fixture()
    box:answer{ query = "几点关门", answer = "不关" }
    box:answer{ query = "VIP 吗", answer = "是" }
    assert.equal("不关", answer_of(bot, "几点关门？？"))
    assert.equal("是", answer_of(bot, "ｖｉｐ 吗"))
    assert.equal("九点", answer_of(bot, "什么时候下班"))
    box:answer{ query = "几点关门", answer = "三点" }
    assert.equal("三点", answer_of(bot, "几点关门"))
    assert.equal(2, #box:answers())
    box:forget_answers()
    assert.equal("九点", answer_of(bot, "几点关门"))
  end)

  it("are of the tier that was asked for", function()
    local box, bot = fixture()
    box:answer{ query = "a", tier = "miss" }
    box:answer{ query = "b", tier = "recommend", answer = "x",
      options = { { title = "t1", answer = "x", skill = "s" }, { title = "t2" } } }
    box:answer{ query = "c", answer = '{"news":{"articles":[{"title":"新闻",'
      .. '"description":"d","url":"https://a/b","picurl":"https://a/c"}]}}',
      title = "T", skill = "S", confidence = 0.8 }
    assert.equal("miss", answer_of(bot, "a"))
    local near = bot:ask{ userid = "u", query = "b" }
    assert.same({ "recommend", "t1", "t2" },
      { near.tier, near.options[1].title, near.options[2].title })
    local rich = bot:ask{ userid = "u", query = "c" }
    assert.same({ "T", "S", 0.8, "news" },
      { rich.title, rich.ans_node_name, rich.confidence, rich.rich[1].kind })
  end)

  it("say in chat that they are", function()
    local box = fixture()
    box:answer{ query = "a", answer = "b" }
    assert.is_true(box:chat{ userid = "u", query = "a" }.decided)
    assert.is_nil(box:chat{ userid = "u", query = "几点关门" }.decided)
  end)

  it("raise at the caller's line for what they cannot be", function()
    local box = fixture()
    for message, answer in pairs{
        ["tier must be answer, recommend or miss"] =
          { query = "a", tier = "b" },
        ["answer is missing"] = { query = "a" },
        ["query is missing"] = { answer = "a" } } do
      local ran, raised = pcall(function() box:answer(answer) end)
      assert.is_false(ran)
      assert.matches("^spec/sandbox/manage_spec%.lua:%d+: sandbox:answer: ",
        raised)
      assert.is_true(raised:find(message, 1, true) ~= nil, raised)
    end
  end)
end)

describe("chat", function()
  it("says which questions are most like it, and why", function()
    local box = fixture()
    local reply = box:chat{ userid = "u", query = "你们什么时候关门" }
    local first, second = reply.scores[1], reply.scores[2]
    assert.same({ "几点关门", "店", 0.75, "几点关门" },
      { first.title, first.skill, first.threshold, first.question })
    assert.same({ "什么时候", "关闭", "门" }, first.words)
    assert.matches('^has 什么时候, 关闭, 门 in common with "几点关门": ',
      first.why)
    assert.is_true(not second or second.score < first.score)
    local same = box:chat{ userid = "u", query = "什么时候下班？" }.scores[1]
    assert.equal('the same as "什么时候下班": above the threshold 0.75',
      same.why)
  end)

  it("keeps the newest users first", function()
    local box, bot = fixture()
    for _, userid in ipairs{ "a", "b", "c" } do
      box:chat{ userid = userid, query = "几点关门" }
    end
    assert(bot:sendmsg{ openid = "a", msg = "您好", channel = 7 })
    local users = box:conversations()
    assert.same({ "a", "c", "b" },
      { users[1].openid, users[2].openid, users[3].openid })
    assert.same({ 3, "agent" }, { users[1].count, users[1].last.from })
  end)
end)

describe("synonyms", function()
  local function bot_with(synonyms)
    local _, bot = fixture{ skills = { synonyms = synonyms,
      skills = SKILLS.skills } }
    return bot
  end

  it("count as the first word of their group", function()
    assert.equal("miss", answer_of(bot_with{}, "几点收摊"))
    local bot = bot_with{ { "关门", "打烊", "收摊" } }
    assert.equal("九点", answer_of(bot, "几点收摊"))
    assert.equal("九点", answer_of(bot, "几点打烊"))
    assert.equal("九点", answer_of(bot_with{ { "收摊", "关门" } }, "几点收摊"))
  end)

  it("are whole words, the longest that stands there", function()
    local _, bot = fixture{ skills = {
      synonyms = { { "无线网", "wifi", "WLAN" }, { "退货", "退", "退回去" } },
      skills = { { name = "s", intents = {
        { title = "有无线网吗", answers = { "有" } },
        { title = "怎么退货", answers = { "这样" } } } } } } }
    assert.equal("有", answer_of(bot, "有WiFi吗"))
    assert.equal("有", answer_of(bot, "有 wlan 吗"))
    assert.equal("miss", answer_of(bot, "wifix"))
    assert.equal("这样", answer_of(bot, "怎么退回去"))
    assert.equal("这样", answer_of(bot, "怎么退"))
  end)

  for message, synonyms in pairs{
      ["synonyms must be a list of lists of strings"] = { a = 1 },
      ["synonyms[1] must be a list of strings"] = { "a" },
      ["synonyms[2] must have two words or more"] = { { "a", "b" }, { "c" } },
      ["synonyms[1][2] must not be empty"] = { { "a", " " } },
      ["synonyms[2][2] stands twice"] = { { "a", "b" }, { "c", "a" } } } do
    it("are refused: " .. message, function()
      local _, err = wxbot.sandbox{ skills = { synonyms = synonyms,
        skills = {} } }
      assert.equal(message, err.message)
    end)
  end
end)

describe("other skills for a sandbox", function()
  local OTHER = { skills = { { name = "店", intents = {
    { title = "几点关门", answers = { "十点" } },
    { title = "有停车场吗", answers = { "有" } },
    { title = "周末呢", follows = "几点关门", answers = { "周末十一点" } },
  } } } }

  it("take the place of the old ones, but not of what was imported", function()
    local box, bot = fixture()
    assert(bot:import{ managerid = "admin", skill = { { skillname = "店",
      title = "怎么送货", answer = { "三天" } } } })
    box:sleep(10)
    assert(bot:publish{ managerid = "admin" })
    box:sleep(10)
    assert.equal("九点", answer_of(bot, "几点关门"))
    assert.is_true(box:load_skills(OTHER))
    assert.equal("周末十一点", answer_of(bot, "周末呢"))
    assert.equal("十点", answer_of(bot, "几点关门"))
    assert.equal("有", answer_of(bot, "有停车场吗"))
    assert.equal("三天", answer_of(bot, "怎么送货"))
    assert.equal("miss", answer_of(bot, "怎么退货"))
    box:reset()
    assert.equal("十点", answer_of(bot, "几点关门"))
    assert.equal("miss", answer_of(bot, "怎么送货"))
  end)

  it("with a fault leave the old ones", function()
    local box, bot = fixture()
    local done, err = box:load_skills{ skills = { { name = "a" } } }
    assert.is_nil(done)
    assert.equal("skills[1].intents is missing", err.message)
    assert.equal("九点", answer_of(bot, "几点关门"))
    assert.has_error(function() box:load_skills(1) end,
      "sandbox:load_skills: expected a path or a table, got number")
  end)
end)

describe("on_event", function()
  it("hears what is said and what has changed", function()
    local heard = {}
    local box, bot = fixture{ on_event = function(name, data)
      heard[#heard + 1] = name .. " " .. (data.part or data.msg or "")
    end }
    box:chat{ userid = "u", query = "几点关门" }
    assert(bot:sendmsg{ openid = "u", msg = "您好", channel = 7 })
    box:fail{ code = 1002 }
    box:sleep(1)
    box:reset()
    local said = {}
    for _, event in ipairs(heard) do
      if not event:find("^request") then
        said[#said + 1] = event
      end
    end
    assert.same({ "message 几点关门", "message 九点", "message 您好",
      "state faults", "state clock", "state reset" }, said)
  end)
end)
