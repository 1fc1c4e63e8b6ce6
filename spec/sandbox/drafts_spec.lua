-- Without this the sandbox takes drafts and files that the platform refuses, or
-- does not say why it refuses them.
local json = require "wxbot.codec.json"
local parts = require "wxbot.sandbox.parts"
local pictures = require "spec.support.pictures"
local wxbot = require "wxbot"

local MEGABYTE = 1024 * 1024

describe("on the sandbox", function()
  local box, bot, token
  before_each(function()
    box = assert(wxbot.sandbox{})
    local options = box:credentials()
    token, options.transport = options.access_token, box
    bot = assert(wxbot.new(options))
  end)

  local function handle(path, headers, body)
    return box:handle{ url = path .. (path:find("?", 1, true) and "&" or "?")
      .. "access_token=" .. token, headers = headers, body = body }
  end

  local tried = {}

  local function assert_refused(response, code, cause)
    tried[cause] = true
    assert.equal(code, json.decode(response.body).errcode, response.body)
    assert.equal(cause, response.cause_id)
    assert.is_nil((response.cause .. response.cure):find("{%d}"))
  end

  local function cover()
    return assert(bot:material_add{ type = "image",
      media = { data = pictures.png } }).media_id
  end

  local function article(more)
    local made = { title = "T", content = "C", thumb_media_id = cover() }
    for name, value in pairs(more or {}) do
      made[name] = value
    end
    return made
  end

  describe("a draft", function()
    local function add(articles)
      return handle("/cgi-bin/draft/add",
        { ["content-type"] = "application/json" },
        json.encode{ articles = articles })
    end

    it("is got as it was added, and has a link of its own", function()
      local id = assert(bot:draft_add{ articles = { article{ author = "A" },
        article{ title = "Second" } } }).media_id
      local items = assert(bot:draft_get{ media_id = id }).news_item
      assert.equal(2, #items)
      assert.equal("news", items[1].article_type)
      assert.equal("A", items[1].author)
      assert.equal("", items[1].digest)
      assert.equal("Second", items[2].title)
      assert.not_equal(items[1].url, items[2].url)
    end)

    it("of pictures is got with them", function()
      local id = assert(bot:draft_add{ articles = { {
        article_type = "newspic", title = "T", content = "C",
        image_info = { image_list = { { image_media_id = cover() } } },
      } } }).media_id
      local item = assert(bot:draft_get{ media_id = id }).news_item[1]
      assert.equal("newspic", item.article_type)
      assert.equal(1, #item.image_info.image_list)
    end)

    it("is gone when it was deleted", function()
      local id = assert(bot:draft_add{ articles = { article() } }).media_id
      assert(bot:draft_delete{ media_id = id })
      for _, name in ipairs{ "draft_get", "draft_delete",
        "freepublish_submit" } do
        local _, err = bot[name](bot, { media_id = id })
        assert.equal(40007, err.code)
      end
    end)

    it("is published once, with its articles", function()
      local id = assert(bot:draft_add{ articles = { article(),
        article{ title = "Second" } } }).media_id
      local publish_id = assert(bot:freepublish_submit{
        media_id = id }).publish_id
      local _, err = bot:freepublish_submit{ media_id = id }
      assert.equal(40007, err.code)
      local done = assert(bot:wait_publication{ publish_id = publish_id })
      assert.equal(2, done.article_detail.count)
      local got = assert(bot:freepublish_getarticle{
        article_id = done.article_id }).news_item
      assert.equal("Second", got[2].title)
      assert.equal(done.article_detail.item[2].article_url, got[2].url)
    end)

    it("is refused as the table of codes says, and says why", function()
      assert_refused(handle("/cgi-bin/draft/add",
        { ["content-type"] = "application/json" }, '{"article":[{}]}'), 40007,
        "no_articles")
      assert_refused(add{ article{ title = ("字"):rep(33) } }, 45003,
        "field_too_long")
      assert_refused(add{ article{ author = ("字"):rep(17) } }, 45021,
        "field_too_long")
      assert_refused(add{ article{ digest = ("字"):rep(129) } }, 45004,
        "field_too_long")
      assert_refused(add{ article{ content = ("字"):rep(20000) } }, 45002,
        "field_too_long")
      assert_refused(add{ article{ content_source_url = ("x"):rep(1025) } },
        45005, "field_too_long")
      assert_refused(add{ article{ title = "" } }, 40097, "no_field")
      assert_refused(add{ article{ content = "" } }, 44004, "no_field")
      assert_refused(add{ article{ article_type = "x" } }, 40097,
        "field_value")
      assert_refused(add{ article(), article{ thumb_media_id = "X" } }, 40007,
        "unknown_image")
      assert_refused(add{ article{ article_type = "newspic" } }, 40007,
        "no_field")
      local many = {}
      for i = 1, 9 do
        many[i] = article()
      end
      assert_refused(add(many), 45008, "many_articles")
      local images = {}
      for i = 1, 21 do
        images[i] = { image_media_id = "M" }
      end
      assert_refused(add{ article{ article_type = "newspic",
        image_info = { image_list = images } } }, 40097, "many_images")
      for _, path in ipairs{ "draft/get", "draft/delete",
        "freepublish/submit" } do
        assert_refused(handle("/cgi-bin/" .. path,
          { ["content-type"] = "application/json" }, '{"media_id":"M"}'),
          40007, "unknown_draft")
        assert_refused(handle("/cgi-bin/" .. path,
          { ["content-type"] = "application/json" }, '{"mediaId":"M"}'),
          40007, "field_name")
        assert_refused(handle("/cgi-bin/" .. path,
          { ["content-type"] = "application/json" }, '{"media_id":7}'),
          40007, "field_type")
      end
      assert_refused(add{ article{ title = 7 } }, 40097, "field_type")
      assert_refused(add{ article{ thumb_media_id = "" } }, 40007, "no_field")
    end)

    it("is refused whatever is sent in its place", function()
      for _, body in ipairs{ '{"articles":7}', '{"articles":{}}',
        '{"articles":[7]}', '{"articles":[{"title":{},"content":[]}]}',
        '{"articles":[{"title":"T","content":"C","article_type":"newspic",'
          .. '"image_info":[{"image_list":"x"}]}]}',
        '{"articles":[{"title":"T","content":"C","article_type":"newspic",'
          .. '"image_info":{"image_list":[7]}}]}' } do
        local response = handle("/cgi-bin/draft/add",
          { ["content-type"] = "application/json" }, body)
        assert.is_number(json.decode(response.body).errcode, body)
      end
    end)
  end)

  describe("a file", function()
    local FORM = "multipart/form-data; boundary=b"
    local JPG = "\255\216\255\224"

    local function part(head, content)
      return "--b\r\n" .. head .. "\r\n\r\n" .. content .. "\r\n"
    end
    local MEDIA = 'Content-Disposition: form-data; name="media"; '
      .. 'filename="a.jpg"'

    local function add(kind, body, content_type)
      return handle("/cgi-bin/material/add_material?type=" .. kind,
        { ["content-type"] = content_type or FORM }, body)
    end

    it("is taken from a form as curl writes it", function()
      local answer = json.decode(add("image", part(MEDIA
        .. "\r\nContent-Type: image/jpeg", JPG) .. "--b--\r\n").body)
      assert.is_string(answer.media_id)
      assert.matches("^https://", answer.url)
    end)

    it("is not found where the form is none", function()
      local good = part(MEDIA, JPG)
      assert_refused(add("image", "{}", "application/json"), 41005,
        "not_multipart")
      assert_refused(add("image", good .. "--b--",
        'multipart/form-data; boundary="b"'), 41005, "boundary")
      assert_refused(add("image", good .. "--b--", "multipart/form-data"),
        41005, "boundary")
      for _, body in ipairs{ "", good, good .. "--b", "--b--x", "--c--",
        part(MEDIA, JPG):rep(17) .. "--b--" } do
        assert_refused(add("image", body), 41005,
          body == "--b--x" and "no_media" or "no_parts")
      end
    end)

    it("is not found without its names, in quotes", function()
      for _, head in ipairs{ 'Content-Disposition: form-data; name="media"',
        'Content-Disposition: form-data; name="file"; filename="a.jpg"',
        "Content-Disposition: form-data; name=media; filename=a.jpg", "x",
        MEDIA .. "\r\nX: " .. ("x"):rep(5000) } do
        assert_refused(add("image", part(head, JPG) .. "--b--"), 41005,
          "no_media")
      end
    end)

    it("is refused as the table of codes says, and says why", function()
      local function of(kind, data)
        return add(kind, part(MEDIA, data) .. "--b--")
      end
      assert_refused(of("news", JPG), 40004, "field_value")
      assert_refused(of("image", ""), 44001, "empty_file")
      assert_refused(of("image", "text"), 40005, "file_format")
      assert_refused(of("thumb", pictures.png), 40005, "file_format")
      assert_refused(of("image", pictures.png_of(10 * MEGABYTE + 1)), 40009,
        "file_size")
      assert_refused(of("thumb", JPG .. ("\0"):rep(65536)), 40012,
        "file_size")
      assert_refused(of("video", "\0\0\0\24ftyp"), 40097, "no_description")
    end)

    it("is no cover if it is a voice", function()
      local voice = assert(bot:material_add{ type = "voice",
        media = { data = "#!AMR\n" } })
      assert.equal("", voice.url)
      local _, err = bot:draft_add{ articles = {
        article{ thumb_media_id = voice.media_id } } }
      assert.equal(40007, err.code)
    end)
  end)

  it("every cause of these is that of some mistake", function()
    for id in pairs(require "wxbot.sandbox.causes.material") do
      assert.is_true(tried[id], id)
    end
  end)

  it("drafts that were kept can be submitted, and their covers used", function()
    local id = box:add_draft{ articles = { { title = "T", content = "C",
      thumb_media_id = "COVER" } } }
    assert(bot:freepublish_submit{ media_id = id })
    assert(bot:draft_add{ articles = { article{ thumb_media_id = "COVER" } } })
    assert.equal("D", box:add_draft{ media_id = "D", articles = { {
      title = "T", content = "C", thumb_media_id = "M" } } })
  end)
end)

describe("what the sandbox remembers of drafts and material", function()
  for _, name in ipairs{ "drafts", "materials" } do
    it("is made again of its records: " .. name, function()
      local make = require("wxbot.sandbox." .. name).new
      local noted, again = {}, make(function() end)
      local first = make(function(record) noted[#noted + 1] = record end)
      local kept = name == "drafts" and { { title = "T" } } or "image"
      first:add(kept, name == "drafts" and "A" or nil)
      first:add(kept, "B")
      if name == "drafts" then
        first:add({ { title = "C" } }, "C")
        first:take "A"
      else
        first:add("voice", "C")
      end
      for _, record in ipairs(noted) do
        again:apply(json.decode(json.encode(record)))
      end
      local function all(part)
        local records = {}
        part:snapshot(function(record) records[#records + 1] = record end)
        return records
      end
      assert.same(all(first), all(again))
      local third = make(function() end)
      for _, record in ipairs(all(first)) do
        third:apply(record)
      end
      assert.same(all(first), all(third))
    end)
  end

  it("is that of the newest 5,000", function()
    for _, name in ipairs{ "drafts", "materials" } do
      local part, count = require("wxbot.sandbox." .. name).new(function() end), 0
      for i = 1, 5001 do
        part:add(name == "drafts" and {} or "image", "M" .. i)
      end
      part:snapshot(function(record)
        count = count + 1
        assert.not_equal("M1", record.id)
      end)
      assert.equal(5000, count)
    end
  end)

  it("is among the parts of its state", function()
    local platform = assert(require "wxbot.sandbox.platform".new{})
    platform.drafts:add({ { title = "T" } }, "D")
    local names = {}
    parts.snapshot(platform, function(change) names[change[1]] = true end)
    assert.is_true(names.drafts)
  end)
end)
