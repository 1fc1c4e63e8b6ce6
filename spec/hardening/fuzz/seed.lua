-- Writes the seeds: .ci/lua 5.4 spec/hardening/fuzz/seed.lua FOLDER, a folder
-- below it for each harness. They come from spec/vectors, and by hand.
-- keep, beside this, makes corpus/ of them and of what has been found.
local cjson = require "cjson"

local read = require "spec.server.start".read

local unpack = table.unpack or unpack

-- Files are named by number: the next one of a folder.
local counts = {}
local function seed(folder, bytes)
  if type(bytes) ~= "string" or #bytes > 1024 then
    return
  end
  if not counts[folder] then
    assert(os.execute(('mkdir -p "%s/%s"'):format(arg[1], folder)))
  end
  counts[folder] = (counts[folder] or 0) + 1
  local path = ("%s/%s/%03d"):format(arg[1], folder, counts[folder])
  local file = assert(io.open(path, "wb"))
  assert(file:write(bytes))
  file:close()
end

-- The plaintext of a message, with padding to blocks of 32 bytes.
local function plaintext(random, text, id)
  local n = #text
  local length = string.char(math.floor(n / 16777216) % 256,
    math.floor(n / 65536) % 256, math.floor(n / 256) % 256, n % 256)
  local all = random .. length .. text .. id
  local pad = 32 - #all % 32
  return all .. string.char(pad):rep(pad)
end

for _, token in ipairs(cjson.decode(read("spec/vectors/jwt.json")).tokens) do
  seed("verify", token.jwt)
  seed("jwt", token.jwt)
  seed("verify", token.jwt:match("^[^.]*%.[^.]*"))
end

for _, claims in ipairs{ '{"exp":1409735669}', '{"nbf":1409735729,"a":[]}',
  '{"exp":"1409735669"}', '{"iat":-1}', '{"exp":1e400}', '[1]', '{}' } do
  seed("jwt", '{"alg":"HS256","typ":"JWT"}\n' .. claims)
  seed("jwt", '{"alg":"none"}\n' .. claims)
  seed("jwt", claims)
end
seed("jwt", '{"alg":"HS256","crit":["x"]}\n{}')
seed("jwt", '{"alg":"HS256","enc":"A256GCM"}\n{}')

local vectors = cjson.decode(read("spec/vectors/msgcrypt.json"))
for _, list in ipairs{ vectors.published, vectors.edge } do
  for _, vector in ipairs(list) do
    seed("base64", vector.encrypt)
    seed("decrypt", vector.encrypt)
    if vector.msg and vector.random and #vector.random == 16 then
      seed("decrypt", plaintext(vector.random, vector.msg,
        "wxb11529c136998cb6"))
    end
  end
end

for _, text in ipairs{ '{}', '[]', '"\\u4f60\\ud83d\\ude00"', '-0.5e+3',
  '{"ret":0,"answer":"你好","list":[1,2.5,true,null,{"a":{}}]}',
  '[12345678901234567890,1e308,{"a":1,"\\u0061":2}]',
  '{"a":"\0\16\27\t\n\228\184\255","b":"\\u0000\\ud800\\ufffe\\b\\ufdd0"}',
  '["\239\183\14410.\239\191\190",[],12345678901234567890,"\240\159"]' } do
  seed("json", text)
end

-- ------------------------------------------------------------------- answers

for i, endpoint in ipairs(require "wxbot.api".all) do
  local golden = dofile("spec/golden/" .. endpoint.name .. ".lua")
  for status, answer in ipairs(golden.answers) do
    seed("answer", string.char(i - 1, status) .. (answer.body or ""))
  end
  for _, request in ipairs(golden.requests) do
    local body = (request.body or ""):gsub('("signature":")[^"]*', "%1@")
    seed("sandbox", string.char(i - 1, 0) .. body)
    seed("sandbox", request.plain and string.char(i - 1, 1) .. request.plain)
  end
end

local OK = "HTTP/1.1 200 OK\r\n"
local CHUNKED = OK .. "Transfer-Encoding: chunked\r\n\r\n"

local ANSWERS = {
  OK .. "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n"
    .. '{"ret":0}',
  OK .. "Connection: close\r\n\r\nto the end",
  CHUNKED .. "4\r\n{\"a\"\r\n3;x=y\r\n:1}\r\n0\r\nX-Late: 1\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
    .. OK .. "content-length: 1\r\n\r\na",
  "HTTP/1.0 502 Bad Gateway\r\n\r\n<html>",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 304\r\nContent-Length: 5\r\n\r\n",
  "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
  OK .. "X: 1\r\nx:  2\t\r\nConnection: keep-alive, close\r\n"
    .. "Content-Length: 00\r\n\r\nmore",
  OK .. "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
  OK .. "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  OK .. "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
  OK .. " folded: 1\r\n\r\n", OK .. "No-Colon\r\n\r\n",
  OK .. "Content-Length: 99999999999999\r\n\r\n",
  CHUNKED .. "fffffffffffffff\r\n", CHUNKED .. "0x1\r\na\r\n",
  "HTTP/2 200\r\n\r\n", "\21\3\1\0\2\2\40", "HTTP/1.1 200 OK\n\n",
}
for i, answer in ipairs(ANSWERS) do
  seed("http", string.char(i % 3 * 4, i % 7) .. answer)
  seed("http", string.char(128 + i % 12, i % 5) .. answer)
end

-- Calls of the client, by the bytes of options of checks/curl.lua:
-- request, limits, piece, ending and connection, what is done meanwhile, times.
local function call(answer, ...)
  local options = { ... }
  for i = 1, 6 do
    options[i] = options[i] or 0
  end
  return string.char(unpack(options)) .. answer
end

local function driven(mode, connections, ...)
  return string.char(mode, connections) .. table.concat({ ... }, "\255\255")
end

local HI = OK .. "Content-Length: 2\r\n\r\nhi"

for i, answer in ipairs(ANSWERS) do
  local mode = i % 4
  seed("curl", driven(mode + 8, 1, call(HI), call(answer, i % 8, 0, 0, i % 4),
    call(HI)))
  seed("curl", driven(mode, 0, call(answer, 1, 0, 3, 1)))
end
for way = 0, 7 do
  seed("curl", driven(way % 4 + 4, 2, call(HI, 96 + way, 0, 0, 4 * way),
    call(HI, 33, 8, 1, 2)))
  seed("curl", driven(1 + way % 3, 1, call(HI, 0, 40, 0, 0, 8 * way + way),
    call(HI, 8, 40, 0, 0, 4 + 8 * way), call(HI, 16, 24, 0, 3)))
end
for ending = 0, 3 do
  seed("curl", driven(0, 0, call(HI, 24, 96, 1, ending, 0, ending),
    call("HTTP/1.1", 0, 0, 0, ending), call("", 0, 0, 0, ending),
    call(HI, 0, 16, 0, ending)))
end
for _, request in ipairs{ "POST ?a=b\nX-A: b\nContent-Type: text/plain\n\nhello",
  "GET", "HEAD /x", "OPTIONS ?", "GET /a b", "GET #x", "GET\nX:  \n",
  "GET\nContent-Length: 1", "GET\na b: c", "A=B /%00" } do
  seed("curl", driven(0, 0, call(request .. "\254" .. HI), call(HI)))
end

-- ------------------------------------------------------- queries and messages

-- Of aibot, the second endpoint, whose answers may be more than texts.
for _, answer in ipairs{
  '{"news":{"articles":[{"title":"t","url":"u","type":"h5"}]}}',
  '{"multimsg":["a","{\\"image\\":{\\"url\\":\\"u\\"}}",{"voice":{}}]}',
  '{"play_command":{"play_list":[{"url":"u","author":"a"}]}}',
  '{"data":{"docs":[{"title":"t","abs_l":"l"}]}}', '{"x":{"text":"LINE_BREAK"}}',
  'a<a href="weixin://bizmsgmenu?msgmenucontent=q&msgmenuid=1">q</a>LINE_BREAK'
    .. '<a data-miniprogram-appid="w" data-miniprogram-path=\'p\'>b</a>',
  "<a \">\" href=u></A ><a href=\"", '{"a":1', "[1]",
} do
  seed("answer", "\1\48" .. answer)
end

local signed = "timestamp=1409735669&nonce=1320562132"
for _, query in ipairs{
  "?signature=d4767b5ba7a59f54f21ee65a2b50fe67d6a0ffe3&" .. signed
    .. "&echostr=4375120948345356249",
  signed .. "&echostr=x%2By%3D&signature=", "a=%4g&b", "a=1&a=2", "=&&=x",
  "1320562132\n4375120948345356249", "%zz\n+/=", "n\n" .. ("e"):rep(40),
} do
  seed("query", query)
end

local TEXT = "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1"
  .. "</FromUserName><CreateTime>1409735668</CreateTime><MsgType>text"
  .. "</MsgType><Content><![CDATA[a ]]></Content><MsgId>4561255354251345929"
  .. "</MsgId></xml>"
local FINISHED = "<xml><FromUserName>o1</FromUserName><Event>PUBLISHJOBFINISH"
  .. "</Event><PublishEventInfo><publish_id>1</publish_id><publish_status>0"
  .. "</publish_status><article_detail><count>1</count><item><idx>1</idx>"
  .. "<article_url>u</article_url></item></article_detail>"
  .. "<fail_idx>2</fail_idx></PublishEventInfo></xml>"
local KEFU = "<xml><userid>u</userid><appid>pamtest</appid><content><msg>"
  .. "<![CDATA[<b>]]></msg><msgtype>text</msgtype></content><event>userEnter"
  .. "</event><from>0</from><kfstate>1</kfstate><channel>7</channel>"
  .. "<assessment/><customerInfo><name>A</name><avatar/></customerInfo>"
  .. "<createtime>1716535576142</createtime></xml>"
local ENVELOPE = "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n<Encrypt>"
  .. "<![CDATA[@]]></Encrypt></xml>"
local QUESTION = '{"RequestId":"r1","UserId":"u1","Query":"q","SkillName":"s",'
  .. '"IntentName":"i","Slots":[{"SlotName":"a","SlotValue":1,'
  .. '"NormalizeValue":"{}"}],"ThirdApiId":42}'

local ACCOUNT = '{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":'
  .. '1409735668,"MsgType":"event","Event":"PUBLISHJOBFINISH","MsgId":1,'
  .. '"PublishEventInfo":{"publish_id":"1","publish_status":0,'
  .. '"article_detail":{"count":1,"item":[{"idx":1}]},"fail_idx":[2]}}'

for _, push in ipairs{ "o" .. ACCOUNT, 'e{"ToUserName":"gh_1","Encrypt":"@"}',
  "n" .. ACCOUNT, "o" .. TEXT, "o" .. FINISHED, "k" .. KEFU,
  "e" .. ENVELOPE, "e<xml><Encrypt>@</Encrypt><Encrypt>@</Encrypt></xml>",
  "s" .. QUESTION, "r" .. QUESTION, "n" .. QUESTION, "n" .. ENVELOPE, "n{}",
  'n{"encrypted":"AAAA"}', 'n{"Query":"","Timestamp":1409735669}',
  "o" .. TEXT:gsub("a ", "a\16\228]]>&#16;&#xd800;<![CDATA["),
  "o" .. TEXT:gsub(">o1", ">o\16"), "n" .. TEXT,
  "e" .. ENVELOPE:gsub("<Encrypt", "<a><item>\29</item></a><AppId/>%0"),
  'e{"Encrypt":"@","a":[1,{"b":"\16"}],"ToUserName":"gh_1"}',
  "k" .. KEFU:gsub("<b>", "\27[0m\239\191\190"),
  "s" .. QUESTION:gsub('"q"', '"\16\\ud800\n"'),
  "r" .. QUESTION:gsub('"u1"', '"\16"') } do
  seed("receive", push)
end

for _, document in ipairs{ TEXT, FINISHED, KEFU, "<a/>", "<a>x<b/>y</a>",
  "\239\187\191<?xml version='1.0' encoding='utf-8'?><a>&lt;&#13;&#x4f60;</a>",
  "<?xml version='1.0' encoding='GBK'?><a/>", "<a x='1'/>", "<x:a/>",
  "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a><?php x?></a>",
  "<a><!-- - --></a>", "<a>]]></a>", "<a><![CDATA[x]]>]]&gt;</a>", "<a/><b/>",
  "<a><b><c><d/></c></b></a>", "<a><b/><b/><b/><b/><b/></a>", "&#0;\0]]>\r",
  "<a><b><c>1</c></b><d><a>2</a></d><d/></a>",
  "<a>\0\16&#16;&#x110000;\239\183\14410.&#xfdd0;<![CDATA[\29&#1;\228]]>\255</a>",
  "<a><b>\240\159</b><!--\1--></a>", "<a b='\1>'>\1</a>" } do
  seed("xml", document)
end
