-- Without this articles on the sandbox are published, got or deleted otherwise.
local canary = require "spec.support.canary"
local wxbot = require "wxbot"

local NOW = 1800000000

local function fixture(options)
  options = options or {}
  options.clock = function() return NOW end
  local box = assert(wxbot.sandbox(options))
  local credentials = box:credentials()
  credentials.transport = box
  return box, assert(wxbot.new(credentials))
end

-- A draft to submit.
local function draft(box)
  return box:add_draft{ articles = { { title = "T", content = "C",
    thumb_media_id = "M" } } }
end

-- Something that was published, with so many articles.
local function published(box, id, count)
  local urls = {}
  for i = 1, count or 1 do
    urls[i] = "https://mp.weixin.qq.com/s/" .. id .. i
  end
  return box:add_publication{ duration = 0, article_id = id, articles = urls }
end

local function code_of(result, err)
  assert.is_nil(result)
  return err.code
end

describe("a draft that is submitted to the sandbox", function()
  it("is published after a while, and can then be got", function()
    local box, bot = fixture()
    local answer = assert(bot:freepublish_submit{ media_id = draft(box) })
    local done = assert(bot:wait_publication{ publish_id = answer.publish_id })
    local got = assert(bot:freepublish_getarticle{
      article_id = done.article_id })
    assert.equal(done.article_detail.item[1].article_url,
      got.news_item[1].url)
    assert.is_false(got.news_item[1].is_deleted)
  end)

  it("does not take the place of another", function()
    local box, bot = fixture()
    box:add_publication{ publish_id = "100000001", duration = 0 }
    local answer = assert(bot:freepublish_submit{ media_id = draft(box) })
    assert.not_equal("100000001", answer.publish_id)
    assert.equal("success", bot:freepublish_get{
      publish_id = "100000001" }.publish_status_name)
  end)

  it("cannot be got or deleted before", function()
    local box, bot = fixture()
    box:add_publication{ article_id = "A" }
    assert.equal(53600, code_of(bot:freepublish_getarticle{
      article_id = "A" }))
    assert.equal(53600, code_of(bot:freepublish_delete{ article_id = "A",
      index = 1 }))
    assert.equal(0, bot:freepublish_batchget{ offset = 0,
      count = 20 }.total_count)
  end)

  it("is refused without the media_id of a draft", function()
    local box = fixture()
    for _, body in ipairs{ "{}", '{"media_id":""}', '{"media_id":7}',
      '{"media_id":"MEDIA"}' } do
      assert.matches('"errcode":40007', box:handle{
        url = "/cgi-bin/freepublish/submit?access_token="
          .. box:credentials().access_token, body = body }.body)
    end
  end)
end)

describe("deleting on the sandbox", function()
  it("takes one article, by its number", function()
    local box, bot = fixture()
    local id = published(box, "A", 2)
    assert(bot:freepublish_delete{ article_id = "A", index = 2 })
    local got = bot:freepublish_getarticle{ article_id = "A" }.news_item
    assert.is_false(got[1].is_deleted)
    assert.is_true(got[2].is_deleted)
    assert.equal("success", bot:freepublish_get{
      publish_id = id }.publish_status_name)
    assert.equal(1, bot:freepublish_batchget{ offset = 0,
      count = 1 }.total_count)
  end)

  it("takes all when told so, and the publication is deleted", function()
    local box, bot = fixture()
    local id = published(box, "A", 2)
    assert(bot:freepublish_delete{ article_id = "A", all = true })
    assert.equal("deleted", bot:freepublish_get{
      publish_id = id }.publish_status_name)
    assert.same({}, bot:freepublish_batchget{ offset = 0, count = 1 }.item)
    for _, article in ipairs(bot:freepublish_getarticle{
      article_id = "A" }.news_item) do
      assert.is_true(article.is_deleted)
    end
  end)

  it("refuses an article that is not there", function()
    local box, bot = fixture()
    published(box, "A", 2)
    assert.equal(40002, code_of(bot:freepublish_delete{ article_id = "A",
      index = 3 }))
    assert.equal(53600, code_of(bot:freepublish_delete{ article_id = "B",
      index = 1 }))
  end)

  it("sends nothing when index is forgotten, 0, or beside all", function()
    local seen = 0
    local bot = assert(wxbot.new{ access_token = canary.access_token, transport = {
      request = function() seen = seen + 1 end } })
    for message, params in pairs{
      ["index is missing: it is needed unless all = true"] = {},
      ["index must be at least 1"] = { index = 0 },
      ["index and all = true contradict each other"] = { index = 1,
        all = true },
    } do
      params.article_id = "A"
      local result, err = bot:freepublish_delete(params)
      assert.is_nil(result)
      assert.equal("invalid", err.kind)
      assert.equal(message, err.message)
      assert.is_false(err.sent)
    end
    local _, err = bot:freepublish_delete{ article_id = "A", all = false }
    assert.equal("index", err.field)
    assert.equal(0, seen)
  end)
end)

describe("a list of what the sandbox has published", function()
  it("comes in pages, newest first", function()
    local box, bot = fixture()
    for i = 1, 5 do
      published(box, "A" .. i)
    end
    local page = assert(bot:freepublish_batchget{ offset = 1, count = 2 })
    assert.equal(5, page.total_count)
    assert.equal(2, page.item_count)
    assert.equal("A4", page.item[1].article_id)
    assert.equal("A3", page.item[2].article_id)
    assert.equal(NOW, page.item[1].update_time)
    assert.is_string(page.item[1].content.news_item[1].content)
  end)

  it("leaves out the content on request", function()
    local box, bot = fixture()
    published(box, "A")
    local page = assert(bot:freepublish_batchget{ offset = 0, count = 20,
      no_content = 1 })
    local article = page.item[1].content.news_item[1]
    assert.is_nil(article.content)
    assert.equal("Article 1", article.title)
  end)

  it("has pages of 1 to 20, by the client and by the platform", function()
    local box, bot = fixture()
    for message, params in pairs{
      ["count must be at least 1"] = { offset = 0, count = 0 },
      ["count must be at most 20"] = { offset = 0, count = 21 },
      ["offset must be at least 0"] = { offset = -1, count = 1 },
      ["no_content must be at most 1"] = { offset = 0, count = 1,
        no_content = 2 },
    } do
      local _, err = bot:freepublish_batchget(params)
      assert.equal(message, err.message)
    end
    for _, body in ipairs{ "{}", '{"offset":0,"count":21}',
      '{"offset":-1,"count":1}', '{"offset":"0","count":1}' } do
      assert.matches('"errcode":40002', box:handle{
        url = "/cgi-bin/freepublish/batchget?access_token="
          .. box:credentials().access_token, body = body }.body)
    end
  end)
end)

describe("an account that may not publish", function()
  local calls = {
    freepublish_submit = { media_id = "M" },
    freepublish_delete = { article_id = "A", index = 1 },
    freepublish_getarticle = { article_id = "A" },
    freepublish_batchget = { offset = 0, count = 1 },
  }
  for name, params in pairs(calls) do
    it("is refused " .. name, function()
      local _, bot = fixture{ authorised = false }
      assert.equal(48001, code_of(bot[name](bot, params)))
    end)
  end
end)
