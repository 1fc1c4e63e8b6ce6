-- Without this answers with pictures, links or menus reach a program as raw
-- JSON or HTML.
--
-- What answers hold besides texts, as it comes out of every way in.

local canary = require "spec.support.canary"
local command = require "spec.support.command"
local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local rich = require "wxbot.call.rich"
local scripted = require "spec.support.scripted"
local wxbot = require "wxbot"

local APPID, TOKEN = canary.documented.appid, canary.documented.token
local AES_KEY = canary.documented.aes_key

-- A part without what lists it does not have.
local function plain(part)
  for _, name in ipairs{ "links", "articles", "play_list" } do
    assert.equal("table", type(part[name]), name)
    part[name] = part[name][1] ~= nil and part[name] or nil
  end
  return part
end

local function parts_of(...)
  local text, parts = rich.of(...)
  for i, part in ipairs(parts) do
    parts[i] = plain(part)
  end
  return parts, text
end

local function q(value)
  return (assert(json.encode(value)))
end

local NEWS = { articles = { { title = "t", description = "d",
  url = "https://e.test/a", picurl = "https://e.test/p.jpg", type = "h5" },
  { title = "u", url = "https://e.test/b", type = "mp" } } }
local NEWS_TEXT = "t\nd\nhttps://e.test/a\nu\nhttps://e.test/b"
local CARD = { title = "猜拳", appid = "wx8c631f7e9f2465e1",
  pagepath = "pages/i", thumb_media_id = "M" }

-- Answer, or several with the same meaning; its type; what it is; its text.
local ANSWERS = {
  { "a text", { "hi" }, "text", { { kind = "text" } }, "hi" },
  { "news", { q{ news = NEWS }, " \n" .. q{ news = NEWS } .. " ",
    q{ news = q(NEWS) }, q{ news = NEWS.articles } }, "news",
    { { kind = "news", articles = NEWS.articles } }, NEWS_TEXT },
  { "one article alone", { q{ news = { articles = { title = "t" } } } }, "news",
    { { kind = "news", articles = { { title = "t" } } } }, "t" },
  { "an image", { '{"image":{"media_id":"M","url":"http://e.test/x"}}' },
    "image", { { kind = "image", media_id = "M", url = "http://e.test/x" } },
    "http://e.test/x" },
  { "an image by its id", { '{"image":{"media_id":7}}' }, "image",
    { { kind = "image", media_id = "7" } }, "[image]" },
  { "a voice message", { '{"voice":{"url":"http://e.test/v"}}' }, "voice",
    { { kind = "voice", url = "http://e.test/v" } }, "http://e.test/v" },
  { "a video", { '{"video":{"url":"http://e.test/v","cover_url":"http://c"}}' },
    "video", { { kind = "video", url = "http://e.test/v",
      cover_url = "http://c" } }, "http://e.test/v" },
  { "a card of a mini program", { q{ miniprogrampage = CARD },
    q{ miniprogram = CARD } }, "miniprogrampage", { {
      kind = "miniprogrampage", title = "猜拳", appid = "wx8c631f7e9f2465e1",
      pagepath = "pages/i", thumb_media_id = "M" } }, "猜拳" },
  { "news of an account", { '{"mpnews":{"title":"t","digest":"d",'
    .. '"imgurl":"http://i"}}' }, "mpnews", { { kind = "mpnews", title = "t",
      digest = "d", imgurl = "http://i" } }, "t\nd" },
  { "music", { '{"music":{"play_list":[{"title":"s","author":"a",'
    .. '"url":"http://m"}]}}', '{"play_command":{"play_list":[{"title":"s",'
    .. '"author":"a","url":"http://m"}]}}' }, "music",
    { { kind = "music", play_list = { { title = "s", author = "a",
      url = "http://m" } } } }, "s\na\nhttp://m" },
  { "radio", { '{"audio_play_command":{"play_list":{"url":"http://m"}}}' },
    "fm", { { kind = "fm", play_list = { { url = "http://m" } } } },
    "http://m" },
  { "several messages", {
    q{ multimsg = { "first", q{ image = { url = "http://i" } } } },
    q{ multimsg = { "first", { image = { url = "http://i" } } } },
    q{ multimsg = { q{ multimsg = { "first" } }, { image = {
      url = "http://i" } } } } }, "multimsg",
    { { kind = "text" }, { kind = "image", url = "http://i" } },
    "first\nhttp://i" },
  { "a kind that nobody knows", { '{"weather_ans_detail":{"city":["x",1]}}' },
    "weather", { { kind = "weather_ans_detail",
      raw = { city = { "x", 1 } } } }, "[weather_ans_detail]" },
  { "one with words", { '{"file":{"title":"a.pdf","url":"http://f"}}' },
    "file", { { kind = "file", raw = { title = "a.pdf", url = "http://f" } } },
    "a.pdf\nhttp://f" },
  { "one that is a text", { '{"callback":"done"}' }, "callback",
    { { kind = "callback", raw = "done" } }, "done" },
  { "an object without a kind", { '{"a":1,"b":[2]}' }, "card",
    { { kind = "card", raw = { a = 1, b = { 2 } } } }, "[card]" },
  { "an object without a kind or a type", { '{"a":1,"b":2}' }, "text",
    { { kind = "json", raw = { a = 1, b = 2 } } }, "[json]" },
  { "a list", { '[{"a":1}]' }, "list",
    { { kind = "list", raw = { { a = 1 } } } }, "[list]" },
  { "members of the type alone", { '{"url":"http://i","media_id":"M"}' },
    "image", { { kind = "image", url = "http://i", media_id = "M" } },
    "http://i" },
  { "one member of the type alone", { '{"url":"http://i"}' }, "image",
    { { kind = "image", url = "http://i" } }, "http://i" },
  { "articles alone", { q{ articles = NEWS.articles },
    q{ news = { articles = q(NEWS.articles) } }, q(q{ news = NEWS }),
    q(q(q{ news = NEWS })) }, "news",
    { { kind = "news", articles = NEWS.articles } }, NEWS_TEXT },
  { "songs alone", { '{"play_list":[{"url":"http://m"}]}' }, "music",
    { { kind = "music", play_list = { { url = "http://m" } } } }, "http://m" },
  { "a song without a list", { '{"music":{"title":"s","url":"http://m"}}' },
    "music", { { kind = "music", title = "s", url = "http://m",
      play_list = { { title = "s", url = "http://m" } } } }, "s\nhttp://m" },
  { "a text that is JSON again", { q{ text = q{ image = { url = "http://i" } } },
    q{ text = q{ text = q{ image = { url = "http://i" } } } } }, "text",
    { { kind = "image", url = "http://i" } }, "http://i" },
  { "a text in an object", { '{"text":"hi"}' }, "text", { { kind = "text" } },
    "hi" },
  { "a text that is unknown JSON", { q{ text = '{"a":1,"b":2}' } }, "text",
    { { kind = "json", raw = { a = 1, b = 2 } } }, "[json]" },
  { "a list that begins with a number", { '[1,{"a":1}]' }, "text",
    { { kind = "json", raw = { 1, { a = 1 } } } }, "[json]" },
  { "broken JSON", { '{"news":{"articles":[{"title":"t",}]}}' }, "news",
    { { kind = "news", raw = '{"news":{"articles":[{"title":"t",}]}}' } },
    "[news]" },
  { "JSON that was cut off", { '{"a":{"b":1' }, nil,
    { { kind = "json", raw = '{"a":{"b":1' } }, "[json]" },
  { "JSON that was cut off in its first name", { ' {"new' }, "news",
    { { kind = "news", raw = ' {"new' } }, "[news]" },
  { "JSON that was cut off behind it", { '{"news"' }, "news",
    { { kind = "news", raw = '{"news"' } }, "[news]" },
  { "a structure where words should be", { q{ news = { articles = { {
    title = { { 1 }, true }, url = "http://n" } } } } }, "news",
    { { kind = "news", articles = { { title = "[[1],true]",
      url = "http://n" } } } }, "http://n" },
  { "numbers in brackets where words should be", { q{ file = {
    title = "[1, 2]" } } }, "file", { { kind = "file",
      raw = { title = "[1, 2]" } } }, "[1, 2]" },
  { "a list that was cut off", { '[{"image":{"url":"http' }, nil,
    { { kind = "json", raw = '[{"image":{"url":"http' } }, "[json]" },
  { "a list of texts that was cut off", { '["first","{\\"image\\":' }, nil,
    { { kind = "json", raw = '["first","{\\"image\\":' } }, "[json]" },
  { "quoted JSON that was cut off", { q('{"a":{"b":1'):sub(1, -2) }, nil,
    { { kind = "json", raw = q('{"a":{"b":1'):sub(1, -2) } }, "[json]" },
}

describe("an answer", function()
  local function reply_of(way, answer, answer_type)
    local fields = { answer = answer, answer_type = answer_type,
      status = "FAQ", ret = 0 }
    local body = way == "query" and q{ code = 0, data = fields } or q(fields)
    local options = { appid = APPID, token = TOKEN, aes_key = AES_KEY,
      transport = scripted.new{ way == "query"
        and { body = '{"code":0,"data":{"access_token":"ACCESS"}}' }
        or { body = body }, { body = body } } }
    local made = assert(way == "query" and wxbot.v2(options)
      or wxbot.new(options))
    return made[way](made, ({ ask = { userid = "u", query = "q" },
      aibot = { signature = "s", query = "q" },
      message = { username = "u", msg = "q" }, query = { query = "q" } })[way])
  end

  for _, case in ipairs(ANSWERS) do
    for _, way in ipairs{ "ask", "aibot", "message", "query" } do
      it(("that is %s has its parts and its text, by %s"):format(case[1], way),
        function()
          for _, answer in ipairs(case[2]) do
            local reply = assert(reply_of(way, answer, case[3]))
            assert.equal(case[5], reply.text)
            assert.equal(answer, reply.answer)
            for i, part in ipairs(reply.rich) do
              plain(part).text = nil
              assert.same(case[4][i], part)
            end
            assert.equal(#case[4], #reply.rich)
          end
        end)
    end
  end

  it("without anything has an empty text and no parts", function()
    for _, answer in ipairs{ "", json.null } do
      local reply = reply_of("ask", answer, "text")
      assert.equal("", reply.text)
      assert.same({}, reply.rich)
    end
  end)

  it("keeps brackets and braces that are no JSON", function()
    for _, text in ipairs{ "[微笑] 好", "{name}，你好", "[1]", "1 < 2 > 0", "{}x",
      "<b>粗</b>", "[2024, 5]", '"你好"', '"[微笑]"', '["a"] 好',
      "[[链接]]" } do
      assert.equal(text, reply_of("ask", text, "text").text)
    end
  end)

  it("says that something in its JSON was repaired", function()
    for _, way in ipairs{ "ask", "aibot", "message", "query" } do
      for _, answer in ipairs{ '{"image":{"url":"a\\u0010"}}',
          '{"multimsg":["x","{\\"text\\":\\"a\\\\u0010\\"}"]}',
          '{"news":{"articles":"[{\\"title\\":\\"a\\\\u0010\\"}]"}}' } do
        local reply = reply_of(way, answer)
        assert.matches("a\239\191\189$", reply.text)
        assert.equal(answer, reply.answer)
        assert.is_true(reply.repaired)
      end
      assert.is_nil(reply_of(way, '{"text":"a\tb\\n"}').repaired)
    end
  end)

  it("cannot say itself what is made of it here", function()
    local reply = assert(wxbot.new{ appid = APPID, token = TOKEN,
      aes_key = AES_KEY, transport = scripted.new{ { body = '{"answer":"a",'
        .. '"status":"FAQ","text":{"x":1},"rich":[{"kind":"image"}]}' } } }
      :ask{ userid = "u", query = "q" })
    assert.equal("a", reply.text)
    assert.equal("text", reply.rich[1].kind)
  end)
end)

describe("a text", function()
  local function links(text)
    local parts, shown = parts_of(text)
    assert.equal(shown, parts[1].text)
    return shown, parts[1].links
  end

  it("has the questions that it recommends, as they are to be asked", function()
    for query, tag in pairs{
      ["怎么退货"] = '<a href="weixin://bizmsgmenu?msgmenucontent=怎么退货'
        .. '&msgmenuid=7">%s</a>',
      ["1 > 0 & 100%"] = "<A class='x' HREF = 'weixin://bizmsgmenu?msgmenucontent"
        .. "=1 > 0 & 100%%&msgmenuid=7'>%s</A >",
      ["q"] = "<a href=weixin://bizmsgmenu?msgmenuid=7&msgmenucontent=q>%s</a>",
    } do
      local text, found = links("请问：" .. tag:format("这个") .. "。")
      assert.equal("请问：这个。", text)
      assert.same({ { kind = "question", text = "这个", query = query,
        id = "7" } }, found)
    end
  end)

  it("says where links lead, unless they say so themselves", function()
    for shown, text in pairs{
      ["看这里 (https://e.test/a?b=1&c=2)！"] =
        '看<a href="https://e.test/a?b=1&c=2">这里</a>！',
      ["https://e.test/a"] = '<a href="https://e.test/a">https://e.test/a</a>',
      ["https://e.test/b"] = '<a target="x" href="https://e.test/b"></a>',
      ["打开"] = '<a data-miniprogram-appid="wx1" '
        .. 'data-miniprogram-path="pages/x?a=1">打开</a>',
      ["打开 (https://e.test)"] = '<a data-miniprogram-appid="wx1" '
        .. 'data-miniprogram-path="pages/x" href="https://e.test">打开</a>',
      ["名"] = '<a name="x">名</a>',
    } do
      assert.equal(shown, (links(text)))
    end
  end)

  it("has links of all kinds, in their order", function()
    local _, found = links('<a href="https://e.test">a</a>'
      .. '<a data-miniprogram-path="pages/x" data-miniprogram-appid="wx1">b</a>'
      .. '<a href="tel:10086">c</a>')
    assert.same({ { kind = "url", text = "a", url = "https://e.test" },
      { kind = "miniprogram", text = "b", appid = "wx1", path = "pages/x" },
      { kind = "url", text = "c", url = "tel:10086" } }, found)
  end)

  it("begins a new line where LINE_BREAK stands", function()
    assert.equal("a\nb\nc", (links("aLINE_BREAKbLINE_BREAKc")))
    assert.equal("t\nu\nd", select(2, parts_of(q{ news = { articles = { {
      title = "tLINE_BREAKu", description = "d" } } } })))
  end)

  it("keeps tags that are no links, or not whole", function()
    for _, text in ipairs{ "a < b", "<abbr>x</abbr>", '<a href="x">never ended',
      '<a href="x', "<a ", "</a>", "<a href='x\">y</a>", "<a>b</a>" } do
      local shown = links(text)
      assert.equal(text == "<a href='x\">y</a>" and "y (x\")" or text, shown)
    end
  end)
end)

describe("what built-in skills add to an answer", function()
  local LIST = { { url = "http://m", title = "s", author = "a",
    album_name = "n", album_pic_url = "http://p", extra = 1 } }

  it("is read from JSON in strings, and from what it would hold", function()
    for _, wrap in ipairs{ q, function(value) return value end } do
      local parts, text = parts_of("好的", "music", {
        music_ans_detail = wrap{ play_command = { play_list = LIST } },
        fm_ans_detail = wrap{ audio_play_command = { play_list = LIST } },
        news_ans_detail = wrap{ data = { docs = { { title = "t",
          abs_l = "l" } } } } })
      assert.same({ "text", "fm", "music", "news" }, { parts[1].kind,
        parts[2].kind, parts[3].kind, parts[4].kind })
      assert.same(LIST, parts[2].play_list)
      assert.same(LIST, parts[3].play_list)
      assert.same({ { title = "t", abs_l = "l" } }, parts[4].articles)
      assert.equal("好的\ns\na\nhttp://m\ns\na\nhttp://m\nt\nl", text)
    end
  end)

  it("may stand there without a name of its own", function()
    local parts = parts_of("", "music", { play_command = { play_list = LIST },
      audio_play_command = q{ play_list = LIST } })
    assert.same({ "fm", "music" }, { parts[1].kind, parts[2].kind })
    assert.same(LIST, parts[2].play_list)
  end)

  it("passes as it is where nobody knows it, and is no text", function()
    local parts, text = parts_of("好的", "weather", {
      weather_ans_detail = '{"city":"x"}', music_ans_detail = "", n = 7,
      other = '{"a":1,"b":2}', words = "hello" })
    assert.equal("好的", text)
    assert.same({ kind = "other", raw = { a = 1, b = 2 }, text = "" },
      parts[2])
    assert.same({ kind = "weather_ans_detail", raw = { city = "x" },
      text = "" }, parts[3])
    assert.equal(3, #parts)
  end)

  it("may stand in the details of the answer", function()
    local msg = { { content = "为您播放", song_name = "s", singer_name = "a",
      album_name = "n", pic_url = "http://p", music_url = "http://m" },
      { content = "第二条" } }
    local parts, text = parts_of("", "music", nil, msg)
    assert.same({ { title = "s", author = "a", album_name = "n",
      album_pic_url = "http://p", url = "http://m" } }, parts[3].play_list)
    assert.equal("为您播放\n第二条\ns\na\nhttp://m", text)
    parts = parts_of("x", "music", { music_ans_detail =
      q{ play_command = { play_list = LIST } } }, msg)
    assert.same(LIST, parts[2].play_list)
    assert.equal(2, #parts)
  end)

  it("may call a song by its name, and says it once", function()
    local parts, text = parts_of("", "music", { music_ans_detail = q{
      play_command = { play_list = { { name = "s", author = "a",
        url = "http://m" }, { title = "t", name = "t" } } } },
      fm_ans_detail = q{ audio_play_command = { play_list = {
        { name = "f", url = "http://f" } } } } })
    assert.equal("f", parts[1].play_list[1].title)
    assert.equal("s", parts[2].play_list[1].title)
    assert.equal("f\nhttp://f\ns\na\nhttp://m\nt", text)
    assert.equal("a.pdf\nhttp://f", select(2, parts_of(q{ file = {
      name = "a.pdf", url = "http://f" } })))
  end)

  it("may be articles in the details of the answer", function()
    local msg = { { content = "", articles = NEWS.articles },
      { content = "", articles = q{ { title = "w" } } } }
    local parts, text = parts_of("新闻", "news", nil, msg)
    assert.equal("新闻\n" .. NEWS_TEXT .. "\nw", text)
    assert.same(NEWS.articles, parts[2].articles)
    assert.same({ { title = "w" } }, parts[3].articles)
    -- Once, where they stand in the answer, too.
    parts = parts_of(q{ news = NEWS }, "news", nil, msg)
    assert.equal(1, #parts)
    parts = parts_of("", "news", nil, { { articles = {} }, { articles = 7 } })
    assert.equal(0, #parts)
  end)

  it("reaches the reply", function()
    local reply = assert(wxbot.new{ appid = APPID, token = TOKEN,
      aes_key = AES_KEY, transport = scripted.new{ { body = q{ ret = 0,
        answer = "", answer_type = "music", status = "GENERAL_FAQ",
        more_info = { music_ans_detail = q{ play_command = {
          play_list = LIST } } } } } } }:ask{ userid = "u", query = "q" })
    assert.same(LIST, reply.rich[1].play_list)
    assert.equal("answer", reply.tier)
    assert.is_string(reply.more_info.music_ans_detail)
  end)
end)

describe("a push", function()
  it("of customer service has what was said, decoded", function()
    local receiver = assert(wxbot.receiver{ kind = "kefu", appid = APPID,
      aes_key = AES_KEY })
    local crypt = assert(wxbot.msgcrypt(AES_KEY, APPID))
    local function push(content)
      local _, message = receiver:handle{ method = "POST", body = q{ encrypted =
        crypt:encrypt("<xml><userid>u</userid>" .. content .. "</xml>") } }
      return message
    end
    local answer = q{ image = { url = "http://i" } }
    local message = push("<content><msg><![CDATA[" .. answer
      .. "]]></msg><msgtype>text</msgtype></content><rich>x</rich>")
    assert.equal(answer, message.content.msg)
    assert.equal("http://i", message.text)
    assert.equal("image", message.rich[1].kind)
    assert.is_nil(message.repaired)
    assert.is_true(push("<content><msg>" .. '{"image":{"url":"a\\u0010"}}'
      .. "</msg></content>").repaired)
    message = push("<event>userEnter</event><rich><kind>x</kind></rich>"
      .. "<text>x</text>")
    assert.is_nil(message.text)
    assert.same({}, message.rich)
  end)

  it("of the service interface has the query, decoded", function()
    local raw = assert(core.rawcrypt(AES_KEY))
    local receiver = assert(wxbot.receiver{ kind = "service",
      aes_key = AES_KEY })
    local query = '{"voice":{"url":"http://v","text":"你好"}}'
    local _, message = receiver:handle{ method = "POST",
      body = raw:encrypt(q{ RequestId = "r", Query = query, text = 1,
        rich = { { kind = "x" } } }) }
    assert.equal(query, message.query)
    assert.equal("你好\nhttp://v", message.text)
    assert.equal("http://v", message.rich[1].url)
  end)
end)

describe("whatever comes", function()
  local function seconds(...)
    local begun = os.clock()
    local text, parts = rich.of(...)
    assert.is_string(text)
    assert.is_true(#parts <= 100)
    assert.is_string(json.encode{ reply = { rich = parts, text = text } })
    return os.clock() - begun
  end

  it("raises nothing, and can be written again", function()
    local values = { "", " ", "{", "[", "{}", "[]", "null", "[[[[]]]]",
      '{"":""}', '{"news":7}', '{"news":[7,"x",[],{}]}', '{"multimsg":7}',
      '{"multimsg":{}}', '{"multimsg":[null,1,true,[],{},[["x"]]]}',
      '{"image":[]}', '{"music":{"play_list":{}}}', '{"data":{"docs":7}}',
      '{"play_command":null}', '{"raw":{"kind":1}}', '{"kind":"x"}',
      '{"news":{"kind":[],"text":{},"links":7,"articles":{}}}',
      '{"text":{"content":"c"}}', '{"image":false}', ("["):rep(99999),
      ('{"a":'):rep(20) .. "1" .. ("}"):rep(20),
      ('{"multimsg":['):rep(9) .. '"x"' .. ("]}"):rep(9) }
    for _, value in ipairs(values) do
      for _, kind in ipairs{ "text", "news", "multimsg", "music", "", "x" } do
        seconds(value, kind)
        seconds("", kind, { music_ans_detail = value, play_command = value },
          { { content = value, music_url = value }, {} })
      end
    end
    for _, value in ipairs{ 7, true, {}, { {} }, { news = 1 } } do
      seconds(value)
      seconds(nil, nil, { a = value, [7] = value, play_command = value })
    end
  end)

  it("nests several messages three deep, and no deeper", function()
    local answer = "x"
    for _ = 1, 5 do
      answer = q{ multimsg = { "y", answer } }
    end
    local parts, text = parts_of(answer)
    assert.equal("y\ny\ny\n[multimsg]", text)
    assert.equal("multimsg", parts[4].kind)
  end)

  it("has a hundred parts at most", function()
    local list = {}
    for i = 1, 1000 do
      list[i] = "m" .. i
    end
    local parts = parts_of(q{ multimsg = list })
    assert.equal(100, #parts)
    assert.equal("m100", parts[100].text)
  end)

  for name, piece in pairs{ blanks = " ", brackets = "[", braces = "{",
    ["JSON"] = '{"multimsg":[', tags = "<a ", ["tags that end"] = "<a href=x>",
    ends = "</a>", quotes = '<a "', ["quoted ends"] = '<a "></a>"',
    ["both quotes"] = "<a \"'", links = '<a href="x">y</a>',
    ["attributes"] = " href", ["breaks"] = "LINE_BREAK", commas = ",",
    ["texts"] = '"a",', ["closing"] = "]", ["blanks between"] = "]   " } do
    it("takes a time that grows as it does: " .. name, function()
      for _, around in ipairs{ { "", "" }, { '{"multimsg":[', '"x"]}' },
        { '<a href="', "" }, { "<a ", ">x</a>" }, { "[", "]" },
        { '{"', '":1}' } } do
        local function text(bytes)
          return around[1] .. piece:rep(math.floor(bytes / #piece)) .. around[2]
        end
        local short, long = text(2 ^ 16), text(2 ^ 18)
        assert.is_true(seconds(short) < 0.25)
        assert.is_true(seconds(long) < 1)
      end
    end)
  end
end)

if not rawget(_G, "ngx") then
  describe("the command", function()
    after_each(command.clean)

    local function run(...)
      local skills = command.file(q{ skills = { { name = "s", intents = { {
        title = "新闻", answers = { q{ news = NEWS } } } } } } })
      return command.run{ "--sandbox", "--skills", skills, ... }
    end

    it("prints for a person, and all of it as JSON", function()
      assert.equal(NEWS_TEXT .. "\n", run("ask", "新闻").out)
      assert.equal(NEWS_TEXT .. "\n", run("--v2", "ask", "新闻").out)
      assert.equal(NEWS_TEXT .. "\n", run("message", "新闻").out)
      local reply = json.decode(run("--json", "ask", "新闻").out)
      assert.equal(NEWS_TEXT, reply.text)
      assert.equal(q{ news = NEWS }, reply.answer)
      assert.equal("https://e.test/a", reply.rich[1].articles[1].url)
    end)
  end)
end
