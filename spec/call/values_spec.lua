-- Without this what the platform would refuse is sent: texts that are too long,
-- articles without a cover.
local canary = require "spec.support.canary"
local wxbot = require "wxbot"

local COVER = { thumb_media_id = "M" }

local function with(more, less)
  local article = { title = "标题", content = "<p>正文</p>",
    thumb_media_id = COVER.thumb_media_id }
  for name, value in pairs(more or {}) do
    article[name] = value
  end
  article[less or ""] = nil
  return article
end

local NEWSPIC = { article_type = "newspic", image_info = {
  image_list = { { image_media_id = "M" } } } }

describe("articles of a draft", function()
  local bot, sent
  before_each(function()
    sent = 0
    bot = assert(wxbot.new{ access_token = canary.access_token, transport = {
      request = function()
        sent = sent + 1
        return { status = 200, headers = {}, body = '{"media_id":"D"}' }
      end } })
  end)

  local function refused(article, message)
    local result, err = bot:draft_add{ articles = { with{}, article } }
    assert.is_nil(result)
    assert.equal("invalid", err.kind)
    assert.equal(message, err.message)
    assert.equal("articles", err.field)
    assert.equal(2, err.index)
    assert.is_false(err.sent)
    assert.equal(0, sent)
  end

  local function taken(article)
    assert(bot:draft_add{ articles = { article } })
    sent = 0
  end

  it("have titles of 64 characters, whatever bytes these take", function()
    taken(with{ title = ("字"):rep(64) })
    refused(with{ title = ("字"):rep(65) },
      "articles[2].title has 65 characters, at most 64")
  end)

  it("have content below 20,000 characters and 1 MB", function()
    taken(with{ content = ("字"):rep(19999) })
    refused(with{ content = ("字"):rep(20000) },
      "articles[2].content has 20000 characters, at most 19999")
    refused(with{ content = ("x"):rep(2 ^ 20) },
      "articles[2].content has 1048576 bytes, at most 1048575")
  end)

  it("have authors, digests and links of a length", function()
    taken(with{ author = ("字"):rep(16), digest = ("字"):rep(128),
      content_source_url = ("x"):rep(1024) })
    refused(with{ author = ("字"):rep(17) },
      "articles[2].author has 17 characters, at most 16")
    refused(with{ digest = ("字"):rep(129) },
      "articles[2].digest has 129 characters, at most 128")
    refused(with{ content_source_url = ("字"):rep(342) },
      "articles[2].content_source_url has 1026 bytes, at most 1024")
  end)

  it("have a cover, or pictures", function()
    refused(with({}, "thumb_media_id"), "articles[2].thumb_media_id is missing: "
      .. "it is needed where article_type is news")
    refused(with({ article_type = "news" }, "thumb_media_id"),
      "articles[2].thumb_media_id is missing: it is needed where article_type "
      .. "is news")
    taken(with(NEWSPIC, "thumb_media_id"))
    refused(with({ article_type = "newspic" }, "thumb_media_id"),
      "articles[2].image_info is missing: it is needed where article_type is "
      .. "newspic")
  end)

  it("have 20 pictures at most, each by its name", function()
    local list = {}
    for i = 1, 21 do
      list[i] = { image_media_id = "M" }
    end
    refused(with{ article_type = "newspic", image_info = {
      image_list = list } },
      "articles[2].image_info.image_list has 21 elements, at most 20")
    refused(with{ article_type = "newspic", image_info = {
      image_list = { { image_media_id = "" } } } },
      "articles[2].image_info.image_list[1].image_media_id must not be empty")
  end)

  it("have texts, and what else is described of them", function()
    refused(with{ title = "\255" }, "articles[2].title is not valid UTF-8")
    refused(with{ title = "" }, "articles[2].title must not be empty")
    refused(with{ article_type = "video" },
      "articles[2].article_type must be one of news, newspic")
    refused(with{ need_open_comment = 2 },
      "articles[2].need_open_comment must be at most 1")
  end)

  it("are a mistake of the program where names or types are wrong", function()
    for message, article in pairs{
      ["articles[1]: unknown name titel: expected article_type, title"] =
        with{ titel = "T" },
      ["articles[1]: content is missing"] = with({}, "content"),
      ["articles[1]: title must be a string (got number)"] = with{ title = 7 },
      ["articles[1]: image_info: unknown name images: expected image_list"] =
        with{ image_info = { images = {} } },
      ["articles[1]: image_info must be a table (got string)"] =
        with{ image_info = "M" },
    } do
      local ok, raised = pcall(bot.draft_add, bot, { articles = { article } })
      assert.is_false(ok)
      assert.truthy(raised:find("draft_add: " .. message, 1, true), raised)
    end
  end)
end)
