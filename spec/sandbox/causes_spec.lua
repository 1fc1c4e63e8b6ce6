-- Without this whoever is refused hears a number and no more, or a wrong cause,
-- or the real platform's answers are changed by what is only for looking.
local causes = require "wxbot.sandbox.causes"
local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local sealing = require "spec.support.sealing"
local warnings = require "wxbot.sandbox.warnings"
local wxbot = require "wxbot"

local NOW = 1800000000
local GIVEN = wxbot.sandbox():credentials()
local APPID, TOKEN, KEY = GIVEN.appid, GIVEN.token, GIVEN.aes_key
local JSON = { ["Content-Type"] = "application/json" }
local FORM = { ["Content-Type"] = "application/x-www-form-urlencoded" }

local TAG = "<xml><appid>wx1</appid><category>c</category><label>l</label>"
  .. "<desc>d</desc><list><openid>o</openid></list></xml>"

local function box_of(options)
  options = options or {}
  options.clock = function() return NOW end
  return assert(wxbot.sandbox(options))
end

-- A case: { path, body, headers = …, method = …, options = of the sandbox,
-- before = function(box) } -> response.
local function send(case)
  local box = box_of(case.options)
  if case.before then
    case = case.before(box, case) or case
  end
  return box:handle{ method = case.method or "POST",
    url = "https://x" .. case[1], headers = case.headers or JSON,
    body = case[2] or "", too_long = case.too_long }
end

local function jwt(claims, key)
  return assert(wxbot.jwt.encode(claims, key or KEY))
end

local function ask(signature)
  return json.encode{ signature = signature, query = "q" }
end

local function crypt(appid, key)
  return assert(wxbot.msgcrypt(key or KEY, appid or APPID))
end

local function sealed(text, appid, key)
  return json.encode{ encrypt = crypt(appid, key):encrypt(text) }
end

local function with(plain, iv)
  return json.encode{ encrypt = iv == "ecb" and sealing.seal_ecb(plain, KEY)
    or sealing.seal(plain, KEY, iv) }
end

local function framed(text, appid)
  return sealing.RANDOM .. sealing.big(#text) .. text .. (appid or APPID)
end

-- A request of version 2; `signed` makes sign of (token, time, nonce, body).
local function v2(path, body, other)
  local digest = function(text) return core.hex_encode(core.md5(text)) end
  local signed = other and other.signed or function(text)
    return digest(TOKEN .. NOW .. "n" .. digest(text))
  end
  local headers = { ["X-APPID"] = APPID, request_id = "r",
    timestamp = ("%d"):format(NOW), nonce = "n", sign = signed(body, digest) }
  for name, value in pairs(other and other.headers or {}) do
    headers[name] = value or nil
  end
  return { path, body, headers = headers, before = other and other.before }
end

-- With an access token of version 2, given out by the sandbox.
local function admitted(path, body, other)
  other = other or {}
  function other.before(box, case)
    local response = box:handle{ method = "POST", url = "https://x/v2/token",
      body = "", headers = v2("/v2/token", "").headers }
    local answer = json.decode(response.body)
    case.headers["X-OPENAI-TOKEN"] = answer.data.access_token
    if other.later then
      box:sleep(other.later)
    end
    return case
  end
  return v2(path, body, other)
end

local function stable(options)
  local asked = { grant_type = "client_credential", appid = "wx1",
    secret = "SANDBOX_SECRET" }
  for name, value in pairs(options or {}) do
    asked[name] = value or nil
  end
  return { "/cgi-bin/stable_token", json.encode(asked) }
end

local SIGN, AIBOT = "/openapi/sign/" .. TOKEN, "/openapi/aibot/" .. TOKEN
local BATCHSET = "/openapi/label/batchset/" .. TOKEN
local GET = "/cgi-bin/freepublish/get?access_token="
local FIND = '{"publish_id":"100000001"}'
local SAID = "<xml>" .. ("<openid>o</openid>"):rep(10) .. "</xml>"

-- A text that ends in the first half of a block of 32 bytes.
local HALF = TAG
while #framed(HALF) % 32 > 14 or #framed(HALF) % 32 == 0 do
  HALF = HALF:gsub("o</openid>", "o%0")
end

-- { cause, code (or status), case }
local CASES = {
  -- the request
  { "unknown_path", 404, { "/nowhere" } },
  { "similar_path", 404, { "/openapi//Sign/" .. TOKEN } },
  { "similar_path", 404, { "/openapi/" .. TOKEN .. "/sign" } },
  { "no_token", 404, { "/openapi/sign" } },
  { "body_too_long", 413, { SIGN, too_long = 1048576 } },
  { "method", 405, { SIGN, method = "GET" } },
  { "method", 43002, { GET .. "SANDBOX_ACCESS_TOKEN", method = "GET" } },
  { "method_case", 405, { SIGN, method = "post" } },
  { "no_content_type", 1003, { SIGN, '{"userid":"u"}', headers = {} } },
  { "content_type", 1013, { BATCHSET, sealed(TAG),
    headers = { ["Content-Type"] = "text/plain" } } },
  { "json_for_form", 1013, { BATCHSET, sealed(TAG), headers = FORM } },
  { "json_for_form", 1003, { SIGN, '{"userid":"u"}', headers = FORM } },
  { "form_for_json", 1003, { SIGN, "userid=u" } },
  { "no_body", 1003, { SIGN, "" } },
  { "no_body", 44002, { GET .. "SANDBOX_ACCESS_TOKEN", "" } },
  { "xml_for_json", 1013, { BATCHSET, TAG } },
  { "json_in_string", 1003, { SIGN, json.encode'{"userid":"u"}' } },
  { "json_list", 1003, { SIGN, '[{"userid":"u"}]' } },
  { "json_scalar", 1003, { SIGN, "7" } },
  { "single_quotes", 1003, { SIGN, "{'userid': 'u'}" } },
  { "not_json", 1003, { SIGN, '{"userid":"u",}' } },
  { "not_json", 210106, admitted("/v2/async/fetch", '{"task_id"}') },
  { "bad_form", 1003, { SIGN, "userid=%FF", headers = FORM } },
  { "injected", 1002, { SIGN, '{"userid":"u"}', before = function(box)
    box:fail{ code = 1002 }
  end } },
  { "injected", 503, { SIGN, '{"userid":"u"}', before = function(box)
    box:fail{ status = 503 }
  end } },

  -- who calls
  { "wrong_token", 1001, { "/openapi/sign/other", "{}" } },
  { "token_is_appid", 1001, { "/openapi/sign/" .. APPID, "{}" } },
  { "token_is_aes_key", 1001, { "/openapi/sign/" .. KEY, "{}" } },
  { "token_is_access_token", 1001, { "/openapi/sign/SANDBOX_ACCESS_TOKEN",
    "{}" } },
  { "token_is_placeholder", 1001, { "/openapi/sign/%7BTOKEN%7D", "{}" } },
  { "not_approved", 1002, { SIGN, '{"userid":"u"}',
    options = { approved = false } } },
  { "no_access_token", 41001, { "/cgi-bin/freepublish/get", FIND } },
  { "access_token_in_header", 41001, { "/cgi-bin/freepublish/get", FIND,
    headers = { Authorization = "Bearer t" } } },
  { "access_token_in_body", 41001, { "/cgi-bin/freepublish/get",
    '{"publish_id":"1","access_token":"t"}' } },
  { "access_token_form", 40014, { GET .. "a%20b", FIND } },
  { "wrong_access_token", 40001, { GET .. "other", FIND } },
  { "access_token_is_token", 40001, { GET .. TOKEN, FIND } },
  { "access_token_is_v2", 40001, { GET, FIND, before = function(box, case)
    local with_token = admitted("", "").before(box, { headers = {} })
    case[1] = GET .. with_token.headers["X-OPENAI-TOKEN"]
  end } },
  { "replaced_access_token", 40001, { GET, FIND, before = function(box, case)
    local function take(force)
      return json.decode(box:handle{ method = "POST",
        url = "https://x/cgi-bin/stable_token", headers = JSON,
        body = stable{ force_refresh = force }[2] }.body).access_token
    end
    case[1] = GET .. take()
    take(true)
  end } },
  { "expired_access_token", 42001, { GET .. "SANDBOX_ACCESS_TOKEN", FIND,
    options = { expires = NOW - 7 } } },
  { "not_authorised", 48001, { GET .. "SANDBOX_ACCESS_TOKEN", FIND,
    options = { authorised = false } } },
  { "grant_type", 40002, stable{ grant_type = "password" } },
  { "no_account_appid", 41002, stable{ appid = false } },
  { "no_secret", 41004, stable{ secret = false } },
  { "unknown_account", 40013, stable{ appid = APPID } },
  { "wrong_secret", 40125, stable{ secret = "other" } },

  -- signatures
  { "no_signature", 1004, { AIBOT, '{"query":"q"}' } },
  { "signature_elsewhere", 1004, { AIBOT, '{"query":"q"}',
    headers = { ["Content-Type"] = "application/json", Signature = "s" } } },
  { "signature_elsewhere", 1004, { AIBOT .. "?signature=s", '{"query":"q"}' } },
  { "signature_type", 1004, { AIBOT,
    '{"query":"q","signature":{"signature":"s"}}' } },
  { "signature_format", 1005, { AIBOT, ask "abc" } },
  { "signature_alg", 1005, { AIBOT, ask(core.base64url_encode
    '{"alg":"HS512","typ":"JWT"}' .. "." .. core.base64url_encode
    '{"userid":"u"}' .. "." .. core.base64url_encode(("x"):rep(64))) } },
  { "signature_decoded_key", 1005, { AIBOT, ask(jwt({ userid = "u" },
    core.base64_decode(KEY:sub(1, 42) .. "w="))) } },
  { "signature_padded_key", 1005, { AIBOT, ask(jwt({ userid = "u" },
    KEY .. "=")) } },
  { "signature_token_key", 1005, { AIBOT, ask(jwt({ userid = "u" }, TOKEN)) } },
  { "signature_appid_key", 1005, { AIBOT, ask(jwt({ userid = "u" }, APPID)) } },
  { "signature_key", 1005, { AIBOT, ask(jwt({ userid = "u" }, "other")) } },
  { "signature_expired", 1005, { AIBOT, ask(jwt{ userid = "u",
    exp = NOW - 60 }) } },
  { "signature_early", 1005, { AIBOT, ask(jwt{ userid = "u",
    nbf = NOW * 1000 }) } },
  { "signature_claims", 1005, { AIBOT, ask(jwt '["u"]') } },
  { "signature_no_userid", 1006, { AIBOT, ask(jwt{ name = "u" }) } },
  { "signature_userid_name", 1006, { AIBOT, ask(jwt{ userId = "u" }) } },
  { "signature_userid_type", 1006, { AIBOT, ask(jwt{ userid = 7 }) } },
  { "no_query_token", 1004, { "/openapi/message/" .. TOKEN, "{}" } },
  { "no_username", 1006, { "/openapi/message/" .. TOKEN,
    "query=" .. jwt{ msg = "q" } } },
  { "signature_decoded_key", 1005, { "/openapi/message/" .. TOKEN, "query="
    .. jwt({ username = "u" }, core.base64_decode(KEY:sub(1, 42) .. "w=")) } },
  { "appid_header", 400, v2("/v2/token", "", {
    headers = { ["X-APPID"] = "other" } }) },
  { "header_missing", 400, v2("/v2/token", "", {
    headers = { nonce = false } }) },
  { "sign_wrong", 400, v2("/v2/token", "{}", {
    signed = function() return "0" end }) },
  { "sign_no_body", 400, v2("/v2/token", "{}", {
    signed = function(_, md5) return md5(TOKEN .. NOW .. "n" .. md5 "") end }) },
  { "sign_plain_body", 400, v2("/v2/token", "{}", {
    signed = function(body, md5) return md5(TOKEN .. NOW .. "n" .. body) end }) },
  { "sign_upper_case", 400, v2("/v2/token", "{}", {
    signed = function(body, md5)
      return md5(TOKEN .. NOW .. "n" .. md5(body)):upper()
    end }) },
  { "sign_aes_key", 400, v2("/v2/token", "{}", {
    signed = function(body, md5) return md5(KEY .. NOW .. "n" .. md5(body)) end,
  }) },
  { "sign_access_token", 400, v2("/v2/async/fetch", "{}", {
    signed = function(body, md5) return md5("t" .. NOW .. "n" .. md5(body)) end,
    headers = { ["X-OPENAI-TOKEN"] = "t" } }) },
  { "sign_clear_text", 400, v2("/v2/bot/query",
    core.rawcrypt(KEY):encrypt '{"query":"q"}', {
      signed = function(_, md5)
        return md5(TOKEN .. NOW .. "n" .. md5 '{"query":"q"}')
      end }) },
  { "no_v2_token", 400, v2("/v2/async/fetch", "{}") },
  { "wrong_v2_token", 400, v2("/v2/async/fetch", "{}", {
    headers = { ["X-OPENAI-TOKEN"] = "other" } }) },

  -- what is encrypted
  { "no_encrypt", 1013, { BATCHSET, "{}" } },
  { "other_name", 1013, { BATCHSET, '{"encrypted":"x"}' } },
  { "field_name", 1013, { BATCHSET, '{"enCrypt":"x"}' } },
  { "encrypt_type", 1013, { BATCHSET, '{"encrypt":{"a":"x"}}' } },
  { "sealed_alone", 1013, { BATCHSET, crypt():encrypt(TAG) } },
  { "envelope", 1019, { BATCHSET, json.encode{ encrypt =
    "<xml><Encrypt><![CDATA[abc]]></Encrypt></xml>" } } },
  { "xml_in_clear", 1019, { BATCHSET, json.encode{ encrypt = TAG } } },
  { "json_in_clear", 1019, { BATCHSET, json.encode{ encrypt = '{"a":1}' } } },
  { "jwt_for_sealed", 1019, { BATCHSET, json.encode{
    encrypt = jwt{ userid = "u" } } } },
  { "base64", 1019, { BATCHSET, '{"encrypt":"abc#"}' } },
  { "base64url", 1019, { BATCHSET, json.encode{ encrypt = (crypt():encrypt(TAG,
    ("\251\239"):rep(8)):gsub("+", "-"):gsub("/", "_"):gsub("=", "")) } } },
  { "base64_lines", 1019, { BATCHSET, json.encode{ encrypt =
    (crypt():encrypt(TAG):gsub(("."):rep(76), "%0\n")) } } },
  { "blanks_for_plus", 1019, { BATCHSET, json.encode{ encrypt =
    (crypt():encrypt(TAG, ("\251\239"):rep(8)):gsub("+", " ")) } } },
  { "hex", 1019, { BATCHSET, json.encode{ encrypt = core.hex_encode(
    core.base64_decode(crypt():encrypt(TAG))) } } },
  { "size", 1019, { BATCHSET, json.encode{
    encrypt = crypt():encrypt(TAG):sub(1, 40) } } },
  { "wrong_key", 1019, { BATCHSET, sealed(TAG, APPID,
    ("k"):rep(42) .. "A") } },
  { "undecoded_key", 1019, { BATCHSET, sealed(TAG, APPID,
    core.base64_encode(KEY:sub(1, 32)):sub(1, 43)) } },
  { "ecb", 1019, { BATCHSET, with(sealing.pad(framed(TAG), 32), "ecb") } },
  { "ecb", 1019, { BATCHSET, with(sealing.pad(framed((TAG:gsub("<desc>",
    "%0" .. ("标签"):rep(2000)))), 32), "ecb") } },
  { "zero_iv", 1019, { BATCHSET, with(sealing.pad(TAG, 16), "zero") } },
  { "padding_16", 1019, { BATCHSET, with(sealing.pad(framed(HALF), 16)) } },
  { "no_padding", 1019, { BATCHSET, with(sealing.zeros(framed(TAG))) } },
  { "other_appid", 1010, { BATCHSET, sealed(TAG, "wx0000") } },
  { "no_appid", 1010, { BATCHSET, sealed(TAG, "") } },
  { "little_endian", 1019, { BATCHSET, with(sealing.pad(sealing.RANDOM
    .. sealing.little(#TAG) .. TAG .. APPID, 32)) } },
  { "length", 1010, { BATCHSET, with(sealing.pad(sealing.RANDOM
    .. sealing.big(#TAG + #APPID) .. TAG .. APPID, 32)) } },
  { "no_random", 1019, { BATCHSET, with(sealing.pad(sealing.big(#TAG) .. TAG
    .. APPID, 32)) } },
  { "no_length", 1019, { BATCHSET, with(sealing.pad(sealing.RANDOM .. TAG
    .. APPID, 32)) } },
  { "bare", 1019, { BATCHSET, with(sealing.pad(TAG, 16)) } },
  { "cut_off", 1019, { BATCHSET, json.encode{ encrypt =
    core.base64_encode(core.base64_decode(crypt():encrypt(SAID)):sub(1, 96)) } } },
  { "not_utf8", 1019, { BATCHSET, sealed "<xml>\196\227</xml>" } },
  { "json_for_xml", 1019, { BATCHSET, sealed '{"appid":"wx1"}' } },
  { "cdata_end", 1019, { BATCHSET,
    sealed "<xml><appid><![CDATA[a]]>b]]></appid></xml>" } },
  { "ampersand", 1019, { BATCHSET, sealed "<xml><desc>a & b</desc></xml>" } },
  { "doctype", 1019, { BATCHSET,
    sealed "<!DOCTYPE xml [<!ENTITY a 'b'>]><xml>&a;</xml>" } },
  { "not_xml", 1019, { BATCHSET, sealed "<xml><appid></xml>" } },
  { "xml_root", 1019, { BATCHSET, sealed "<XML><appid>wx1</appid></XML>" } },
  { "field_twice", 1019, { BATCHSET,
    sealed "<xml><label>l</label><label>m</label></xml>" } },
  { "framed", 1000012, admitted("/v2/bot/query",
    crypt():encrypt '{"query":"q"}') },
  { "json_in_clear", 1000012, admitted("/v2/bot/query", '{"query":"q"}') },
  { "wrapped", 1000012, admitted("/v2/bot/query", '{"encrypt":"abc"}') },
  { "sealed_not_json", 1000012, admitted("/v2/bot/query",
    core.rawcrypt(KEY):encrypt "query=q") },
  { "wrong_key", 1000012, admitted("/v2/bot/query",
    core.rawcrypt(("k"):rep(42) .. "A"):encrypt '{"query":"q"}') },

  -- what it says
  { "no_field", 1003, { SIGN, "{}" } },
  { "field_name", 1003, { SIGN, '{"userId":"u"}' } },
  { "field_type", 1003, { SIGN, '{"userid":7}' } },
  { "empty_fields", 1007, { BATCHSET, sealed "<xml><appid>wx1</appid></xml>" } },
  { "empty_fields", 1008, { "/openapi/sendmsg/" .. TOKEN,
    sealed "<xml><channel>0</channel></xml>" } },
  { "unbound_appid", 1011, { BATCHSET, sealed((TAG:gsub("wx1", "gh1"))) } },
  { "bot_appid", 1011, { BATCHSET, sealed((TAG:gsub("wx1", APPID))) } },
  { "not_admin", 1015, { "/openapi/publish/" .. TOKEN,
    sealed "<xml><managerid>nobody</managerid></xml>" } },
  { "not_admin", 210202, v2("/v2/token", '{"account":"nobody"}') },
  { "channel", 3004, { "/openapi/sendmsg/" .. TOKEN, sealed("<xml><appid>wx1"
    .. "</appid><openid>o</openid><msg>m</msg><channel>2</channel></xml>") } },
  { "unknown_task", 110002, { "/openapi/bts/taskfetch/" .. TOKEN,
    sealed "<xml><openid>admin</openid><task_id>t</task_id></xml>" } },
  { "unknown_publication", 40002, { GET .. "SANDBOX_ACCESS_TOKEN", FIND } },
  { "unknown_article", 53600, { "/cgi-bin/freepublish/getarticle?access_token="
    .. "SANDBOX_ACCESS_TOKEN", '{"article_id":"a"}' } },
  { "page", 40002, { "/cgi-bin/freepublish/batchget?access_token="
    .. "SANDBOX_ACCESS_TOKEN", '{"offset":"0","count":20}' } },
  { "kefustate", 110002, { "/openapi/kefustate/change/" .. TOKEN,
    sealed("<xml><appid>wx1</appid><openid>o</openid>"
      .. "<kefustate>busy</kefustate></xml>") } },
  { "field_value", 110002, admitted("/v2/bot/effective_progress", "{}") },
  { "no_field", 110002, admitted("/v2/bot/query",
    core.rawcrypt(KEY):encrypt "{}") },
}

describe("a refusal has the cause", function()
  for i, case in ipairs(CASES) do
    it(("%s, %s (%d)"):format(case[1], case[2], i), function()
      local response = send(case[3])
      assert.equal(case[1], response.cause_id, response.cause)
      local answer = json.decode(response.body) or {}
      local code = response.status ~= 200 and response.status
        or answer.errcode or answer.code
      assert.equal(case[2], code)
      assert.is_nil(response.cause:find("{%d}"), response.cause)
      assert.is_nil(response.cure:find("{%d}"), response.cure)
      -- Nothing of it is on the wire.
      assert.is_nil(response.body:find(response.cause, 1, true))
      for _, secret in ipairs{ TOKEN, KEY } do
        assert.is_nil((response.cause .. response.cure
          .. (response.decrypted or "")):find(secret, 1, true))
      end
    end)
  end

  it("of its code, where a check gives none", function()
    local response = causes.note({ status = 200 }, nil, 1011)
    assert.equal("refused", response.cause_id)
    assert.truthy(response.cause:find("1011", 1, true))
  end)

  it("of the service that nlp has not", function()
    local response = send{ "/openapi/nlp/other/" .. TOKEN,
      "query=" .. jwt{ uid = "u", data = {} } }
    assert.equal("nlp_name", response.cause_id)
  end)
end)

describe("a success", function()
  it("has no cause, and no warning where nothing is odd", function()
    local response = send{ BATCHSET, sealed(TAG) }
    assert.is_nil(response.cause_id)
    assert.is_nil(response.warnings)
    assert.equal("label_batchset", response.endpoint)
    assert.equal(TAG, response.decrypted)
    response = send{ AIBOT, ask(jwt{ userid = "u" }) }
    assert.is_nil(response.warnings)
    assert.is_nil(response.decrypted)
  end)

  local function warned(case)
    local ids = {}
    for i, warning in ipairs(send(case).warnings or {}) do
      ids[i] = warning.id
      assert.is_nil(warning.text:find("{%d}"))
    end
    return table.concat(ids, " ")
  end

  local HEAD = "<xml><appid>wx1</appid><category>c</category><label>l</label>"
    .. "<desc>d</desc>"

  for expected, case in pairs{
    ["no_list"] = { BATCHSET, sealed(HEAD .. "</xml>") },
    ["openid_list"] = { BATCHSET, sealed(HEAD
      .. "<list><openid>[o1,o2]</openid></list></xml>") },
    ["unknown_field"] = { BATCHSET, sealed((TAG:gsub("<list>",
      "<lable>l</lable>%0"))) },
    ["no_query"] = { AIBOT, json.encode{ signature = jwt{ userid = "u" } } },
    ["no_query field_type"] = { AIBOT, json.encode{ query = 7,
      signature = jwt{ userid = "u" } } },
    ["old_word"] = { "/openapi/kefustate/change/" .. TOKEN,
      sealed("<xml><appid>wx1</appid><openid>o</openid>"
        .. "<kefustate>on</kefustate></xml>") },
    ["long_msg"] = { "/openapi/sendmsg/" .. TOKEN, sealed("<xml><appid>wx1"
      .. "</appid><openid>o</openid><msg>" .. ("啊"):rep(2001)
      .. "</msg><channel>0</channel></xml>") },
    ["timestamp"] = v2("/v2/token", "", {
      headers = { timestamp = ("%d"):format(NOW - 3600) },
      signed = function(_, md5)
        return md5(TOKEN .. NOW - 3600 .. "n" .. md5 "")
      end }),
  } do
    it("warns of " .. expected, function()
      assert.equal(expected, warned(case))
    end)
  end

  it("has 20 warnings at most: a body has room for 100,000 odd names", function()
    local body = { signature = jwt{ userid = "u" }, query = "x" }
    for i = 1, 1000 do
      body["odd" .. i] = i
    end
    assert.equal(20, #send{ AIBOT, json.encode(body) }.warnings)
  end)
end)

describe("causes and warnings", function()
  it("are sentences, and have a cause and a cure", function()
    for id, sentences in pairs(causes.all) do
      assert.matches("^[a-z0-9_]+$", id)
      assert.equal(2, #sentences, id)
      for _, sentence in ipairs(sentences) do
        assert.matches("%.$", sentence)
        assert.is_nil(sentence:find("%.%."), id)
      end
    end
    for _, sentence in pairs(warnings.all) do
      assert.matches("%.$", sentence)
    end
  end)

  it("are all caused by some mistake that is tried", function()
    -- Of `wxbot decrypt` alone, or of chance.
    local without = { no_sealed = true, nothing_sealed = true,
      spare_bits = true, too_long = true, iv = true, padding_end = true,
      cut_padding = true, layout = true, unknown_content = true,
      refused = true, unanswered = true, nlp_name = true,
      too_many_arguments = true, signature_header = true, unknown_index = true,
      publishing = true, expired_v2_token = true }
    for _, case in ipairs(CASES) do
      without[case[1]] = true
    end
    -- spec/sandbox/drafts_spec.lua tries these.
    for id in pairs(require "wxbot.sandbox.causes.material") do
      without[id] = true
    end
    -- spec/sandbox/third_party_spec.lua tries these.
    for id in pairs(require "wxbot.sandbox.causes.component") do
      without[id] = true
    end
    for id in pairs(causes.all) do
      assert.is_true(without[id], id)
    end
  end)
end)
