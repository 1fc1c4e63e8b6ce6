-- Without this task and article follow end too early, never, or with the wrong
-- status.
--
-- task and article follow, on the embedded platform.
-- #once
local json = require "wxbot.codec.json"
local run = require "spec.support.command"

local TASK = { "task", "--sandbox", "--openid", "admin", "--task-id" }

local function task(id, ...)
  local args = { (table.unpack or unpack)(TASK) }
  args[#args + 1] = id
  for _, argument in ipairs{ ... } do
    args[#args + 1] = argument
  end
  return args
end

describe("wxbot task", function()
  after_each(run.clean)

  it("prints where a task is", function()
    local result = run.run(task("demo-import"))
    assert.same({ status = 0, out = "state: preparing 0 %\n", err = "" },
      result)
  end)

  it("follows it to its end, with plain lines in a pipe", function()
    local result = run.run(task("demo-import", "--wait"))
    assert.equal(0, result.status)
    assert.truthy(result.err:find("^task demo%-import: preparing 0 %%\n"))
    assert.truthy(result.err:find("\ntask demo%-import: running %d+ %%\n"))
    assert.truthy(result.err:find("\ntask demo%-import: success 100 %%\n$"))
    assert.falsy(result.err:find("\r", 1, true))
    assert.truthy(result.out:find("^state: success 100 %%\nstart: %d%d%d%d%-"))
  end)

  it("prints nothing but the result as JSON", function()
    local result = run.run(task("demo-import", "--wait", "--json"))
    local answer = assert(json.decode(result.out))
    assert.equal("", result.err)
    assert.equal("success", answer.state_name)
    assert.equal("hello", answer.success_skill_info[1].intents[1].name)
    assert.truthy(result.out:find('"fail_skill_info":[]', 1, true))
  end)

  it("lists what failed when a task ends in failure, and exits 1", function()
    local result = run.run(task("demo-failure", "--wait"))
    assert.equal(1, result.status)
    assert.truthy(result.out:find("^state: failure 100 %%\n"))
    assert.truthy(result.out:find("\nmessage: a skill was refused\n", 1, true))
    assert.truthy(result.out:find("\nfailed: demo: an intent has no answer\n",
      1, true))
    assert.equal("wxbot: task demo-failure ended with failure: "
      .. "a skill was refused\n", result.err:match("[^\n]*\n$"))
  end)

  it("gives up after --timeout", function()
    local result = run.run(task("demo-import", "--wait", "--timeout", "3"))
    assert.equal(1, result.status)
    assert.truthy(result.err:find("has not ended after 3 seconds", 1, true))
  end)

  it("reports an unknown task and a stranger", function()
    local result = run.run(task("nope"))
    assert.equal(1, result.status)
    assert.truthy(result.err:find("^wxbot: task_fetch: 110002 "))
    result = run.sandbox{ "task", "--openid", "me", "--task-id", "demo-import",
      "--json" }
    assert.equal(1015, json.decode(result.err).error.code)
  end)

  it("draws a bar as wide as the terminal allows", function()
    local args = task("demo-import", "--wait")
    args.columns = 60
    local screen = run.on_terminal(args)
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("\r[..", 1, true))
    assert.truthy(screen:find("##]%s+100 %%  task demo%-import: success%s*\r\n"
      .. "state: success"), screen)
    for line in screen:gmatch("[^\r\n]+") do
      assert.is_true(#line < 60)
    end
  end)

  it("leaves the bar out where the terminal is too narrow", function()
    local args = task("demo-import", "--wait")
    args.columns = 30
    local screen = run.on_terminal(args)
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.falsy(screen:find("[.", 1, true))
    assert.truthy(screen:find("\rtask demo-import: success", 1, true))
  end)

  it("ends cleanly with ^C while it waits", function()
    local args = task("demo-import", "--wait")
    args.after, args.keys = "running", "\\003"
    local screen = run.on_terminal(args)
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("\r\nwxbot: interrupted\r\nstatus: 130", 1, true),
      screen)
  end)
end)

describe("wxbot article follow", function()
  after_each(run.clean)

  it("follows a publication until its article has a URL", function()
    local result = run.sandbox{ "article", "follow", "--publish-id", "100000001",
      "--wait" }
    assert.same({ status = 0,
      out = "state: success\narticle: ARTICLE_100000001\n"
        .. "url: https://mp.weixin.qq.com/s/100000001\n",
      err = "publication 100000001: publishing\n"
        .. "publication 100000001: success\n" }, result)
  end)

  it("prints the state as JSON", function()
    local result = run.sandbox{ "article", "follow", "--publish-id", "100000001",
      "--json" }
    assert.equal("publishing", json.decode(result.out).publish_status_name)
    assert.truthy(result.out:find('"fail_idx":[]', 1, true))
  end)

  it("reports an unknown publication", function()
    local result = run.sandbox{ "article", "follow", "--publish-id", "7" }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("^wxbot: freepublish_get: 40002 "))
  end)

  it("shows that it goes on where nobody knows how much is left", function()
    local screen = run.on_terminal{ "article", "follow", "--sandbox", "--publish-id",
      "100000001", "--wait", columns = 60 }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("\r[.###", 1, true))
    assert.truthy(screen:find("\r[..###", 1, true))
  end)
end)
