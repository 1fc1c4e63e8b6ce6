-- Without this commands of single endpoints print something else than what was
-- answered.
--
-- message, nlp, autoreply and article show, on the embedded platform; the
-- command of an endpoint that is new; and an authority of one's own.
-- #once
local json = require "wxbot.codec.json"
local run = require "spec.support.command"

describe("wxbot message", function()
  after_each(run.clean)

  it("asks the older way", function()
    local result = run.sandbox{ "message", "怎么修改密码" }
    assert.same({ status = 0, err = "",
      out = "在设置-账号安全里可以修改密码。\n" }, result)
    assert.equal("FAQ", json.decode(run.sandbox{ "message", "怎么修改密码",
      "--json" }.out).status)
  end)
end)

describe("wxbot nlp", function()
  after_each(run.clean)

  it("prints what the service answers, as JSON", function()
    local result = run.sandbox{ "nlp", "tokenize", "--data", '{"q":"你好"}' }
    assert.equal(0, result.status)
    assert.same({ "你好" }, json.decode(result.out).words)
    assert.truthy(result.out:find('"entities":[]', 1, true), result.out)
  end)

  it("wants data that is a JSON object, and a name that can be one", function()
    for _, data in ipairs{ "[]", "你好", "{", "" } do
      local result = run.sandbox{ "nlp", "tokenize", "--data", data }
      assert.equal(2, result.status)
      assert.truthy(result.err:find("--data must be a JSON object", 1, true))
    end
    assert.equal(2, run.sandbox{ "nlp", "a/b", "--data", "{}" }.status)
  end)
end)

describe("wxbot autoreply", function()
  after_each(run.clean)

  it("names the task to follow", function()
    local result = run.sandbox{ "autoreply", "--managerid", "admin",
      "--skillname", "s", "--title", "t", "--content", "c", "--list", "a",
      "--list", "b" }
    assert.equal(0, result.status)
    assert.truthy(result.out:find("^task: %w+\n$"))
  end)

  it("follows it", function()
    local result = run.sandbox{ "autoreply", "--skillname", "s", "--title", "t",
      "--content", "c", "--wait" }
    assert.equal(0, result.status, result.err)
    assert.truthy(result.out:find("^state: success 100 %%\n"), result.out)
    assert.truthy(result.err:find("^task %w+: "), result.err)
  end)

  it("wants all that is required", function()
    local result = run.sandbox{ "autoreply", "--managerid", "admin" }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("--skillname", 1, true))
  end)
end)

describe("wxbot article show", function()
  after_each(run.clean)

  -- The publication that the sandbox begins with has ended already.
  local ENDED = [[
    package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
    require "wxbot.sandbox.demo".publication.duration = 0
  ]]

  it("prints its articles", function()
    local result = run.sandbox{ "article", "show", "--article-id",
      "ARTICLE_100000001", before = ENDED }
    assert.equal(0, result.status, result.err)
    assert.truthy(result.out:find("\nurl: https://mp.weixin.qq.com/", 1, true),
      result.out)
    local answer = json.decode(run.sandbox{ "article", "show", "--json",
      "--article-id", "ARTICLE_100000001", before = ENDED }.out)
    assert.equal(1, #answer.news_item)
  end)

  it("fails with the platform's reason", function()
    local result = run.sandbox{ "article", "show", "--article-id", "nope" }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("53600", 1, true))
  end)
end)

describe("the command of an endpoint that is new", function()
  after_each(run.clean)

  -- Nothing but its description and the platform's answer.
  local INVENTED = [[
    package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
    package.preload["wxbot.api.account.invented_state"] = function()
      return {
        name = "invented_state", summary = "Query an invention",
        path = "/cgi-bin/invented/state", source = "https://example.org/",
        repeats = "always", errors = {},
        waiter = { name = "wait_invention", what = "invention", id = "part",
          state = "phase", pending = { 1 }, success = 2 },
        request = {
          { name = "part", type = "string", required = true, doc = "Its part" },
          { name = "sizes", type = "list", of = "integer", doc = "Its sizes" },
        },
        response = {
          { name = "errcode", type = "integer", doc = "0" },
          { name = "phase", type = "integer", required = true,
            enum_names = { "growing", "grown", "withered" }, doc = "Its phase" },
          { name = "progress", type = "integer", doc = "Percent" },
          { name = "height", type = "number", doc = "Metres" },
          { name = "parts", type = "list", of = "string", doc = "Its parts" },
        },
      }
    end
    local account = require "wxbot.api.account"
    account.endpoints[#account.endpoints + 1] = "invented_state"
    local times = 0
    package.preload["wxbot.sandbox.answer.invented_state"] = function()
      return function(_, params)
        times = times + 1
        local phase = times < 3 and 1 or params.part == "leaf" and 3 or 2
        return { errcode = 0, phase = phase, progress = times * 30,
          height = params.sizes and params.sizes[1] or 0.5,
          parts = { params.part } }
      end
    end
  ]]

  local function invented(args)
    table.insert(args, 1, "invented-state")
    args.before = INVENTED
    return run.sandbox(args)
  end

  it("has its flags, and shows its answer field by field", function()
    local help = invented{ "--help" }.out
    for _, text in ipairs{ "Query an invention.", "--part <part>",
        "Its part (required)", "Its sizes (may be repeated)", "--wait" } do
      assert.truthy(help:find(text, 1, true), help)
    end
    assert.same({ status = 0, err = "", out = "state: growing 30 %\n"
      .. 'height: 7\nparts: ["root"]\n' },
      invented{ "--part", "root", "--sizes", "7", "--sizes", "8" })
    assert.equal(2, invented{ "--part", "root", "--sizes", "many" }.status)
    assert.equal("growing", json.decode(invented{ "--json", "--part",
      "root" }.out).phase_name)
  end)

  it("follows it", function()
    local result = invented{ "--part", "root", "--wait" }
    assert.same({ status = 0, out = "state: grown 90 %\nheight: 0.5\n"
      .. 'parts: ["root"]\n', err = "invention root: growing 30 %\n"
      .. "invention root: growing 60 %\ninvention root: grown 90 %\n" }, result)
    result = invented{ "--part", "leaf", "--wait" }
    assert.equal(1, result.status)
    assert.truthy(result.out:find("^state: withered 90 %%\n"))
    assert.truthy(result.err:find("ended with withered", 1, true), result.err)
  end)
end)

describe("--ca-file", function()
  after_each(run.clean)

  it("is for calls over the network", function()
    for _, args in ipairs{ { "--sandbox", "ask", "hi" },
        { "ask", "hi", file = "" } } do
      args[#args + 1] = "--ca-file"
      args[#args + 1] = args.file or "ca.pem"
      local result = run.run(args)
      assert.equal(2, result.status)
      assert.truthy(result.err:find("wxbot: --ca-file ", 1, true))
    end
  end)
end)
