-- Without this the commands do with --v2 something else than without.
--
-- Version 2 of the interfaces: the same commands, with --v2.
-- #once
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local start = require "spec.server.start"

local CSV = "skill,question,similar,answer\n"
  .. "店,营业到几点,几点关门|几点下班,晚上九点\n"

-- A threshold, and one that is switched off: v1 has no place for either.
local SKILLS = [[ { "skills": [ { "name": "店", "intents": [
  { "title": "营业到几点", "questions": ["几点关门"], "answers": ["晚上九点"],
    "threshold": 0.4 },
  { "title": "有没有停车场", "answers": ["没有"], "disabled": true } ] } ] } ]]

local function sandbox(args)
  table.insert(args, 1, "--v2")
  return run.sandbox(args)
end

describe("wxbot --v2", function()
  after_each(run.clean)

  it("asks", function()
    local result = sandbox{ "ask", "怎么修改密码" }
    assert.same({ status = 0, err = "",
      out = "在设置-账号安全里可以修改密码。\n" }, result)
    local answer = json.decode(sandbox{ "ask", "怎么修改密码", "--json",
      "--username", "n", "--avatar", "https://example.com/a.png" }.out)
    assert.equal("FAQ", answer.status)
    assert.equal("answer", answer.tier)
    assert.same({}, answer.options)
  end)

  it("chats, and the number of a recommendation asks it", function()
    local result = sandbox{ "chat", input = "你好\n怎么修改密码\n" }
    assert.equal(0, result.status, result.err)
    assert.truthy(result.out:find("\n在设置-账号安全里可以修改密码。\n", 1, true))
  end)

  it("imports, publishes, and says how far that is", function()
    local result = sandbox{ "import", "-", "--wait", "--publish", input = CSV }
    assert.equal(0, result.status, result.err)
    assert.equal("1 imported\npublished\n", result.out)
    assert.truthy(result.err:find("\ntask %w+: success 100 %%\n"))
    assert.truthy(result.err:find("\npublishing: success 100 %\n", 1, true))
  end)

  it("shows failed rows by skill and question, and publishes nothing",
    function()
      local result = sandbox{ "import", "-", "--publish",
        input = '[{"skill":"店","intent":"营业到几点","answers":" "}]' }
      assert.equal(1, result.status)
      assert.truthy(result.err:find("wxbot: failed: 店 / 营业到几点: "
        .. "answer must not be empty\n", 1, true), result.err)
      assert.truthy(result.err:find("; nothing is published; "
        .. "mend what failed and import it again\n$"), result.err)
    end)

  it("imports what v1 has no place for", function()
    local result = sandbox{ "import", "-", "--wait", input = SKILLS }
    assert.equal("2 imported\n", result.out)
    assert.falsy(result.err:find("wxbot:", 1, true), result.err)
    result = run.sandbox{ "import", "-", "--wait", input = SKILLS }
    assert.equal("1 imported\n", result.out)
    assert.truthy(result.err:find("1 disabled intents are left out", 1, true))
  end)

  it("follows a task", function()
    local result = sandbox{ "task", "--task-id", "demo-import", "--wait" }
    assert.equal(0, result.status, result.err)
    assert.truthy(result.out:find("^state: success 100 %%\n"))
    result = sandbox{ "task", "--task-id", "demo-failure", "--wait" }
    assert.equal(1, result.status)
    assert.truthy(result.out:find("\nfailed: demo: an intent has no answer\n",
      1, true))
  end)

  it("publishes the bot", function()
    assert.truthy(sandbox{ "bot", "publish" }.out:find("^task: %w+\n$"))
    assert.same({ progress = 100, status = 1, status_name = "success" },
      (function()
        local answer = json.decode(sandbox{ "bot", "publish", "--wait",
          "--json" }.out)
        return { progress = answer.progress, status = answer.status,
          status_name = answer.status_name }
      end)())
    assert.equal("success 100 %\n", sandbox{ "bot", "progress" }.out)
  end)

  it("says that somebody is no administrator, and what to look at", function()
    local result = sandbox{ "bot", "progress", "--managerid", "x" }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("210202", 1, true), result.err)
    assert.truthy(result.err:find("WXBOT_MANAGERID", 1, true))
  end)

  it("takes the administrator from an option", function()
    for _, args in ipairs{
      { "import", "-", "--managerid", "admin", input = CSV },
      { "task", "--task-id", "demo-import", "--openid", "admin" },
      { "task", "--task-id", "demo-import", "--openid", "admin", "--wait" },
      { "bot", "publish", "--managerid", "admin", "--wait" },
      { "bot", "progress", "--managerid", "admin" },
    } do
      local result = sandbox(args)
      assert.equal(0, result.status, result.err)
    end
    local result = sandbox{ "import", "-", "--managerid", "x", input = CSV }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("v2_token: 210202", 1, true), result.err)
  end)

  -- A task counts what failed also where it does not tell what that was.
  it("counts failed rows that have no name", function()
    local result = sandbox{ "import", "-", "--publish", input = CSV,
      before = [[
        package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
        local content = "wxbot.sandbox.answer.v2_fetch"
        local answer = require(content)
        package.loaded[content] = function(...)
          local answered = answer(...)
          answered.data.fail_count = 3
          return answered
        end
      ]] }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("\nwxbot: 3 of what was imported failed\n",
      1, true), result.err)
    assert.truthy(result.err:find("; nothing is published; mend ", 1, true),
      result.err)
  end)

  it("needs no administrator, but appid, token and key", function()
    local result = run.run{ "--v2", "ask", "hi", env = { WXBOT_TOKEN = "t" } }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("credentials are missing: appid, aes_key\n",
      1, true), result.err)
  end)

  it("is refused where there is no v2", function()
    local result = sandbox{ "sign", "--userid", "u" }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("wxbot: --v2 has no sign\n", 1, true))
  end)
end)

-- What serve tells to export, as the variables of a command.
local function served()
  local server = start.run(start.LUA .. " bin/wxbot serve --port 0")
  local url = server:expect("^url: (.*)$")
  local env = {}
  for line in function() return server:line() end do
    local name, value = line:match("^export ([%w_]+)=(.*)$")
    if name then
      env[name] = value
    elseif line:find("^stop:") then
      break
    end
  end
  return function(...)
    return run.run{ "--base-url", url, env = env, ... }
  end, function(...)
    return run.start{ "--base-url", url, env = env, ... }
  end
end

describe("from nothing to an answer", function()
  after_each(function()
    start.stop_all()
    run.clean()
  end)

  -- Version 1: with CSV in serve_spec, with JSON in the page about the emulator.
  for how, case in pairs{ ["CSV, v2"] = { CSV, "--v2" },
                          ["JSON, v2"] = { SKILLS, "--v2" } } do
    it("takes an import and a question: " .. how, function()
      local wxbot, flag = served(), case[2]
      local before = wxbot(flag, "ask", "几点关门")
      assert.equal(0, before.status, before.err)
      assert.falsy(before.out:find("晚上九点", 1, true))
      local result = wxbot(flag, "import", run.file(case[1]), "--publish",
        "--wait")
      assert.equal(0, result.status, result.err)
      assert.truthy(result.out:find("published", 1, true))
      local answer = wxbot(flag, "ask", "几点关门")
      assert.equal(0, answer.status, answer.err)
      assert.truthy(answer.out:find("晚上九点", 1, true))
    end)
  end

  it("goes on after ^C where it stopped, and nothing is lost", function()
    local wxbot, begin = served()
    local rows = { "skill,question,answer" }
    for i = 1, 3000 do
      rows[i + 1] = ("店,编号%d是什么,货物%d"):format(i, i)
    end
    local path = run.file(table.concat(rows, "\n"))
    local function import(...)
      return "--v2", "import", path, "--batch", "1", "--format", "csv", ...
    end
    local child = begin(import())
    run.wait_for(function()
      return run.read(child.err):find("300 of 3000 handed over", 1, true)
    end, "a tenth")
    child:interrupt()
    local stopped = child:wait()
    assert.equal(130, stopped.status, stopped.err)
    local done, skip = stopped.err:match("interrupted: (%d+) of 3000 questions "
      .. "handed over, task %w+, %w+, %w+ and %d+ more\n"
      .. "wxbot: go on with %-%-skip (%d+)\n$")
    assert.equal(done, skip, stopped.err)
    local result = wxbot("--v2", "import", path, "--format", "csv", "--skip",
      skip, "--wait")
    assert.equal(0, result.status, result.err)
    for _, i in ipairs{ 1, tonumber(skip), tonumber(skip) + 1, 3000 } do
      assert.equal(("货物%d\n"):format(i), wxbot("--v2", "ask", "--env",
        "debug", ("编号%d是什么"):format(i)).out)
    end
  end)
end)
