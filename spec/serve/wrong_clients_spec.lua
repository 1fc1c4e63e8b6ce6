-- Without this whoever writes a client in another language, and gets it wrong,
-- does not hear what it is.
--
-- Clients of shell, curl and openssl, each with the mistake that its name says,
-- on `wxbot serve` over real sockets. Each has to hear its cause: in the record,
-- and on standard error.
-- #once
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local served = require "spec.support.served"
local start = require "spec.server.start"
local core = require "wxbot.core"
local causes = require "wxbot.sandbox.causes"
local warnings = require "wxbot.sandbox.warnings"

local GIVEN = require "wxbot.sandbox".new():credentials()
-- Its last character has spare bits set, which openssl does not mind.
local KEY = core.hex_encode(core.base64_decode(GIVEN.aes_key:sub(1, 42) .. "w="))

-- What a client of shell needs. POST sends JSON; the text to seal is the first
-- argument.
local PRELUDE = [==[
set -eu
JSON='Content-Type: application/json'
POST() {
  curl -s -X POST "$URL$1" -H "${3-$JSON}" \
    --data-binary "$2"
}
byte() { printf "\\$(printf %03o "$1")"; }
be32() { byte 0; byte 0; byte $(($1 >> 8 & 255)); byte $(($1 & 255)); }
length() { printf %s "$1" | wc -c; }
pad() {
  cat >plain
  k=$(($1 - $(wc -c <plain) % $1)) i=0
  cat plain
  while [ $i -lt $k ]; do byte $k; i=$((i + 1)); done
}
random() { head -c 16 /dev/urandom; }
frame() { random; be32 $(length "$1"); printf %s "$1"; printf %s "${2-$APPID}"; }
IV=$(printf %s "$KEY" | cut -c 1-32)
aes() {
  openssl enc -aes-256-cbc -nopad -K "${1-$KEY}" -iv "${2-$IV}" |
    openssl base64 -A
}
seal() { frame "$1" | pad 32 | aes; }
url64() { openssl base64 -A | tr '+/' '-_' | tr -d =; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
jwt() {
  secret=${2-$(printf %s "$AES_KEY" | hex)}
  head=$(printf '{"typ":"JWT","alg":"HS256"}' | url64)
  body=$(printf %s "$1" | url64)
  mac=$(printf %s "$head.$body" |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$secret" -binary | url64)
  printf %s "$head.$body.$mac"
}
ask() {
  POST "/openapi/aibot/$TOKEN" "{\"signature\":\"$1\",\"query\":\"q\"}"
}
md5() { openssl dgst -md5 | sed 's/.* //'; }
v2() {
  now=$(date +%s)
  sum=$(printf %s "$2" | md5)
  sign=$(printf %s "$TOKEN${now}abc$sum" | md5)
  curl -s -X POST "$URL$1" -H "X-APPID: $APPID" -H "X-OPENAI-TOKEN: ${4-}" \
    -H 'request_id: r' -H "timestamp: $now" -H 'nonce: abc' \
    -H "sign: $sign" -H 'Content-Type: text/plain' --data-binary "${3-$2}"
}
token() {
  POST /cgi-bin/stable_token "{\"grant_type\":\"client_credential\",
    \"appid\":\"wx1\",\"secret\":\"SANDBOX_SECRET\",\"force_refresh\":$1}" |
    sed 's/.*"access_token":"\([^"]*\)".*/\1/'
}
HEAD='<xml><appid>wx1</appid><category>c</category><label>l</label><desc>d</desc>'
TAG="$HEAD<list><openid>o</openid></list></xml>"
send() { POST "/openapi/label/batchset/$TOKEN" "{\"encrypt\":\"$1\"}" "${2-$JSON}"; }
]==]

-- { the mistake, the cause or warning, the client }
local CLIENTS = {
  { "an XML envelope inside encrypt", "envelope",
    [==[send "<xml><Encrypt><![CDATA[$(seal "$TAG")]]></Encrypt>\
<MsgSignature><![CDATA[s]]></MsgSignature></xml>"]==] },
  { "no JSON content type", "json_for_form",
    [==[curl -s "$URL/openapi/label/batchset/$TOKEN" \
      -d "{\"encrypt\":\"$(seal "$TAG")\"}"]==] },
  { "no content type at all", "no_content_type",
    [==[send "$(seal "$TAG")" Content-Type:]==] },
  { "the appid of another bot", "other_appid",
    [==[send "$(frame "$TAG" wx0000 | pad 32 | aes)"]==] },
  { "padding to blocks of 16 bytes", "padding_16",
    [==[while n=$(($(frame "$TAG" | wc -c) % 32)); [ "$n" -gt 14 ]; do TAG=" $TAG"; done
      send "$(frame "$TAG" | pad 16 | aes)"]==] },
  { "no length field", "no_length",
    [==[send "$({ random; printf %s "$TAG$APPID"; } | pad 32 | aes)"]==] },
  { "the key of another bot", "wrong_key",
    [==[send "$(frame "$TAG" | pad 32 | aes "$(random | hex)$(random | hex)")"]==] },
  { "an IV of zeros", "zero_iv",
    [==[send "$(printf %s "$TAG" | pad 16 | aes "$KEY" 00000000000000000000000000000000)"]==] },
  { "the mode ECB", "ecb",
    [==[send "$(frame "$TAG" | pad 32 |
      openssl enc -aes-256-ecb -nopad -K "$KEY" | openssl base64 -A)"]==] },
  { "a key that is not decoded", "undecoded_key",
    [==[k=$(printf %s "$AES_KEY" | cut -c 1-32 | tr -d '\n' | hex)
      send "$(frame "$TAG" | pad 32 | aes "$k" "$(printf %s "$k" | cut -c 1-32)")"]==] },
  { "base64url for base64", "base64url",
    [==[while s=$(seal "$TAG"); [ "$s" = "$(printf %s "$s" | tr -d '+/')" ]; do :; done
      send "$(printf %s "$s" | tr '+/' '-_' | tr -d =)"]==] },
  { "base64 in lines", "base64_lines",
    [==[send "$(seal "$TAG" | fold -w 64 | sed ':a;N;$!ba;s/\n/\\n/g')"]==] },
  { "]]> that is not split", "cdata_end",
    [==[send "$(seal '<xml><appid>wx1</appid><desc><![CDATA[a]]>b]]></desc></xml>')"]==] },
  { "encrypted for encrypt", "other_name",
    [==[POST "/openapi/label/batchset/$TOKEN" "{\"encrypted\":\"$(seal "$TAG")\"}"]==] },
  { "a signature made with the decoded key", "signature_decoded_key",
    [==[ask "$(jwt '{"userid":"u"}' "$KEY")"]==] },
  { "a signature that has expired", "signature_expired",
    [==[ask "$(jwt "{\"userid\":\"u\",\"exp\":$(($(date +%s) - 60))}")"]==] },
  { "a signature without userid", "signature_no_userid",
    [==[ask "$(jwt '{"username":"u"}')"]==] },
  { "the answer of sign for the signature", "signature_type",
    [==[s=$(POST "/openapi/sign/$TOKEN" '{"userid":"u"}')
      POST "/openapi/aibot/$TOKEN" "{\"query\":\"q\",\"signature\":$s}"]==] },
  { "a signature of version 2 over the clear text", "sign_clear_text",
    [==[q='{"query":"q"}'; v2 /v2/bot/query "$q" "$(printf %s "$q" | pad 16 | aes)" t]==] },
  { "a stale access token", "replaced_access_token",
    [==[old=$(token false); token true >/dev/null
      POST "/cgi-bin/freepublish/get?access_token=$old" '{"publish_id":"1"}']==] },
  { "an access token in a header", "access_token_in_header",
    [==[POST /cgi-bin/freepublish/get '{"publish_id":"1"}' \
      'Authorization: Bearer SANDBOX_ACCESS_TOKEN']==] },
  { "a form for JSON", "form_for_json",
    [==[POST "/openapi/sign/$TOKEN" userid=u]==] },
  { "JSON in a string", "json_in_string",
    [==[POST "/openapi/sign/$TOKEN" '"{\"userid\":\"u\"}"']==] },
  { "a number for a string", "field_type",
    [==[POST "/openapi/sign/$TOKEN" '{"userid":7}']==] },
  { "a GET", "method",
    [==[curl -s "$URL/openapi/sign/$TOKEN?userid=u"]==] },
  { "no token in the path", "no_token",
    [==[POST /openapi/sign '{"userid":"u"}']==] },
  { "a batchset without list", "no_list",
    [==[send "$(seal "$HEAD</xml>")"]==] },
  { "an openid that is a list", "openid_list",
    [==[send "$(seal "$HEAD<list><openid>[o1, o2]</openid></list></xml>")"]==] },
}

describe("a client of `wxbot serve`", function()
  local server, folder

  setup(function()
    folder = start.output_of("mktemp -d"):match("[^\n]+")
    server = served.start()
  end)

  teardown(function()
    start.stop_all()
    os.execute("rm -rf " .. run.quote(folder))
  end)

  local function client(script)
    local words = { "cd", run.quote(folder), "&&" }
    for name, value in pairs{ URL = server.url, APPID = GIVEN.appid,
        TOKEN = GIVEN.token, AES_KEY = GIVEN.aes_key, KEY = KEY } do
      words[#words + 1] = name .. "=" .. run.quote(value)
    end
    words[#words + 1] = "sh -c " .. run.quote(PRELUDE .. script) .. " 2>&1"
    return start.output_of(table.concat(words, " "))
  end

  local function get(path)
    return assert(json.decode(start.output_of("curl -s " .. run.quote(server.url
      .. "/_wxbot/api/" .. path))))
  end

  if start.output_of("command -v curl && command -v openssl") == "" then
    pending("curl and openssl are not here")
    return
  end

  it("that does it right is answered, and warned of nothing", function()
    assert.equal('{"errcode":0,"msg":"Success"}', client
      [==[send "$(seal "$TAG")"]==])
    assert.matches('"ret":0', client [==[ask "$(jwt '{"userid":"u"}')"]==])
    assert.matches('"code":0', client "v2 /v2/token ''")
    local list = get("requests").requests
    for _, request in ipairs(list) do
      assert.is_nil(request.cause)
      assert.same({}, request.warnings)
    end
    assert.equal(3, #list)
  end)

  for _, case in ipairs(CLIENTS) do
    it("with " .. case[1] .. " hears so", function()
      local before = get("requests?limit=1").newest
      local said = client(case[3])
      local list = get("requests?after=" .. before).requests
      local request = list[#list]
      assert.is_table(request, said)
      local sentence
      if causes.all[case[2]] then
        assert.equal(case[2], request.cause_id, request.cause)
        sentence = causes.fill(causes.all[case[2]][1], request.values)
        assert.equal(sentence, request.cause)
        assert.is_string(request.cure)
      else
        assert.equal(case[2], request.warnings[1].id)
        sentence = causes.fill(warnings.all[case[2]],
          request.warnings[1].values)
      end
      -- The line says it, too; nothing on the wire does.
      repeat
        local line = server:line()
      until line:find(sentence, 1, true)
      assert.is_nil(said:find(sentence, 1, true))
    end)
  end
end)
