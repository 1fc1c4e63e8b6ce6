-- publish-bot, submit, delete and articles, on the embedded platform.
local json = require "wxbot.codec.json"
local run = require "spec.support.command"

describe("wxbot publish-bot", function()
  after_each(run.clean)

  it("names the task to follow", function()
    local result = run.run{ "publish-bot", "--sandbox", "--managerid",
      "admin" }
    assert.equal(0, result.status)
    assert.truthy(result.out:find("^task: %w+\n$"))
  end)

  it("follows the publishing to its end", function()
    local result = run.run{ "publish-bot", "--sandbox", "--managerid",
      "admin", "--wait" }
    assert.equal(0, result.status)
    assert.equal("success 100 %\n", result.out)
    assert.truthy(result.err:find("^publishing: publishing %d+ %%\n"))
  end)

  it("prints nothing but the result as JSON", function()
    local result = run.run{ "publish-bot", "--sandbox", "--json",
      "--managerid", "admin", "--wait" }
    assert.equal("", result.err)
    assert.same({ progress = 100, status = 1, status_name = "success" },
      json.decode(result.out))
  end)

  it("says who may do it", function()
    local result = run.run{ "publish-bot", "--sandbox", "--managerid", "x" }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("1015", 1, true))
    assert.truthy(result.err:find("ids of administrators", 1, true))
  end)
end)

describe("publications of an account", function()
  after_each(run.clean)

  it("begin with a draft that is submitted", function()
    local result = run.run{ "submit", "--sandbox", "--media-id", "MEDIA" }
    assert.equal(0, result.status)
    assert.truthy(result.out:find("^publication: %d+\n$"))
  end)

  it("are listed", function()
    assert.same({ status = 0, out = "", err = "" },
      run.run{ "articles", "--sandbox" })
    assert.equal('{"item":[]}\n', run.run{ "articles", "--sandbox",
      "--json" }.out)
  end)

  it("are deleted only by number, or when all is said", function()
    local result = run.run{ "delete", "--sandbox", "--article-id", "A" }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("index is missing", 1, true))
    assert.truthy(result.err:find("--index N names one article by its number, "
      .. "--all deletes every one", 1, true))
    result = run.run{ "delete", "--sandbox", "--article-id", "A", "--index",
      "0" }
    assert.equal(2, result.status)
    result = run.run{ "delete", "--sandbox", "--article-id", "A", "--all" }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("53600", 1, true))
  end)
end)
