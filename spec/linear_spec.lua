-- Without this a stranger stops a server with one long text.
--
-- What strangers send is read in linear time, whatever it is made of: each
-- reader is given 64 KiB and four times as much of one character, or of a few
-- that take turns, and of another at the end.
local limiter = require "wxbot.receive.limiter"
local core = require "wxbot.core"
local csv = require "wxbot.codec.csv"
local endpoints = require "wxbot.api"
local envelope = require "wxbot.call.envelope"
local extract = require "wxbot.codec.sealed".extract
local http1 = require "wxbot.transport.http1"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local parse = require "wxbot.receive.parse"
local redact = require "wxbot.call.redact"
local repair = require "wxbot.codec.repair"
local rich = require "wxbot.call.rich"
local shape = require "wxbot.call.schema.shape"
local scripted = require "spec.support.scripted"
local mask_body = require "wxbot.sandbox.secrets".mask_body
local signature = require "wxbot.receive.signature"
local tokenizer = require "wxbot.sandbox.tokenizer"
local trim = require "wxbot.util.text".trim
local wxbot = require "wxbot"
local xml = require "wxbot.codec.xml"

local SIZE, GROWTH = 64 * 1024, 4
-- Seconds of CPU: how long the one may take, how much longer the other may, and
-- below which time that says nothing.
local SECONDS, RATIO, NOISE = 0.05, 10, 0.01
-- A busy machine is asked again, unless it says enough.
local TRIES, HOPELESS = 8, 1

local ALPHABETS = { "7", "0", "a", " ", "\n", ",", '"', "[", "%", "&", "=",
  ":", ".", "\\", "<", "\0", "\228", "a=&" }

local inputs = {}
for i, characters in ipairs(ALPHABETS) do
  local small = characters:rep(math.floor(SIZE / #characters))
  inputs[i] = { characters = characters, small = small .. "!",
    large = small:rep(GROWTH) .. "!" }
end

local function measured(reader, text)
  local began = os.clock()
  reader(text)
  return os.clock() - began
end

-- Nil, or what took too long.
local function judge(reader, input)
  local short, long = math.huge, math.huge
  for try = 1, TRIES do
    if try > 1 then
      collectgarbage()
    end
    short = math.min(short, measured(reader, input.small))
    long = math.min(long, measured(reader, input.large))
    if short < SECONDS and (long < NOISE or long < RATIO * short) then
      return nil
    elseif short > HOPELESS then
      break
    end
  end
  return ("%q: %.1f ms, four times as much %.1f ms"):format(input.characters,
    short * 1000, long * 1000)
end

-- Each of the ways has to read each input.
local function reads(what, ways)
  it(what, function()
    for number, reader in ipairs(ways) do
      for _, input in ipairs(inputs) do
        local wrong = judge(reader, input)
        assert(not wrong, ("way %d, %s"):format(number, wrong))
      end
    end
  end)
end

-- The same for a text of many parts: part(i) is one of them.
local function reads_many(what, reader, before, part, after)
  local function text_of(bytes)
    local list, length = {}, 0
    while length < bytes do
      list[#list + 1] = part(#list + 1)
      length = length + #list[#list]
    end
    return before .. table.concat(list) .. after
  end
  it(what, function()
    local wrong = judge(reader, { characters = part(1), small = text_of(SIZE),
      large = text_of(SIZE * GROWTH) })
    assert(not wrong, wrong)
  end)
end

-- Ways that differ in what stands around a text.
local function around(reader, frames)
  local ways = {}
  for i, frame in ipairs(frames) do
    local before, after = frame:match("^(.-)@(.*)$")
    ways[i] = function(text)
      return reader(before .. text .. after)
    end
  end
  return ways
end

local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local APPID, TOKEN = "Gg8HejYTkUsEIlG", "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv"
local NOW = 1409735669

describe("in linear time, #alone", function()
  describe("an answer", function()
    local function shaped(kind)
      local fields = { { name = "v", type = kind, of = "string" } }
      return function(text)
        shape.object(fields, { v = text })
        shape.object(fields, { v = "-1." .. text })
      end
    end

    reads("has the types that are described", { shaped "number",
      shaped "integer", shaped "boolean", shaped "string", shaped "list",
      shaped "object" })

    local function failed(name)
      return function(text)
        tostring(envelope.failure{ [name] = text, errmsg = text })
      end
    end

    reads("says in its envelope whether it failed", { failed "errcode",
      failed "code", failed "ret", failed "error",
      function(text) failed "errcode"("0x" .. text) end,
      function(text) envelope.failure{ errcode = 1, errmsg = "rid: "
        .. text } end,
      function(text) envelope.failure{ errcode = 1, errmsg =
        ("rid: "):rep(#text) } end,
      function(text) envelope.failure{ error = { code = text } } end })

    reads("is JSON", around(json.decode, { "@", "[@]", '{"a":@', '{"@',
      '"@"', "[0.@", "[1e@", '["\\u@', "[1.@1]", " @[]" }))

    reads("is JSON that people wrote", around(function(text)
      local value, marked = json.decode(text, true)
      if value and marked then
        repair.values({}, { value })
      end
    end, { '["@"]', '["\\ud83d@"]', '["@\27"]' }))

    reads("is more than a text", around(rich.of, { "@", "[@", "{@", '{"a":@',
      '{"news":{"articles":[{"title":"@"}]}}', '{"multimsg":["@"]}',
      "<a @", "<a href=@", "<a href='@", "<a href='weixin://bizmsgmenu?"
        .. "msgmenucontent=@'>x</a>", "<a href='x'>@", "<a href=x>@</a" }))

    local function member(name)
      return function(i)
        return ('"%s":0,'):format(name:format(i))
      end
    end

    local function many(what, part, before, after)
      reads_many("has many " .. what, function(text)
        assert(json.decode(text))
      end, before or "{", part, after or '"":0}')
    end

    many("names", member "%06d")
    many("names, the last ones first", function(i)
      return member "%06d"(999999 - i)
    end)
    many("names that begin alike", member(("a"):rep(200) .. "%05d"))
    many("names that are escaped", member "\\u0061%05d")
    many("objects", function() return '{"a":1},' end, "[", "{}]")
    many("empty lists", function() return "[]," end, "[", "[]]")
    many("fractions", function(i) return i .. ".25," end, "[", "0]")
    many("long integers", function(i) return ("%020d,"):format(i)
      :gsub("^0", "1") end, "[", "0]")
    many("escapes", function() return "\\u4f60\\n" end, '"', '"')
    many("characters", function() return "\240\159\152\128" end, '"', '"')

    local body
    local bot = assert(wxbot.new{ appid = APPID, token = TOKEN, aes_key = KEY,
      access_token = "TOKEN", retry = false,
      transport = scripted.new{ function()
        return { status = body:find("^Error") and 503 or 200,
          headers = { ["retry-after"] = body }, body = body }
      end } })

    reads("comes to whoever called", around(function(sent)
      body = sent
      local _, err = bot:task_fetch{ task_id = "t", openid = "o" }
      tostring(err)
    end, { "@", "Error @", "Error request, response status: @", "<@",
      '{"errcode":1,"errmsg":"@"}', '{"errcode":"@"}',
      '{"errcode":1,"rid":"@"}', '{"data":{"state":"@"}}' }))

    reads("comes in the form of API version 2", {
      function(text)
        require "wxbot.call.wire.v2".failure(endpoints.by_name.v2_fetch, { code = 0,
          request_id = text, data = { err_detail = text, task_id = text } },
          200, text)
      end,
      function(text)
        require "wxbot.call.wire.v2_query".decode_answer(text, {
          raw = core.rawcrypt(KEY) })
      end,
    })

    local function cleaned(message, secrets, urls)
      secrets.urls = urls or {}
      redact.error({ message = message, code = message, rid = message },
        secrets)
    end

    reads("loses what was secret in it", {
      function(text) cleaned(text, { text, TOKEN }) end,
      function(text) cleaned(text, { text .. "?" .. text }) end,
      function(text) cleaned(text:sub(1, 9000) .. "?", { text:sub(1, 9000),
        text }) end,
      function(text) cleaned(text, {}, { { text:sub(1, 2000) .. "?", "" } })
        end,
      function(text) cleaned(("?" .. text:sub(1, 11)):rep(2000), { text }) end,
      function(text) cleaned((text:sub(1, 12) .. "?"):rep(2000),
        { (text:sub(1, 12) .. "?"):rep(math.floor(#text / 13)) }) end,
    })
  end)

  describe("HTTP", function()
    local function fed(text)
      local parser = http1.parser("POST", 8 * 1024 * 1024)
      parser:feed(text)
      parser:finish()
    end

    -- What is more than 64 KiB of headers is refused for that.
    local function headers(before)
      return function(text)
        fed(before .. text)
        fed(before .. text:sub(1, 60000) .. "!\r\n\r\n")
      end
    end

    local OK = "HTTP/1.1 200 OK\r\n"
    local CHUNKED = OK .. "Transfer-Encoding: chunked\r\n\r\n"

    reads("is a status line and headers", { headers "",
      headers "HTTP/1.1 200 ", headers(OK), headers(OK .. "X:"),
      headers(OK .. "Content-Length:"), headers(OK .. "Content-Length: 0"),
      headers(OK .. "Transfer-Encoding: "), headers(OK .. "Connection: ") })

    reads("is a body in chunks", { headers(CHUNKED), headers(CHUNKED .. "1"),
      headers(CHUNKED .. "1;") })

    reads("is asked for by a URL", around(http1.url, { "@", "https://@",
      "https://a:@" }))

    reads("names a media type", around(function(text)
      require "wxbot.call.wire.json".media_type{ ["content-type"] = text }
    end, { "@", "application/json@", "application/json;@" }))

    local QUERIES = { "@", "?@", "a=@", "@=1", "a=1&@" }
    reads("has queries", around(function(text)
      require "wxbot.call.wire.query".decode_request(nil, text)
    end, QUERIES))
    reads("has signed queries", around(parse.query, QUERIES))
    reads("has forms", around(function(text)
      require "wxbot.call.wire.json_or_form".decode_request(nil, text, {
        ["content-type"] = "application/x-www-form-urlencoded" })
    end, QUERIES))
  end)

  describe("a file", function()
    local multipart = require "wxbot.call.wire.multipart"
    local function form(text)
      multipart.decode_request(endpoints.by_name.material_add, text, {
        ["content-type"] = "multipart/form-data; boundary=b" })
    end
    local HEAD = '--b\r\nContent-Disposition: form-data; name="media"; '

    reads("comes in a form", around(form, { "@", "--b@", "--b\r\n@\r\n--b--",
      HEAD .. 'filename="@"\r\n\r\n\r\n--b--',
      HEAD .. 'filename="a"\r\n\r\n@\r\n--b--' }))
    reads("comes in a form with a boundary", around(function(text)
      multipart.decode_request(endpoints.by_name.material_add, "", {
        ["content-type"] = text })
    end, { "@", "multipart/form-data; boundary=@" }))
    reads_many("comes in a form of many parts", form, HEAD .. "\r\n\r\n",
      function() return "\r\n--b" end, "--")
    reads("is told by its first bytes", { function(text)
      require "wxbot.codec.media".format_of(text)
      require "wxbot.codec.media".extension_of(text)
    end })
  end)

  describe("a push", function()
    local crypt, raw = wxbot.msgcrypt(KEY, APPID), core.rawcrypt(KEY)
    local MORE = 8 * 1024 * 1024

    local function receiver(kind)
      return assert(wxbot.receiver{ kind = kind, appid = APPID, token = TOKEN,
        aes_key = KEY, max_body = MORE, clock = function() return NOW end,
        failures = { limit = 1e9 } })
    end

    local kefu = receiver "kefu"
    local INNER = { "@", "<xml>@</xml>", "<xml><userid>@</userid></xml>",
      "<xml><userid>1</userid><from>@</from></xml>",
      "<xml><userid>1</userid><createtime>@</createtime></xml>",
      "<xml><userid>1</userid><content><msg><![CDATA[@]]></msg></content>"
        .. "</xml>" }

    reads("of customer service comes", around(function(text)
      kefu:handle{ method = "POST", body = text, query = text, source = text }
    end, { "@", "{@", '{"encrypted":"@"}' }))

    reads("of customer service is opened", around(function(text)
      kefu:handle{ method = "POST", body = '{"encrypted":"'
        .. crypt:encrypt(text) .. '"}' }
    end, INNER))

    local official = receiver "official_account"
    local TIME, NONCE = tostring(NOW), "1"

    local function query_of(sealed)
      return { timestamp = TIME, nonce = NONCE,
        msg_signature = wxbot.signature(TOKEN, TIME, NONCE, sealed) }
    end

    reads("of an official account comes", around(function(text)
      official:handle{ method = "POST", body = text, query = query_of(text) }
      official:handle{ method = "GET", query = text }
    end, { "@", "{@", "echostr=@", "<xml><Encrypt>@</Encrypt></xml>" }))

    reads("of an official account is opened", around(function(text)
      local sealed = crypt:encrypt(text)
      official:handle{ method = "POST", query = query_of(sealed), body =
        "<xml><ToUserName>a</ToUserName><Encrypt>" .. sealed
        .. "</Encrypt></xml>" }
    end, { "<xml><FromUserName>@</FromUserName></xml>",
      "<xml><FromUserName>1</FromUserName><CreateTime>@</CreateTime></xml>",
      "<xml><FromUserName>1</FromUserName><MsgId>@</MsgId></xml>" }))

    reads("of an official account is signed over all that may be a time",
      { function(text)
        local sealed = crypt:encrypt("<xml><FromUserName>1</FromUserName>"
          .. "<CreateTime>" .. TIME .. "</CreateTime></xml>")
        local query = query_of(sealed)
        query.nonce = text
        query.msg_signature = wxbot.signature(TOKEN, TIME, text, sealed)
        official:handle{ method = "POST", query = query,
          body = "<xml><Encrypt>" .. sealed .. "</Encrypt></xml>" }
      end })

    local service = receiver "service"

    reads("of the service interface", around(function(text)
      service:handle{ method = "POST", body = raw:encrypt(text) }
    end, { "@", "{@", '{"Query":"@"}',
      '{"Query":"1","Timestamp":"@","Signature":"@"}' }))

    reads("comes from an address", around(function(text)
      local failures = limiter.new(1, 60, function() return 0 end)
      failures:count(text)
      failures:is_over(text)
    end, { "@", "::@", "::ffff:@", "1:@", "@::" }))

    reads("says times, and is signed", { parse.seconds,
      function(text)
        parse.fresh({ window = 1, clock = function() return 0 end }, text)
      end,
      function(text) signature.same(text, text:sub(1, math.floor(#text / 2)))
        end,
      function(text) parse.key{ text, text } end })

    local CAPS = { bytes = MORE, depth = 16, elements = 1e9, strict = true,
      tolerant = true }
    reads("is a document of XML", around(function(text)
      local root, marked = xml.decode(text, CAPS)
      if root and marked then
        repair.values({}, parse.values(root))
      end
    end, { "@", "<xml>@</xml>", "<@", "<xml @", "<xml a='@'", "<!--@",
      "<?xml @", "<!DOCTYPE @", "<xml>&@", "<xml>&#@",
      "<xml><![CDATA[@]]></xml>" }))
  end)

  describe("a token", function()
    local key = core.hs256(KEY)
    local function decoded(token)
      wxbot.jwt.decode(token, KEY)
    end

    reads("is signed", around(decoded, { "@", "@.@.@", "a.@.a" }))
    reads("has claims", around(function(text)
      decoded(key:sign(text))
    end, { "@", '{"exp":@', '{"exp":"@"}' }))
    reads("has a header", { function(text)
      decoded(core.base64url_encode(text) .. ".e30." .. ("A"):rep(43))
    end })
  end)

  describe("a text", function()
    local crypt, raw = wxbot.msgcrypt(KEY, APPID), core.rawcrypt(KEY)

    reads("is in base64, hex or UTF-8", { core.base64_decode,
      core.base64url_decode, core.hex_decode, core.utf8_valid,
      core.json_quote, function(text) crypt:decrypt(text) end,
      function(text) raw:decrypt(text) end })
    reads("is trimmed", around(trim, { "@", " @ ", "a@a" }))
    reads("is printed", { output.plain, output.line })
    reads("is searched for what is sealed in it", around(extract, { "@",
      '{"encrypt":@', '{"encrypt":"@"}', "<Encrypt>@", "encrypt=@" }))
    reads("is a table of values", around(csv.read, { "@", '"@', '"@"', "a@" }))
  end)

  describe("the sandbox", function()
    local sandbox = wxbot.sandbox{ clock = function() return NOW end }
    local given = sandbox:credentials()
    local crypt = wxbot.msgcrypt(given.aes_key, given.appid)
    local raw, hs256 = core.rawcrypt(given.aes_key), core.hs256(given.aes_key)

    reads("is asked by URLs and headers", around(function(text)
      sandbox:handle{ url = text, headers = { ["Content-Type"] = text } }
    end, { "@", "/@", "http://a/@", "/openapi/aibot/@",
      "/openapi/sign/" .. given.token .. "?@", "/cgi-bin/token?a=@" }))

    -- How the body of each wire holds an object.
    local function sealed(xml_or_json)
      return '{"encrypt":"' .. crypt:encrypt(xml_or_json) .. '"}'
    end
    local WAYS = {
      json = { "application/json" },
      json_or_form = { "application/json" },
      encrypted_xml = { "application/json", sealed },
      signed_query = { "application/x-www-form-urlencoded", function(text)
        return "query=" .. hs256:sign(text)
      end },
      v2_query = { "text/plain", function(text) return raw:encrypt(text) end },
    }

    -- Of each kind one that does much with what it is told.
    for _, name in ipairs{ "sign", "aibot", "sendmsg", "label_batchset",
        "nlp", "v2_query" } do
      local endpoint = endpoints.by_name[name]
      local form = WAYS[endpoint.wire]
      local url = "http://a.test" .. endpoint.path:gsub("{(%w+)}",
        function(part) return given[part] or "rank" end)
      local wire = require("wxbot.call.wire." .. endpoint.wire)
      local frames = { "@" }
      for _, field in ipairs(endpoint.request) do
        frames[#frames + 1] = endpoint.wire == "encrypted_xml"
          and ("<xml><%s>@</%s></xml>"):format(field.name, field.name)
          or ('{"%s":"@"}'):format(field.name)
      end
      reads("is sent " .. name, around(function(text)
        local body = form[2] and form[2](text) or text
        local headers = { ["content-type"] = form[1] }
        if wire.headers then
          headers = wire.headers({ appid = given.appid, token = given.token,
            clock = function() return NOW end }, body, "")
        end
        sandbox:handle{ url = url, headers = headers, body = body }
      end, frames))
    end

    local function tag(body)
      sandbox:handle{ url = "http://a.test/openapi/label/batchset/"
        .. given.token, headers = { ["content-type"] = "application/json" },
        body = body }
    end
    reads("is sent what does not open", around(tag, { '{"encrypt":"@"}',
      '{"encrypt":"AAAA@"}', '{"encrypt":"<@"}' }))
    reads("is sent no XML", around(function(text)
      tag(sealed(text))
    end, { "@", "<xml><![CDATA[@", "<xml>@]]>", "<xml>&@",
      "<xml><a><![CDATA[]]>@" }))
    reads("shows what it was sent", around(function(text)
      mask_body(text)
      repair.valid(text)
    end, { "@", '{"token":"@', '"@":"a', "<token>@", "<token><![CDATA[@",
      "token=@", "eyJ@", "eyJ.@.a" }))

    reads("reads what is asked", around(tokenizer.read, { "@", "a@" }))
  end)
end)
