-- Without this what is imported into the sandbox is not what it answers.
local wxbot = require "wxbot"

local NOW = 1800000000

local SKILLS = { skills = {
  { name = "旧技能", intents = {
    { title = "营业时间是什么", answers = { "九点" } },
    { title = "周末呢", answers = { "周末休息" }, follows = "营业时间是什么" },
  } },
  { name = "草稿", published = false, intents = {
    { title = "会员有什么好处", answers = { "打折" } },
  } },
} }

local function fixture(options)
  options = options or {}
  options.clock = function() return NOW end
  options.skills = options.skills or SKILLS
  local box = assert(wxbot.sandbox(options))
  local credentials = box:credentials()
  credentials.transport = box
  return box, assert(wxbot.new(credentials))
end

local function answer_of(bot, query, env)
  local reply = assert(bot:ask{ userid = "u", query = query, env = env })
  return reply.tier == "answer" and reply.answer or reply.tier
end

local ROW = { skillname = "新技能", title = "怎么退货",
  question = { "退货流程", "我想退货" }, answer = { "联系客服" } }

local function import(bot, params)
  local answer = assert(bot:batchimportskill(params))
  return assert(bot:wait_task{ openid = "admin", task_id = answer.task_id })
end

local function publish(bot)
  local answer = assert(bot:publish{ managerid = "admin" })
  assert(bot:wait_task{ openid = "admin", task_id = answer.task_id })
end

describe("an import into the sandbox", function()
  it("can be followed as a task, and tells what was imported", function()
    local _, bot = fixture()
    local task = import(bot, { managerid = "admin", skill = { ROW } })
    assert.equal("success", task.state_name)
    assert.equal("新技能", task.success_skill_info[1].name)
    assert.equal("怎么退货", task.success_skill_info[1].intents[1].name)
    assert.same({}, task.fail_skill_info)
  end)

  it("is seen in debug at the end of its task, by others once published",
    function()
      local _, bot = fixture()
      assert(bot:batchimportskill{ managerid = "admin", skill = { ROW } })
      assert.equal("miss", answer_of(bot, "退货流程", "debug"))
      import(bot, { managerid = "admin", skill = { ROW } })
      assert.equal("联系客服", answer_of(bot, "退货流程", "debug"))
      assert.equal("miss", answer_of(bot, "退货流程"))
      publish(bot)
      assert.equal("联系客服", answer_of(bot, "我想退货"))
    end)

  it("replaces an answer, which users see once it is published", function()
    local _, bot = fixture()
    import(bot, { managerid = "admin", skill = { { skillname = "旧技能",
      title = "营业时间是什么", answer = { "十点" } } } })
    assert.equal("九点", answer_of(bot, "营业时间是什么"))
    assert.equal("十点", answer_of(bot, "营业时间是什么", "debug"))
    assert.equal("周末休息", answer_of(bot, "周末呢", "debug"))
    publish(bot)
    assert.equal("十点", answer_of(bot, "营业时间是什么"))
    assert.equal("周末休息", answer_of(bot, "周末呢"))
  end)

  it("adds by default and with mode 1 replaces everything", function()
    local _, bot = fixture()
    import(bot, { managerid = "admin", mode = "0", skill = { ROW } })
    publish(bot)
    assert.equal("九点", answer_of(bot, "营业时间是什么"))
    import(bot, { managerid = "admin", mode = "1", skill = { ROW } })
    publish(bot)
    assert.equal("miss", answer_of(bot, "营业时间是什么"))
    assert.equal("联系客服", answer_of(bot, "怎么退货"))
  end)

  it("of one question is setautoreply", function()
    local _, bot = fixture()
    local answer = assert(bot:setautoreply{ managerid = "admin",
      skillname = "新技能", title = "怎么退货", content = "联系客服",
      list = { "退货流程" } })
    assert(bot:wait_task{ openid = "admin", task_id = answer.task_id })
    assert.equal("联系客服", answer_of(bot, "退货流程", "debug"))
  end)

  it("names the lines that cannot be imported", function()
    local box, bot = fixture()
    local crypt = wxbot.msgcrypt(box:credentials().aes_key,
      box:credentials().appid)
    local function post(rows)
      return box:handle{ url = "/openapi/batchimportskill/"
        .. box:credentials().token,
        headers = { ["content-type"] = "application/json" },
        body = '{"encrypt":"' .. crypt:encrypt("<xml><managerid>admin"
          .. "</managerid>" .. rows .. "</xml>") .. '"}' }.body
        :match('"task_id":"([^"]+)"')
    end
    local bad = "<skill><skillname>s</skillname><title>t</title></skill>"
    local task = assert(bot:wait_task{ openid = "admin", task_id = post(bad
      .. "<skill><skillname>s</skillname><title>u</title>"
      .. "<answer>a</answer></skill>") })
    assert.same({ { skillname = "s", title = "t",
      msg = "answer must not be empty" } }, task.fail_skill_info)
    assert.equal(1, #task.success_skill_info[1].intents)
    local _, err = bot:wait_task{ openid = "admin", task_id = post(bad) }
    assert.equal("failure", err.code)
    assert.equal("t", err.result.fail_skill_info[1].title)
    _, err = bot:wait_task{ openid = "admin", task_id = post("") }
    assert.equal("failure", err.code)
  end)

  -- How many lines of the sandbox's imports run, for so many questions.
  local function lines_run(count, skills)
    local _, bot = fixture()
    local rows, lines = {}, 0
    for i = 1, count do
      rows[i] = { skillname = "s" .. i % skills, title = "q" .. i,
        answer = { "a" } }
    end
    if jit then -- no hook is called in what was compiled before either
      jit.off()
      jit.flush()
    end
    debug.sethook(function()
      local source = debug.getinfo(2, "S").source
      lines = lines + (source:find("sandbox/content.lua", 1, true) and 1 or 0)
    end, "l")
    local ok, raised = pcall(import, bot, { managerid = "admin",
      skill = rows })
    debug.sethook()
    if jit then
      jit.on()
    end
    assert(ok, raised)
    return lines
  end

  for _, mode in ipairs{ "0", "1" } do
    it("takes no more memory when repeated without end, mode " .. mode,
      function()
        local box, bot = fixture()
        local rows = {}
        for i = 1, 300 do
          rows[i] = { skillname = "s", title = "怎么退第" .. i .. "件商品",
            question = { "第" .. i .. "件商品的退货流程" },
            answer = { "答" .. i } }
        end
        local function kilobytes_after(times)
          for _ = 1, times do
            assert(bot:batchimportskill{ managerid = "admin", mode = mode,
              skill = rows })
            box:sleep(60)
          end
          assert.equal("答77", answer_of(bot, "请问第77件商品怎么退",
            "debug"))
          assert.equal("九点", answer_of(bot, "营业时间是什么"))
          collectgarbage()
          collectgarbage()
          return collectgarbage("count")
        end
        local before = kilobytes_after(5)
        -- It grows for 20 imports, then drops what is of no use any more.
        assert.is_true(kilobytes_after(20) < before + 2048)
        publish(bot)
        assert.equal("答77", answer_of(bot, "请问第77件商品怎么退"))
      end)
  end

  it("does twice the work for twice the questions, in one skill or in many",
    function()
      for _, skills in ipairs{ 1, 1000 } do
        local once, twice = lines_run(150, skills), lines_run(300, skills)
        assert.is_true(once > 150)
        assert.is_true(twice < 2.5 * once,
          ("%d lines, then %d"):format(once, twice))
      end
    end)
end)

describe("an import of v2 into the sandbox", function()
  local function v2_on(box)
    local options = box:credentials()
    options.access_token, options.transport = nil, box
    return assert(wxbot.v2(options))
  end

  local function import_v2(v2, data)
    local task = assert(v2:import_json{ mode = 0, data = data })
    return v2:wait_task{ task_id = task.task_id }
  end

  it("renames a question", function()
    local v2 = v2_on(fixture())
    assert(import_v2(v2, { { skill = "旧技能", old_intent = "营业时间是什么",
      intent = "几点开门", answers = { "八点" } } }))
    assert.equal("八点", v2:ask{ query = "几点开门", env = "debug" }.answer)
    assert.not_equal("九点", v2:ask{ query = "营业时间是什么",
      env = "debug" }.answer)
  end)

  it("names 5000 failures and counts all, blanks being no answer", function()
    local rows = { { skill = "s", intent = "good", answers = { "a" } } }
    for i = 1, 5001 do
      rows[i + 1] = { skill = "s", intent = "q" .. i, answers = { " \n" } }
    end
    local task = assert(import_v2(v2_on(fixture()), rows))
    assert.equal(5000, #task.fail_skill_info)
    assert.equal(5001, task.fail_count)
    assert.equal(1, task.success_count)
    assert.equal(5002, task.total_count)
  end)
end)

describe("publishing the sandbox's bot", function()
  it("shows users what was not published", function()
    local _, bot = fixture()
    assert.equal("miss", answer_of(bot, "会员有什么好处"))
    publish(bot)
    assert.equal("打折", answer_of(bot, "会员有什么好处"))
  end)

  it("is followed by publish_progress, with numbers of its own", function()
    local box, bot = fixture()
    assert(bot:publish{ managerid = "admin" })
    assert.same({ progress = 0, status = 3, status_name = "publishing" },
      bot:publish_progress{ managerid = "admin" })
    box:sleep(2)
    assert.equal(40, bot:publish_progress{ managerid = "admin" }.progress)
    assert.equal("miss", answer_of(bot, "会员有什么好处"))
    box:sleep(3)
    assert.same({ progress = 100, status = 1, status_name = "success" },
      bot:publish_progress{ managerid = "admin" })
    assert.equal("打折", answer_of(bot, "会员有什么好处"))
  end)

  it("comes after an import that was asked for before", function()
    local _, bot = fixture()
    for _ = 1, 3 do
      assert(bot:batchimportskill{ managerid = "admin", skill = { ROW } })
    end
    publish(bot)
    assert.equal("联系客服", answer_of(bot, "怎么退货"))
  end)
end)

describe("an administrator's call", function()
  local calls = {
    batchimportskill = { skill = { ROW } },
    setautoreply = { skillname = "s", title = "t", content = "c" },
    publish = {}, publish_progress = {},
  }
  for name, params in pairs(calls) do
    it("is refused to others: " .. name, function()
      local _, bot = fixture()
      params.managerid = "stranger"
      local _, err = bot[name](bot, params)
      assert.equal(1015, err.code)
    end)
  end
end)

describe("what batchimportskill is given", function()
  local _, bot = fixture()
  local function given(row)
    return pcall(bot.batchimportskill, bot, { managerid = "admin",
      skill = { ROW, row } })
  end

  it("raises when a name or a type in a line is wrong", function()
    for message, row in pairs{
      ["skill%[2%]: title is missing"] = { skillname = "s", answer = { "a" } },
      ["skill%[2%]: unknown name answers"] = { skillname = "s", title = "t",
        answers = { "a" } },
      ["skill%[2%]: answer must be a list of strings"] = { skillname = "s",
        title = "t", answer = "a" },
      ["skill%[2%]: answer%[1%] must be a string"] = { skillname = "s",
        title = "t", answer = { 1 } },
    } do
      local ok, raised = given(row)
      assert.is_false(ok)
      assert.matches("batchimportskill: " .. message, raised)
    end
  end)

  it("is an error when a text in a line cannot be sent", function()
    for message, row in pairs{
      ["skill[2].title must not be empty"] = { skillname = "s", title = "",
        answer = { "a" } },
      ["skill[2].answer must not be empty"] = { skillname = "s", title = "t",
        answer = {} },
      ["skill[2].answer[1] is not valid UTF-8"] = { skillname = "s",
        title = "t", answer = { "\255" } },
    } do
      local _, result, err = given(row)
      assert.is_nil(result)
      assert.equal(message, err.message)
      assert.equal(2, err.index)
      assert.is_false(err.sent)
    end
  end)
end)
