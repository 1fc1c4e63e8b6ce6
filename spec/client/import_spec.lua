-- Without this a long import is cut wrongly into batches, or what failed is
-- lost.
local canary = require "spec.support.canary"
local json = require "wxbot.codec.json"
local scripted = require "spec.support.scripted"
local wxbot = require "wxbot"

local unpack = table.unpack or unpack

local SKILLS = { skills = { { name = "旧", intents = {
  { title = "营业时间是什么", answers = { "九点" } } } } } }

local function sandbox_and_bot()
  local box = assert(wxbot.sandbox{ skills = SKILLS })
  local options = box:credentials()
  local requests = 0
  options.transport = {
    request = function(_, request)
      if request.url:find("batchimportskill", 1, true) then
        requests = requests + 1
      end
      return box:handle(request)
    end,
    sleep = function(_, seconds) box:sleep(seconds) end,
    now = function() return box:now() end,
    time = function() return box:time() end,
  }
  return box, assert(wxbot.new(options)), function() return requests end
end

local function questions(n)
  local list = {}
  for i = 1, n do
    list[i] = { skillname = "新", title = "题目" .. i, answer = { "答" .. i } }
  end
  return list
end

local function answer_of(bot, query)
  return bot:ask{ userid = "u", query = query, env = "debug" }.answer
end

local function follow(bot, task_ids)
  for _, id in ipairs(task_ids) do
    assert(bot:wait_task{ openid = "admin", task_id = id })
  end
end

describe("bot:import", function()
  it("imports all of a list, a hundred in a request, and tells how far it is",
    function()
      local _, bot, requests = sandbox_and_bot()
      local told = {}
      local result = assert(bot:import{ managerid = "admin",
        skill = questions(250), on_progress = function(done, total)
          told[#told + 1] = done .. "/" .. total
        end })
      assert.equal(250, result.done)
      assert.equal(3, result.batches)
      assert.equal(3, requests())
      assert.same({ "100/250", "200/250", "250/250" }, told)
      follow(bot, result.task_ids)
      assert.equal("答1", answer_of(bot, "题目1"))
      assert.equal("答250", answer_of(bot, "题目250"))
    end)

  it("takes questions from an iterator", function()
    local _, bot, requests = sandbox_and_bot()
    local list, i = questions(25), 0
    local result = assert(bot:import{ managerid = "admin", batch = 10,
      skill = function()
        i = i + 1
        return list[i]
      end })
    assert.equal(25, result.done)
    assert.equal(3, requests())
  end)

  it("keeps requests small also when questions are large", function()
    local _, bot, requests = sandbox_and_bot()
    local list = questions(4)
    for _, row in ipairs(list) do
      row.answer = { ("x"):rep(100 * 1024) }
    end
    list[4].answer = { ("x"):rep(400 * 1024) }
    assert.equal(3, assert(bot:import{ managerid = "admin",
      skill = list }).batches)
    assert.equal(3, requests())
  end)

  it("replaces with its first request only", function()
    local _, bot = sandbox_and_bot()
    local result = assert(bot:import{ managerid = "admin", mode = "1",
      batch = 2, skill = questions(5) })
    follow(bot, result.task_ids)
    assert.equal(3, result.batches)
    for _, i in ipairs{ 1, 3, 5 } do
      assert.equal("答" .. i, answer_of(bot, "题目" .. i))
    end
    assert.equal("NOMATCH", bot:ask{ userid = "u", env = "debug",
      query = "营业时间是什么" }.status)
  end)

  it("says where it stopped, and what was on its way", function()
    local box, bot = sandbox_and_bot()
    box:fail{ endpoint = "task_fetch", code = 1015 }
    local result, err = bot:import{ managerid = "admin", batch = 2,
      skill = questions(5), on_progress = function(done)
        if done == 2 then
          box:fail{ endpoint = "batchimportskill", code = 1019 }
        end
      end }
    assert.is_nil(result)
    assert.equal(1019, err.code)
    assert.equal(2, err.done)
    assert.equal(3, err.next)
    assert.equal("题目3", err.batch[1].title)
    assert.equal(1, #err.task_ids)
    assert.matches("2 handed over, go on with number 3$", tostring(err))
  end)

  it("loses nothing that an iterator gave", function()
    for _, case in ipairs{ "request", "row" } do
      local box, bot = sandbox_and_bot()
      local list, i = questions(7), 0
      local function following()
        i = i + 1
        return list[i]
      end
      if case == "row" then
        list[4] = { skillname = "", title = "t", answer = { "a" } }
      end
      local _, err = bot:import{ managerid = "admin", batch = 2,
        skill = following, on_progress = function(done)
          if case == "request" and done == 2 then
            box:fail{ endpoint = "batchimportskill", code = 1019 }
          end
        end }
      local left = {}
      for _, row in ipairs(err.batch) do
        left[#left + 1] = row
      end
      for row in following do
        left[#left + 1] = row
      end
      assert.equal(case == "row" and 3 or 2, err.done)
      assert.same({ unpack(list, err.next) }, left)
    end
  end)

  it("tells of the request that replaces before it waits for its task",
    function()
      local _, bot = sandbox_and_bot()
      local told = {}
      assert(bot:import{ managerid = "admin", mode = "1", batch = 2,
        skill = questions(3), on_progress = function(done, _, task_ids)
          told[#told + 1] = done .. " with " .. #task_ids
        end })
      assert.same({ "0 with 1", "2 with 1", "3 with 2" }, told)
    end)

  it("does not add when the request that replaces has failed", function()
    local box, bot, requests = sandbox_and_bot()
    box:fail{ endpoint = "task_fetch", code = 1015 }
    local _, err = bot:import{ managerid = "admin", mode = "1", batch = 2,
      skill = questions(5) }
    assert.equal(1015, err.code)
    assert.equal(0, err.done)
    assert.equal(1, requests())
  end)

  it("imports what comes before a question that cannot be sent", function()
    local _, bot, requests = sandbox_and_bot()
    for message, row in pairs{
      ["skill%[4%]: title is missing"] = { skillname = "s",
        answer = { "a" } },
      ["skill%[4%]: expected a table, got number"] = 7,
      ["skill%[4%]%.answer%[1%] must not be empty"] = { skillname = "s",
        title = "t", answer = { "" } },
    } do
      local list, i, before = questions(3), 0, requests()
      list[4] = row
      local _, err = bot:import{ managerid = "admin", batch = 2,
        skill = function()
          i = i + 1
          return list[i]
        end }
      assert.matches(message, err.message)
      assert.equal(4, err.index)
      assert.equal(3, err.done)
      assert.equal(4, err.next)
      assert.equal(2, requests() - before)
    end
  end)

  it("is an error for nothing to import", function()
    local _, bot, requests = sandbox_and_bot()
    for _, skill in ipairs{ {}, function() end } do
      local _, err = bot:import{ managerid = "admin", skill = skill }
      assert.equal("invalid", err.kind)
      assert.equal("skill", err.field)
    end
    assert.equal(0, requests())
  end)

  it("raises for a wrong line of a list, and without sleep", function()
    local _, bot = sandbox_and_bot()
    local ok, message = pcall(function()
      bot:import{ managerid = "admin", skill = { { title = "t" } } }
    end)
    assert.is_false(ok)
    assert.matches("^spec/client/import_spec.lua:%d+: import: skill%[1%]", message)
    local sleepless = scripted.new{ {} }
    sleepless.sleep = nil
    bot = assert(wxbot.new{ appid = "A", token = canary.credentials.token, transport = sleepless })
    ok, message = pcall(bot.import, bot, { managerid = "admin",
      skill = questions(1) })
    assert.is_false(ok)
    assert.matches("import: the transport has no sleep", message)
  end)
end)

describe("v2:import", function()
  local function client_on(box)
    local options = box:credentials()
    options.access_token, options.transport = nil, box
    return assert(wxbot.v2(options))
  end

  local function rows(n)
    local list = {}
    for i = 1, n do
      list[i] = { skill = "新", intent = "题目" .. i, answers = { "答" .. i } }
    end
    return list
  end

  it("imports all of a list or an iterator, replacing only at first", function()
    local client = client_on(assert(wxbot.sandbox{ skills = SKILLS }))
    local list, i = rows(5), 0
    local result = assert(client:import{ mode = 1, batch = 2,
      data = function()
        i = i + 1
        return list[i]
      end })
    assert.equal(5, result.done)
    assert.equal(3, #result.task_ids)
    assert(client:wait_task{ task_id = result.task_ids[3] })
    for _, n in ipairs{ 1, 5 } do
      assert.equal("答" .. n, client:ask{ query = "题目" .. n,
        env = "debug" }.answer)
    end
    assert.equal("NOMATCH", client:ask{ env = "debug",
      query = "营业时间是什么" }.status)
  end)

  it("says where it stopped", function()
    local box = assert(wxbot.sandbox{ skills = SKILLS })
    local client = client_on(box)
    local _, err = client:import{ mode = 1, batch = 2, data = rows(5),
      on_progress = function(done)
        if done == 2 then
          box:fail{ endpoint = "v2_import_json", code = 110002 }
        end
      end }
    assert.equal(110002, err.code)
    assert.equal(2, err.done)
    assert.equal(3, err.next)
    assert.equal("题目3", err.batch[1].intent)
    assert.equal(1, #err.task_ids)
    assert.matches("2 handed over, go on with number 3 and without mode 1$",
      tostring(err))
  end)

  it("names the row that cannot be sent", function()
    local client = client_on(assert(wxbot.sandbox{}))
    local list = rows(2)
    list[2].intent = ""
    local _, err = client:import{ mode = 0, data = list }
    assert.equal("invalid", err.kind)
    assert.matches("data%[2%]%.intent must not be empty", err.message)
    _, err = client:import{ mode = 0, data = {} }
    assert.matches("data must not be empty", err.message)
  end)
end)

describe("bot:wait_bot_publish", function()
  it("follows until the bot is published", function()
    local _, bot = sandbox_and_bot()
    assert(bot:publish{ managerid = "admin" })
    local seen = {}
    local result = assert(bot:wait_bot_publish{ managerid = "admin",
      on_progress = function(answer)
        seen[#seen + 1] = answer.status_name
      end })
    assert.equal("success", result.status_name)
    assert.equal("publishing", seen[1])
  end)
end)

describe("bot:publications", function()
  local function published(n)
    local box = assert(wxbot.sandbox{})
    local options = box:credentials()
    options.transport = box
    for i = 1, n do
      box:add_publication{ duration = 0, article_id = "A" .. i }
    end
    return box, assert(wxbot.new(options))
  end

  it("goes through all pages", function()
    for _, n in ipairs{ 0, 1, 19, 20, 21, 45 } do
      local _, bot = published(n)
      local seen, count = {}, 0
      for item, err in bot:publications{ no_content = 1 } do
        assert.is_nil(err)
        assert.is_nil(seen[item.article_id])
        seen[item.article_id], count = true, count + 1
      end
      assert.equal(n, count)
    end
  end)

  it("begins where it is told, with pages of a given size", function()
    local _, bot = published(7)
    local ids = {}
    for item in bot:publications{ offset = 3, count = 3 } do
      ids[#ids + 1] = item.article_id
    end
    assert.same({ "A4", "A3", "A2", "A1" }, ids)
  end)

  it("says of what stood on a page with repaired texts that it may be one", function()
    local bot = assert(wxbot.new{ access_token = "ACCESS", transport = {
      now = function() return 0 end, request = function()
        return { status = 200, headers = {}, body = '{"total_count":1,"item":'
          .. '[{"article_id":"A","content":{"news_item":[{"title":"a\27"}]}}]}' }
      end } })
    local item = bot:publications{}()
    assert.equal("a\239\191\189", item.content.news_item[1].title)
    assert.is_true(item.repaired)
  end)

  it("gives a failure as false, err, and ends", function()
    local box, bot = published(5)
    local ids, failure = {}, nil
    for item, err in bot:publications{ count = 2 } do
      if item then
        ids[#ids + 1] = item.article_id
        if #ids == 2 then
          box:fail{ code = 48001 }
        end
      else
        failure = err
      end
    end
    assert.same({ "A5", "A4" }, ids)
    assert.equal(48001, failure.code)
  end)

  -- Publications of given sizes, in KiB, served whatever the count; the
  -- counts that were asked for, at which offset.
  local function sized(sizes)
    local asked = {}
    return asked, assert(wxbot.new{ access_token = canary.access_token,
      transport = { request = function(_, request)
        local params, item = json.decode(request.body), {}
        for i = params.offset + 1, math.min(#sizes,
            params.offset + params.count) do
          item[#item + 1] = ('{"article_id":"A%d","content":{"news_item":'
            .. '[{"content":"%s"}]}}'):format(i, ("x"):rep(sizes[i] * 1024))
        end
        asked[#asked + 1] = params.count .. "@" .. params.offset
        return { status = 200, headers = {}, body = ('{"total_count":%d,'
          .. '"item":[%s]}'):format(#sizes, table.concat(item, ",")) }
      end } })
  end

  local function all(bot, params)
    local ids, failure = {}, nil
    for item, err in bot:publications(params) do
      ids[#ids + 1] = item and tonumber(item.article_id:match("^A(%d+)$"))
        or nil
      failure = err
    end
    return ids, failure
  end

  local function numbers(from, to)
    local list = {}
    for i = from, to do
      list[#list + 1] = i
    end
    return list
  end

  it("takes smaller pages when one is too large, and loses none", function()
    for _, kib in ipairs{ 60, 3000, 9000 } do
      local _, bot = sized{ kib, kib, kib, kib, kib, kib, kib }
      local ids, err = all(bot)
      assert.is_nil(err)
      assert.same(numbers(1, 7), ids)
    end
  end)

  it("halves a page until it fits, and goes on with such", function()
    local asked, bot = sized{ 1, 1, 6000, 6000, 6000, 1, 1 }
    assert.same(numbers(1, 7), (all(bot, { count = 5 })))
    assert.same({ "5@0", "2@0", "2@2", "2@4", "2@6" }, asked)
  end)

  it("says which one is too large, and gives what is before it", function()
    local asked, bot = sized{ 1, 1, 17000, 1 }
    local ids, err = all(bot)
    assert.same({ 1, 2 }, ids)
    assert.equal("limit", err.kind)
    assert.equal(2, err.offset)
    assert.equal("freepublish_batchget", err.endpoint)
    assert.matches("the one at offset 2 is too large; behind it, go on with "
      .. "offset = 3$", tostring(err))
    assert.same({ "20@0", "10@0", "5@0", "2@0", "2@2", "1@2" }, asked)
    assert.same({ 4 }, (all(bot, { offset = 3 })))
  end)

  it("says where it stopped, whatever stopped it", function()
    local box, bot = published(5)
    local _, err = all(bot, { count = 2 })
    assert.is_nil(err)
    for item, why in bot:publications{ count = 2 } do
      err = why
      box:fail{ code = item and 48001 or 48004 }
    end
    assert.equal(48001, err.code)
    assert.equal(2, err.offset)
    assert.matches("go on with offset = 2$", tostring(err))
  end)

  it("reads pages of the sandbox that are larger than 1 MiB", function()
    local box, bot = published(0)
    for _ = 1, 3 do
      box:add_publication{ duration = 0,
        articles = { "https://mp.weixin.qq.com/s/" .. ("x"):rep(2 ^ 20) } }
    end
    local count = 0
    for item in bot:publications{} do
      count = count + #assert(item).content.news_item
    end
    assert.equal(3, count)
  end)

  it("ends with a page that is empty, whatever the total", function()
    local bot = assert(wxbot.new{ access_token = canary.access_token,
      transport = scripted.new{ { body = '{"total_count":9,"item":[]}' } } })
    for _ in bot:publications{} do
      error("there is nothing")
    end
  end)
end)
