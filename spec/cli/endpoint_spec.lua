-- message, nlp, autoreply and article, on the embedded platform; and an
-- authority of one's own.
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

  it("wants all that is required", function()
    local result = run.sandbox{ "autoreply", "--managerid", "admin" }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("--skillname", 1, true))
  end)
end)

describe("wxbot article", function()
  after_each(run.clean)

  -- The publication that the sandbox begins with has ended already.
  local ENDED = [[
    package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
    require "wxbot.sandbox.demo".publication.duration = 0
  ]]

  it("prints its articles", function()
    local result = run.sandbox{ "article", "--article-id",
      "ARTICLE_100000001", before = ENDED }
    assert.equal(0, result.status, result.err)
    assert.truthy(result.out:find("\nurl: https://mp.weixin.qq.com/", 1, true),
      result.out)
    local answer = json.decode(run.sandbox{ "article", "--json",
      "--article-id", "ARTICLE_100000001", before = ENDED }.out)
    assert.equal(1, #answer.news_item)
  end)

  it("fails with the platform's reason", function()
    local result = run.sandbox{ "article", "--article-id", "nope" }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("53600", 1, true))
  end)
end)

describe("--ca-file", function()
  after_each(run.clean)

  it("is for calls over the network", function()
    for _, args in ipairs{ { "--sandbox", "ask", "hi" }, { "serve" },
        { "ask", "hi", file = "" } } do
      args[#args + 1] = "--ca-file"
      args[#args + 1] = args.file or "ca.pem"
      local result = run.run(args)
      assert.equal(2, result.status)
      assert.truthy(result.err:find("wxbot: --ca-file ", 1, true))
    end
  end)
end)
