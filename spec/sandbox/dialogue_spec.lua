-- Without this the sandbox answers questions otherwise than the platform does.
local cjson = require "cjson"
local dialogue = require "wxbot.sandbox.dialogue"
local helper = require "spec.helper"
local skills = require "wxbot.sandbox.skills"

local function first()
  return 1
end

local function talk(source, options)
  options = options or {}
  options.random = options.random or first
  return dialogue.new(assert(skills.load(source or "spec/dialogue/skills.json")), options)
end

local function ask(d, query, more)
  local fields = { userid = "u", query = query, env = "online" }
  for name, value in pairs(more or {}) do
    fields[name] = value
  end
  return d:answer(fields)
end

local function titles(options)
  local list = {}
  for i, option in ipairs(options) do
    list[i] = option.title
  end
  return list
end

-- One skill of intents given as title = fields; bot as given.
local function bot_of(bot, intents)
  return { bot = bot, skills = { { name = "s", intents = intents } } }
end

describe("sandbox.dialogue", function()
  describe("tiers", function()
    it("answers a hit", function()
      local d = talk()
      local reply = ask(d, "怎么修改密码？")
      assert.is_true(reply.ans_node_id > 0)
      reply.ans_node_id = nil
      assert.same({
        status = "FAQ", title = "怎么修改密码", answer = "在设置-账号安全里可以修改密码。",
        confidence = 1, ans_node_name = "账号", is_default_answer = false,
      }, reply)
    end)

    it("recommends with options, best first", function()
      local reply = ask(talk(), "账号")
      assert.equal("FAQ_RECOMMEND", reply.status)
      assert.is_true(#reply.options >= 2 and #reply.options <= 5)
      for i, option in ipairs(reply.options) do
        assert.equal("账号", option.ans_node_name)
        assert.is_string(option.answer)
        assert.is_true(i == 1 or option.confidence <= reply.options[i - 1].confidence)
      end
      assert.equal(reply.options[1].title, reply.title)
      assert.equal(reply.options[1].answer, reply.answer)
      assert.equal(reply.options[1].confidence, reply.confidence)
      assert.is_false(reply.is_default_answer)
    end)

    it("offers no more than five options and each intent once", function()
      local intents = {}
      for i = 1, 9 do
        intents[i] = {
          title = "第" .. i .. "种密码", questions = { "密码第" .. i .. "号" }, answers = { "a" },
        }
      end
      local reply = ask(talk(bot_of({ recommend_threshold = 0.1 }, intents)), "密码")
      assert.equal(5, #reply.options)
      local seen = {}
      for _, title in ipairs(titles(reply.options)) do
        assert.is_nil(seen[title])
        seen[title] = true
      end
    end)

    it("misses with the default answer", function()
      assert.same({
        status = "NOMATCH", title = "", answer = "抱歉，我还不会回答这个问题。", confidence = 0,
        ans_node_name = "", ans_node_id = 0, is_default_answer = true,
      }, ask(talk(), "今天天气怎么样"))
    end)

    it("tells general chat from other answers", function()
      assert.equal("GENERAL_FAQ", ask(talk(), "你好！").status)
    end)

    it("answers nothing to nothing", function()
      for _, query in ipairs{ "", " ", "？", "😀", "\255\0" } do
        assert.equal("NOMATCH", ask(talk(), query).status)
      end
    end)
  end)

  describe("thresholds", function()
    local intents = { { title = "怎么修改密码", answers = { "a" } } }

    it("must be exceeded, not met", function()
      assert.equal("FAQ_RECOMMEND", ask(talk(bot_of({ threshold = 1 }, intents)), "怎么修改密码").status)
    end)

    it("must be exceeded for a recommendation, too", function()
      local bot = { threshold = 1, recommend_threshold = 1 }
      assert.equal("NOMATCH", ask(talk(bot_of(bot, intents)), "怎么修改密码").status)
    end)

    it("of an intent count instead of the bot's", function()
      local own = {
        { title = "怎么修改密码", threshold = 0.2, answers = { "a" } },
        { title = "怎么修改地址", answers = { "a" } },
      }
      local d = talk(bot_of({}, own))
      assert.equal("FAQ", ask(d, "密码").status)
      assert.equal("FAQ_RECOMMEND", ask(d, "地址").status)
    end)

    it("let a lower hit win over a better one that misses its own", function()
      local own = {
        { title = "修改密码", threshold = 1, answers = { "a" } },
        { title = "怎么修改密码", answers = { "b" } },
      }
      assert.equal("怎么修改密码", ask(talk(bot_of({ threshold = 0.5 }, own)), "修改密码").title)
    end)
  end)

  describe("conversation", function()
    it("reaches what follows only after what is followed", function()
      local d = talk()
      assert.equal("NOMATCH", ask(d, "再玩一次").status)
      assert.equal("FAQ", ask(d, "开始猜拳").status)
      local reply = ask(d, "石头")
      assert.equal("CONTEXT_FAQ", reply.status)
      assert.equal("我出石头", reply.title)
    end)

    it("goes on through what follows the same intent", function()
      local d = talk()
      ask(d, "开始猜拳")
      ask(d, "石头")
      assert.equal("CONTEXT_FAQ", ask(d, "再来一局").status)
      assert.equal("CONTEXT_FAQ", ask(d, "我出石头").status)
    end)

    it("outlives a miss and a recommendation", function()
      local d = talk()
      ask(d, "开始猜拳")
      assert.equal("NOMATCH", ask(d, "今天天气怎么样").status)
      assert.equal("FAQ_RECOMMEND", ask(d, "春节活动").status)
      assert.equal("CONTEXT_FAQ", ask(d, "石头").status)
    end)

    it("ends with a hit elsewhere", function()
      local d = talk()
      ask(d, "开始猜拳")
      ask(d, "你好")
      assert.not_equal("CONTEXT_FAQ", ask(d, "我出石头").status)
    end)

    it("is each user's own", function()
      local d = talk()
      ask(d, "开始猜拳", { userid = "a" })
      assert.not_equal("CONTEXT_FAQ", ask(d, "我出石头", { userid = "b" }).status)
      assert.equal("CONTEXT_FAQ", ask(d, "我出石头", { userid = "a" }).status)
    end)

    it("can be forgotten", function()
      local d = talk()
      ask(d, "开始猜拳")
      d:forget("u")
      assert.not_equal("CONTEXT_FAQ", ask(d, "我出石头").status)
    end)

    it("goes down a chain, a step at a time", function()
      local d = talk(bot_of({}, {
        { title = "甲", answers = { "a" } },
        { title = "乙", follows = "甲", answers = { "b" } },
        { title = "丙", follows = "乙", answers = { "c" } },
      }))
      ask(d, "甲")
      assert.equal("NOMATCH", ask(d, "丙").status)
      assert.equal("CONTEXT_FAQ", ask(d, "乙").status)
      assert.equal("CONTEXT_FAQ", ask(d, "丙").status)
    end)

    it("prefers what continues to what is alike elsewhere", function()
      local d = talk{ skills = {
        { name = "a", intents = { { title = "石头", answers = { "other" } } } },
        { name = "b", intents = {
          { title = "猜拳", answers = { "go" } },
          { title = "石头", follows = "猜拳", answers = { "game" } },
        } },
      } }
      assert.equal("other", ask(d, "石头").answer)
      ask(d, "猜拳")
      assert.equal("game", ask(d, "石头").answer)
    end)

    it("of the users longest silent is forgotten", function()
      local d = talk(nil, { max_users = 4 })
      for _, userid in ipairs{ "a", "b", "c" } do
        ask(d, "开始猜拳", { userid = userid })
      end
      -- "a" speaks again, so it is among the young when others come.
      assert.equal("CONTEXT_FAQ", ask(d, "我出石头", { userid = "a" }).status)
      ask(d, "开始猜拳", { userid = "d" })
      assert.equal("CONTEXT_FAQ", ask(d, "我出石头", { userid = "a" }).status)
      assert.not_equal("CONTEXT_FAQ", ask(d, "我出石头", { userid = "b" }).status)
    end)

    it("never remembers more users than it may", function()
      local d = talk(nil, { max_users = 10 })
      for i = 1, 100 do
        ask(d, "开始猜拳", { userid = "u" .. i })
        assert.is_true(d.contexts.users.count <= 10)
        assert.is_true(d.contexts.users.count >= math.min(i, 5))
      end
    end)
  end)

  describe("what is not for everybody", function()
    it("is unpublished skills, but for env debug", function()
      assert.equal("NOMATCH", ask(talk(), "新地图在哪里").status)
      assert.equal("FAQ", ask(talk(), "新地图在哪里", { env = "debug" }).status)
    end)

    it("is a disabled intent, in debug as well", function()
      assert.equal("NOMATCH", ask(talk(), "旧活动规则").status)
      assert.equal("NOMATCH", ask(talk(), "旧活动规则", { env = "debug" }).status)
    end)
  end)

  describe("skill filters", function()
    local function filter(one, two)
      return { first_priority_skills = one, second_priority_skills = two }
    end

    it("restrict to the first skills", function()
      local d = talk()
      assert.equal("FAQ", ask(d, "怎么修改密码", filter{ "账号" }).status)
      assert.equal("NOMATCH", ask(d, "怎么修改密码", filter{ "活动" }).status)
    end)

    it("fall back on the second ones", function()
      local reply = ask(talk(), "怎么修改密码", filter({ "活动" }, { "账号" }))
      assert.equal("怎么修改密码", reply.title)
      assert.equal("FAQ", reply.status)
    end)

    it("prefer a hit in the first to a better one in the second", function()
      local d = talk{ skills = {
        { name = "a", intents = { { title = "如何更改密码", answers = { "a" } } } },
        { name = "b", intents = { { title = "怎么修改密码", answers = { "b" } } } },
      } }
      assert.equal("a", ask(d, "怎么修改密码", filter({ "a" }, { "b" })).answer)
    end)

    it("restrict to the second ones when only these are given", function()
      local d = talk()
      assert.equal("FAQ", ask(d, "怎么修改密码", filter(nil, { "账号" })).status)
      assert.equal("NOMATCH", ask(d, "怎么修改密码", filter(nil, { "活动" })).status)
    end)

    it("recommend from both, the first ones first", function()
      local d = talk{ skills = {
        { name = "a", intents = { { title = "怎么修改登录密码", answers = { "a" } } } },
        { name = "b", intents = { { title = "怎么修改密码", answers = { "b" } } } },
      } }
      local reply = ask(d, "修改密码", filter({ "a" }, { "b" }))
      assert.equal("FAQ_RECOMMEND", reply.status)
      assert.same({ "怎么修改登录密码", "怎么修改密码" }, titles(reply.options))
      reply = ask(d, "修改密码", filter({ "a", "b" }, { "b" }))
      assert.same({ "怎么修改密码", "怎么修改登录密码" }, titles(reply.options))
    end)

    it("leave out general chat unless it is named", function()
      local d = talk()
      assert.equal("NOMATCH", ask(d, "你好", filter{ "账号" }).status)
      assert.equal("GENERAL_FAQ", ask(d, "你好", filter{ "账号", "闲聊" }).status)
    end)

    it("match nothing by a name that no skill has", function()
      assert.equal("NOMATCH", ask(talk(), "怎么修改密码", filter{ "没有" }).status)
    end)

    it("are none when empty", function()
      assert.equal("FAQ", ask(talk(), "怎么修改密码", filter({}, {})).status)
    end)

    it("do not open what is unpublished", function()
      assert.equal("NOMATCH", ask(talk(), "新地图在哪里", filter{ "新版本" }).status)
    end)
  end)

  it("picks one of the answers by the random it is given", function()
    local n
    local d = talk(nil, { random = function(count)
      n = count
      return count
    end })
    assert.equal("您好，很高兴为您服务。", ask(d, "你好").answer)
    assert.equal(2, n)
  end)

  it("works with the skills of its own and the random of Lua", function()
    local d = dialogue.new(skills.load(require "wxbot.sandbox.default_skills"))
    assert.equal("GENERAL_FAQ", ask(d, "你好").status)
    assert.equal("FAQ", ask(d, "如何修改密码").status)
  end)

  it("refuses what is no skillset", function()
    assert.has_error(function() dialogue.new{} end, "skillset must be what skills.load returns")
  end)

  describe("the tiers that a person expects", function()
    local tiers = {
      FAQ = "answer", GENERAL_FAQ = "answer", CONTEXT_FAQ = "answer",
      FAQ_RECOMMEND = "recommend", NOMATCH = "miss",
    }

    local function is_right(reply, case)
      if tiers[reply.status] ~= case.tier then
        return false
      elseif case.tier == "recommend" then
        for _, title in ipairs(titles(reply.options)) do
          if title == case.title then
            return true
          end
        end
        return false
      end
      return case.tier == "miss" or reply.title == case.title
    end

    local files = {
      { "skills.json", "queries.json" },
      { "skills.json", "more_queries.json" },
      { "shop_skills.json", "shop_queries.json" },
      { "town_skills.json", "town_queries.json" },
      { "service_skills.json", "service_queries.json" },
    }
    for _, pair in ipairs(files) do
      it("are given to 90 % of " .. pair[2], function()
        local cases = cjson.decode(helper.read("dialogue/" .. pair[2]))
        local wrong = {}
        for i, case in ipairs(cases) do
          local d = talk("spec/dialogue/" .. pair[1])
          if not is_right(ask(d, case.query, { userid = "u" .. i }), case) then
            wrong[#wrong + 1] = case.query
          end
        end
        assert.is_true(#wrong <= 0.1 * #cases, table.concat(wrong, " | "))
      end)
    end
  end)
end)
