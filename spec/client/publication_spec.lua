-- Without this a program cannot publish an article from nothing: a picture, a
-- draft with it, and the address in the end.
--
-- Over sockets, against the platform as `wxbot serve` has it.
local json = require "wxbot.codec.json"
local pictures = require "spec.support.pictures"
local run = require "spec.support.command"
local served = require "spec.support.served"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local MEGABYTE = 1024 * 1024

describe("a publication from nothing", function()
  local server, bot

  setup(function()
    server = served.start()
    local options = wxbot.sandbox():credentials()
    options.base_url, options.retry = server.url, false
    bot = assert(wxbot.new(options))
  end)

  teardown(function()
    start.stop_all()
    run.clean()
  end)

  local function control(method, path, body)
    return json.decode(assert(wxbot.curl():request{ method = method,
      url = server.url .. "/_wxbot/api/" .. path,
      body = body and json.encode(body) }).body)
  end

  -- Both publications end when the clock is moved.
  local publish_id, cover

  it("begins with a cover, from its bytes", function()
    cover = assert(bot:material_add{ type = "image",
      media = { name = "封面.png", data = pictures.png } })
    assert.matches("^https://mmbiz", cover.url)
  end)

  it("takes 10 MB, and no byte more", function()
    local _, err = bot:material_add{ type = "image",
      media = { data = pictures.png_of(10 * MEGABYTE + 1) } }
    assert.equal("invalid", err.kind)
    assert.is_false(err.sent)
    assert(bot:material_add({ type = "image",
      media = { data = pictures.png_of(10 * MEGABYTE) } }, { timeout = 60 }))
  end)

  it("is refused by the platform where it has no such cover", function()
    local _, err = bot:draft_add{ articles = { { title = "标题",
      content = "<p>正文</p>", thumb_media_id = "MEDIA_ID" } } }
    assert.equal(40007, err.code)
  end)

  it("goes on with a draft, which leaves its box when submitted", function()
    local draft = assert(bot:draft_add{ articles = { { title = "标题",
      content = "<p>正文</p>", thumb_media_id = cover.media_id } } })
    local got = assert(bot:draft_get{ media_id = draft.media_id })
    assert.equal("标题", got.news_item[1].title)
    publish_id = assert(bot:freepublish_submit{
      media_id = draft.media_id }).publish_id
    local _, err = bot:draft_get{ media_id = draft.media_id }
    assert.equal(40007, err.code)
  end)

  it("is one of commands, too", function()
    local function command(...)
      local result = run.run{ env = served.env(), "--base-url", server.url,
        "--json", ... }
      assert.equal(0, result.status, result.err)
      return json.decode(result.out)
    end
    local before = #control("GET", "publications").publications
    local picture = command("material", "add", start.file(pictures.png))
    local draft = command("draft", "add", run.file(json.encode{
      title = "命令行", content = "<p>正文</p>",
      thumb_media_id = picture.media_id }))
    assert.equal("命令行", command("draft", "show", "--media-id",
      draft.media_id).news_item[1].title)
    local submitting = run.start{ env = served.env(), "--base-url", server.url,
      "--json", "article", "submit", "--media-id", draft.media_id, "--wait" }
    run.wait_for(function()
      local publications = control("GET", "publications").publications
      return #publications > before
    end, "the publication")
    control("POST", "clock", { skip = 60 })
    local done = assert(json.decode(submitting:wait().out))
    assert.equal("命令行", command("article", "show", "--article-id",
      done.article_id).news_item[1].title)
  end)

  it("ends with the article's address", function()
    local done = assert(bot:wait_publication{ publish_id = publish_id })
    local article = assert(bot:freepublish_getarticle{
      article_id = done.article_id }).news_item[1]
    assert.equal("标题", article.title)
    assert.equal("<p>正文</p>", article.content)
    assert.equal(cover.media_id, article.thumb_media_id)
    assert.equal(done.article_detail.item[1].article_url, article.url)
    assert.matches("^https://mp%.weixin%.qq%.com/s/", article.url)
  end)

  it("takes such bodies at the address of files alone", function()
    local _, err = bot:draft_add({ articles = { { title = "T",
      content = "C", thumb_media_id = ("x"):rep(2 * MEGABYTE) } } })
    assert.equal(413, err.status)
  end)
end)
