-- Without this publishing a bot or an article from the command line ends
-- without its result.
--
-- bot publish and the commands of articles, on the embedded platform.
local json = require "wxbot.codec.json"
local run = require "spec.support.command"

describe("wxbot bot publish", function()
  after_each(run.clean)

  it("names the task to follow", function()
    local result = run.run{ "bot", "publish", "--sandbox", "--managerid",
      "admin" }
    assert.equal(0, result.status)
    assert.truthy(result.out:find("^task: %w+\n$"))
  end)

  it("follows the publishing to its end", function()
    local result = run.run{ "bot", "publish", "--sandbox", "--managerid",
      "admin", "--wait" }
    assert.equal(0, result.status)
    assert.equal("success 100 %\n", result.out)
    assert.truthy(result.err:find("^publishing: publishing %d+ %%\n"))
  end)

  it("prints nothing but the result as JSON", function()
    local result = run.run{ "bot", "publish", "--sandbox", "--json",
      "--managerid", "admin", "--wait" }
    assert.equal("", result.err)
    assert.same({ progress = 100, status = 1, status_name = "success" },
      json.decode(result.out))
  end)

  it("says who may do it", function()
    local result = run.run{ "bot", "publish", "--sandbox", "--managerid", "x" }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("1015", 1, true))
    assert.truthy(result.err:find("ids of administrators", 1, true))
  end)
end)

describe("publications of an account", function()
  after_each(run.clean)

  it("begin with a draft that is submitted", function()
    local result = run.run{ "article", "submit", "--sandbox", "--media-id", "MEDIA" }
    assert.equal(0, result.status)
    assert.truthy(result.out:find("^publication: %d+\n$"))
  end)

  it("are followed from their beginning", function()
    local result = run.run{ "article", "submit", "--sandbox", "--media-id",
      "MEDIA", "--wait" }
    assert.equal(0, result.status, result.err)
    assert.truthy(result.out:find("^state: success\narticle: "), result.out)
    assert.truthy(result.err:find("^publication %d+: publishing\n"))
  end)

  it("are listed", function()
    assert.same({ status = 0, out = "", err = "" },
      run.run{ "article", "list", "--sandbox" })
    assert.equal('{"item":[]}\n', run.run{ "article", "list", "--sandbox",
      "--json" }.out)
  end)

  it("are deleted only by number, or when all is said", function()
    local result = run.run{ "article", "delete", "--sandbox", "--article-id", "A" }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("index is missing", 1, true))
    assert.truthy(result.err:find("--index N names one article by its number, "
      .. "--all deletes every one", 1, true))
    result = run.run{ "article", "delete", "--sandbox", "--article-id", "A", "--index",
      "0" }
    assert.equal(2, result.status)
    result = run.run{ "article", "delete", "--sandbox", "--article-id", "A", "--all" }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("53600", 1, true))
  end)
end)
