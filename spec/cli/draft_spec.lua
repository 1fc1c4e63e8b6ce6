-- Without this an article in a file is not sent, or what is wrong with it, or
-- with a picture, is not said.
--
-- material and draft, on the embedded platform.
-- #once
local json = require "wxbot.codec.json"
local pictures = require "spec.support.pictures"
local run = require "spec.support.command"
local start = require "spec.server.start"

local ARTICLE = { title = "标题", content = "<p>正文</p>",
  thumb_media_id = "demo-cover" }

local function sandbox(args)
  return run.sandbox(args)
end

describe("wxbot draft add", function()
  after_each(run.clean)

  for what, value in pairs{ ["an article"] = ARTICLE,
    ["a list of articles"] = { ARTICLE, ARTICLE },
    ["what the platform takes"] = { articles = { ARTICLE } } } do
    it("takes " .. what .. ", from a file or from standard input", function()
      local text = json.encode(value)
      for _, args in ipairs{ { "draft", "add", run.file(text) },
        { "draft", "add", "-", input = text } } do
        local result = sandbox(args)
        assert.equal("", result.err)
        assert.matches("^media_id: %S+\n$", result.out)
      end
    end)
  end

  local function refused(text, message)
    local result = sandbox{ "draft", "add", "-", input = text }
    assert.equal(2, result.status)
    assert.equal("", result.out)
    assert.equal("wxbot: " .. message .. "\n", result.err)
  end

  it("says what in the file is no article", function()
    refused('{"title":', "standard input: it is not JSON: not strict JSON: "
      .. "unexpected end at byte 10")
    refused("7", "standard input: it must hold an object, or a list")
    refused("[]", "draft_add: articles must not be empty")
    refused("[7]", "standard input: articles[1] must be a table (got number)")
    refused('{"title":7,"content":"C"}', "standard input: articles[1]: title "
      .. "must be a string (got number)")
    refused('[{"title":"T","content":"C","thumb_media_id":"M"},{"title":"T"}]',
      "standard input: articles[2]: content is missing: expected a string "
      .. "(Content: HTML, without scripts and pictures from elsewhere, which "
      .. "the platform removes; plain text in a newspic)")
    local result = sandbox{ "draft", "add", "/nowhere.json" }
    assert.equal("wxbot: cannot read /nowhere.json: No such file or directory\n",
      result.err)
  end)

  it("says what cannot be sent, and what the platform refuses", function()
    local long = {}
    for name, value in pairs(ARTICLE) do
      long[name] = value
    end
    long.title = ("字"):rep(65)
    refused(json.encode(long), "draft_add: articles[1].title has 65 characters, "
      .. "at most 64")
    long.title, long.thumb_media_id = "T", "M"
    local result = sandbox{ "draft", "add", "-", input = json.encode(long) }
    assert.equal(1, result.status)
    assert.matches("40007", result.err)
  end)
end)

describe("wxbot draft", function()
  after_each(run.clean)

  it("shows a draft, and deletes it", function()
    assert.equal("title: Demo\nurl: https://mp.weixin.qq.com/s?"
      .. "__draft=demo-draft_1\n<p>An article to be published.</p>\n",
      sandbox{ "draft", "show", "--media-id", "demo-draft" }.out)
    assert.equal("deleted\n", sandbox{ "draft", "delete", "--media-id",
      "demo-draft" }.out)
    assert.equal(1, sandbox{ "draft", "show", "--media-id", "M" }.status)
  end)

  it("is submitted, and followed to the article's address", function()
    assert.equal("state: success\narticle: ARTICLE_100000002\n"
      .. "url: https://mp.weixin.qq.com/s/100000002\n",
      sandbox{ "article", "submit", "--media-id", "demo-draft", "--wait" }.out)
  end)
end)

describe("wxbot material add", function()
  after_each(run.clean)
  teardown(start.stop_all)

  it("adds an image", function()
    local result = sandbox{ "material", "add", start.file(pictures.png) }
    assert.equal("", result.err)
    assert.matches("^media_id: %S+\nurl: https://%S+\n$", result.out)
  end)

  it("adds a video with its words", function()
    local path = start.file "\0\0\0\24ftypmp42"
    local result = sandbox{ "material", "add", "--type", "video",
      "--description", '{"title":"T","introduction":"I"}', path }
    assert.equal(0, result.status, result.err)
    result = sandbox{ "material", "add", "--type", "video", path }
    assert.equal("wxbot: material_add: description is missing: it is needed "
      .. "where type is video\n", result.err)
    result = sandbox{ "material", "add", "--type", "video", "--description",
      '{"titel":"T"}', path }
    assert.equal(2, result.status)
    assert.equal("wxbot: --description: unknown name titel: expected title, "
      .. "introduction\n", result.err)
  end)

  for what, case in pairs{
    ["is missing"] = { "/nowhere.jpg", "cannot be read: /nowhere.jpg: No such "
      .. "file or directory" },
    ["is empty"] = { start.file "", "is empty" },
    ["is no picture"] = { start.file "text", "is none of bmp, png, jpg, gif, "
      .. "by its first bytes" },
    ["has 11 MB"] = { start.file(pictures.png_of(11 * 1024 * 1024)),
      "has more than 10485760 bytes, the most of type image" },
  } do
    it("says that a file " .. what, function()
      local result = sandbox{ "material", "add", case[1] }
      assert.equal(2, result.status)
      assert.equal("wxbot: material_add: media " .. case[2] .. "\n",
        result.err)
    end)
  end
end)
