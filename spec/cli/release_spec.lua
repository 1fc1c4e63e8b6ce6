-- Without this publishing a bot or an article from the command line ends
-- without its result.
--
-- bot publish and the commands of articles, on the embedded platform.
-- #once
local columns = require "wxbot.cli.columns"
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
    local result = run.run{ "article", "submit", "--sandbox", "--media-id",
      "demo-draft" }
    assert.equal(0, result.status)
    assert.truthy(result.out:find("^publication: %d+\n$"))
  end)

  it("are followed from their beginning", function()
    local result = run.run{ "article", "submit", "--sandbox", "--media-id",
      "demo-draft", "--wait" }
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

  -- A publication of two articles, and one with a long id.
  local TITLES = [=[
    package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
    local batchget = "wxbot.sandbox.answer.freepublish_batchget"
    package.preload[batchget] = function()
      return function()
        local function article(title, is_deleted)
          return { title = title, url = "https://mp.weixin.qq.com/s/abc",
            is_deleted = is_deleted }
        end
        return { total_count = 2, item_count = 2, item = {
          { article_id = "A1", update_time = 1700000000, content = {
            news_item = { article("怎么修改密码\t和手机号，一步一步地说给你听"),
              article("short", true) } } },
          { article_id = "ARTICLE_2", update_time = 1700000000, content = {
            news_item = { article("e\204\129tude") } } },
        } }
      end
    end
  ]=]

  it("are listed in columns on a terminal, within its width", function()
    for _, width in ipairs{ 90, 100, 140 } do
      local screen = run.on_terminal{ "article", "list", "--sandbox",
        before = TITLES, columns = width }
      if not screen then
        return pending("no terminal can be made: `script` or /dev/pts is missing")
      end
      local lines, at = {}, {}
      for line in screen:gmatch("([^\r\n]+)\r\n") do
        lines[#lines + 1] = line
        local before = line:match("^(.*)https:") or line:match("^(.*)link")
        at[#at + 1] = before and columns.width(before)
        assert.truthy(columns.width(line) <= width, line)
      end
      assert.same({ at[1], at[1], at[1], at[1] }, at)
      assert.truthy(lines[1]:find("^article id  time  +title  +link"))
      assert.truthy(lines[2]:find("^A1 +2023%-11%-1[45] [%d:]+  怎么修改"))
      assert.equal(width < 140, lines[2]:find("…", 1, true) ~= nil)
      assert.truthy(lines[3]:find("abc  deleted$"))
      assert.truthy(lines[4]:find("^ARTICLE_2  .*/s/abc"))
    end
  end)

  it("keep their ids and links where there is no room", function()
    local screen = run.on_terminal{ "article", "list", "--sandbox",
      before = TITLES, columns = 40 }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("ARTICLE_2  ", 1, true))
    assert.truthy(screen:find("https://mp.weixin.qq.com/s/abc", 1, true))
    assert.truthy(screen:find("怎么修改密码", 1, true))
  end)

  it("are listed for programs with tabs between", function()
    local result = run.sandbox{ "article", "list", before = TITLES }
    assert.equal(0, result.status, result.err)
    local fields = {}
    for line in result.out:gmatch("[^\n]+") do
      fields[#fields + 1] = line:gsub("%d+%-%d+%-%d+ %d+:%d+", "TIME")
        :gsub("\t", "|")
    end
    assert.same({
      "A1|TIME|怎么修改密码 和手机号，一步一步地说给你听|https://mp.weixin.qq.com/s/abc",
      "A1|TIME|short|https://mp.weixin.qq.com/s/abc|deleted",
      "ARTICLE_2|TIME|e\204\129tude|https://mp.weixin.qq.com/s/abc" }, fields)
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
