-- Without this decrypt of the command does not take what people have at hand, or
-- names a wrong cause where it fails.
local because = require "wxbot.cli.causes"
local bytes_of = require "wxbot.codec.sealed".bytes
local core = require "wxbot.core"
local diagnose = require "wxbot.codec.diagnosis"
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local sealing = require "spec.support.sealing"
local wxbot = require "wxbot"

local GIVEN = require "wxbot.sandbox".new():credentials()
local APPID, KEY = GIVEN.appid, GIVEN.aes_key
local OTHER_KEY = ("k"):rep(42) .. "A"
local XML = "<xml><userid>u1</userid><content><msg>你好，营业到几点？</msg>"
  .. "<msgtype>text</msgtype></content></xml>"
-- Its base64 has what URLs, JSON and base64url write in another way.
local SEALED = assert(wxbot.msgcrypt(KEY, APPID)):encrypt(XML, ("\251\239"):rep(8))

local function escaped(text)
  return (text:gsub("[+/=]", function(letter)
    return ("%%%02X"):format(letter:byte())
  end))
end

local function decrypt(text)
  local result = run.sandbox{ "--json", "decrypt", input = text }
  assert.equal("", result.err)
  assert.equal(0, result.status)
  return json.decode(result.out)
end

local TAKEN = {
  ["a push of customer service"] = { '{"encrypted":"%s"}', "kefu" },
  ["a request body"] = { '{ "encrypt": "%s" }', "request" },
  ["an official account's push"] = { "<xml><ToUserName><![CDATA[gh_1]]>"
    .. "</ToUserName>\n<Encrypt><![CDATA[%s]]></Encrypt></xml>",
    "official_account" },
  ["an official account's push in JSON"] = {
    '{"ToUserName":"gh_1","Encrypt":"%s"}', "official_account" },
  ["a push to a platform of third parties"] = { "<xml><AppId>wx1</AppId>"
    .. "<Encrypt>%s</Encrypt></xml>", "third_party" },
  ["a check of an address"] = { "GET /wx?timestamp=1&nonce=2&echostr=%s"
    .. "&msg_signature=3 HTTP/1.1", "echostr", escaped },
  ["a form"] = { "encrypted=%s", "kefu", escaped },
  ["base64"] = { "%s", "message" },
  ["base64 in lines"] = { "  %s\r\n", "message", function(text)
    return (text:gsub(("."):rep(20), "%0\n "))
  end },
  ["base64 in quotes"] = { " '%s',\n", "message" },
  ["base64url"] = { "%s", "message", function(text)
    return (text:gsub("+", "-"):gsub("/", "_"):gsub("=", ""))
  end },
  ["base64 for a URL"] = { "%s", "message", escaped },
  ["JSON with escapes"] = { '{"encrypted":"%s"}', "kefu", function(text)
    return (text:gsub("/", "\\/"):gsub("=", "\\u003d"))
  end },
  ["a line of a log"] = { '12:00 [info] body="{\\"encrypted\\":\\"%s\\"}"',
    "kefu", function(text)
      return (text:gsub("/", "\\\\\\/"):gsub(("."):rep(40), "%0\\n"))
    end },
}

describe("wxbot decrypt takes", function()
  after_each(run.clean)

  for what, case in pairs(TAKEN) do
    it(what, function()
      local text = (case[3] or tostring)(SEALED):gsub("%%", "%%%%")
      assert.same({ text = XML, kind = case[2], appid = APPID },
        decrypt((case[1]:gsub("%%s", text))))
    end)
  end

  it("a body of version 2, and a question to a service", function()
    local sealed = run.sandbox{ "encrypt", "--v2", "你好" }
    assert.same({ text = "你好", kind = "v2" }, decrypt(sealed.out))
    local question = '{"Query":"q","SkillName":"s"}'
    assert.same({ text = question, kind = "service" },
      decrypt(core.rawcrypt(KEY):encrypt(question)))
  end)

  it("base64 whose plus signs became blanks, and says so", function()
    local found = decrypt((SEALED:gsub("+", " ")))
    assert.equal(XML, found.text)
    assert.matches('blanks stand for "%+"', found.remarks[1])
  end)

  it("an envelope within a request, and says that it does not belong there",
    function()
      local envelope = ("<xml><Encrypt><![CDATA[%s]]></Encrypt></xml>"):format(
        SEALED)
      local result = run.sandbox{ "decrypt",
        json.encode{ encrypt = envelope } }
      assert.equal(XML .. "\n", result.out)
      assert.matches("^wxbot: a whole envelope is in its place: [^\n]+\n$",
        result.err)
    end)

  it("JSON in place of XML, and says so", function()
    local sealed = run.sandbox{ "encrypt", '{"a":1}' }.out:match("%S+")
    local found = decrypt(json.encode{ encrypt = sealed })
    assert.same({ "it holds JSON, where the platform has XML" },
      found.remarks)
  end)
end)

-- ------------------------------------------------------- what does not decrypt

local RANDOM, pad, zeros = sealing.RANDOM, sealing.pad, sealing.zeros
local big, little = sealing.big, sealing.little

local function seal(plain, iv)
  return iv == "ecb" and sealing.seal_ecb(plain, KEY)
    or sealing.seal(plain, KEY, iv)
end

local function message(text, id)
  return RANDOM .. big(#text) .. text .. (id or APPID)
end

local LAYOUTS = {
  { "other_appid", "another appid", pad(message(XML, "wx0000"), 32),
    'sealed for the appid "wx0000", not for "' .. APPID .. '"' },
  { "other_appid", "another appid, in blocks of 16 bytes",
    pad(message("123456789", "wx0000"), 16) },
  { "no_appid", "no appid", pad(message(XML, ""), 32) },
  { "padding_16", "padding to blocks of 16 bytes",
    pad(message "12345", 16), "is of blocks of 16 bytes" },
  { "no_padding", "padding with zeros", zeros(message(XML)), "one of zeros" },
  { "padding_end", "padding of zeros and a number",
    zeros(message(XML)):gsub("%z$", "\5"), "follows the appid is no padding" },
  { "little_endian", "a little endian length",
    pad(RANDOM .. little(#XML) .. XML .. APPID, 32), "is little endian" },
  { "length", "a length in characters",
    pad(RANDOM .. big(#XML - 18) .. XML .. APPID, 32),
    ("it says %d, and the text has %d bytes"):format(#XML - 18, #XML) },
  { "length", "a length with the appid's",
    pad(RANDOM .. big(#XML + #APPID) .. XML .. APPID, 32),
    ("it says %d, and the text has %d bytes"):format(#XML + #APPID, #XML) },
  { "no_random", "no random bytes", pad(big(#XML) .. XML .. APPID, 32) },
  { "no_length", "no length", pad(RANDOM .. XML .. APPID, 32) },
  { "length", "20 random bytes and no length",
    pad(RANDOM .. "\200\201\202\203" .. XML, 16) },
  { "layout", "8 random bytes", pad(RANDOM:sub(9) .. big(#XML) .. XML, 16),
    "begins after 12 bytes instead of 20" },
  { "bare", "the text alone", pad(XML, 16) },
  { "cut_padding", "the text alone, cut off", XML:sub(1, 96),
    "or the end is cut off" },
  { "zero_iv", "the text alone under an IV of zeros", pad(XML, 16), nil,
    "zero" },
  { "ecb", "blocks that are sealed each by itself", pad(message(XML), 32), nil,
    "ecb" },
  { "ecb", "the text alone in such blocks", pad(XML, 16), nil, "ecb" },
  { "unknown_content", "other bytes", pad(RANDOM:rep(3):sub(1, 41), 16) },
}

describe("wxbot decrypt names", function()
  after_each(run.clean)

  local function explain(base64)
    local bytes, reason = bytes_of(base64)
    return because.error(reason or diagnose(KEY, APPID, bytes))
  end

  for _, case in ipairs(LAYOUTS) do
    it(case[2], function()
      local sealed = seal(case[3], case[5])
      assert.is_nil(wxbot.msgcrypt(KEY, APPID):decrypt(sealed))
      local err = explain(sealed)
      assert.equal(case[1], err.code, err.message)
      assert.truthy(err.message:find(case[4] or "the key is right", 1, true)
        or case[1] == "unknown_content", err.message)
      assert.is_string(err.hint)
    end)
  end

  it("what is wrong with the vectors", function()
    local CODES = { R01 = "no_padding", R02 = "padding_end",
      R03 = "padding_end", R04 = "length", R07 = "length", R08 = "length",
      R11 = "other_appid", R13 = "other_appid", R16 = "padding_16",
      R17 = "wrong_key",
      R18 = "size", R20 = "base64", R22 = "base64" }
    local edge = json.decode(run.read("spec/vectors/msgcrypt.json")).edge
    for _, case in ipairs(edge.cases) do
      if CODES[case.id] then
        local bytes, reason = bytes_of(case.encrypt)
        reason = reason or diagnose(edge.encoding_aes_key, edge.appid, bytes)
        assert.equal(CODES[case.id], reason[1], case.why)
        CODES[case.id] = nil
      end
    end
    assert.same({}, CODES)
  end)

  it("an end that is cut off, between blocks and within one", function()
    local text = XML:rep(3)
    local sealed = wxbot.msgcrypt(KEY, APPID):encrypt(text)
    local bytes = core.base64_decode(sealed):sub(1, 96)
    local err = explain(core.base64_encode(bytes))
    assert.equal("cut_off", err.code)
    assert.truthy(err.message:find(("says %d bytes of text, and 76 are there")
      :format(#text), 1, true), err.message)
    err = explain(sealed:sub(1, 99))
    assert.equal("size", err.code)
    assert.truthy(err.message:find("99 characters of base64 are 74 bytes", 1,
      true), err.message)
  end)

  it("a beginning that is cut off", function()
    local bytes = core.base64_decode(core.rawcrypt(KEY):encrypt(XML))
    assert.equal("iv", explain(core.base64_encode(bytes:sub(17))).code)
  end)

  it("the character that is not of base64, and where it is", function()
    for text, said in pairs{ ["abc#efgh"] = '"#" at position 4 of 8',
        ["ab你好"] = '"你" at position 3 of 8',
        ["ab\200"] = "the byte 0xC8 at position 3 of 3",
        ["abc=abc="] = '"=" at position 4 of 8' } do
      local err = explain(text)
      assert.equal("base64", err.code)
      assert.truthy(err.message:find(said, 1, true), err.message)
    end
    local bytes = ("A"):rep(21) .. "B=="
    assert.equal("spare_bits", explain(bytes).code)
  end)

  it("a wrong key, whatever it makes of a message", function()
    local crypt, raw = wxbot.msgcrypt(OTHER_KEY, APPID), core.rawcrypt(OTHER_KEY)
    for i = 1, 500 do
      local random = core.md5(("%d"):format(i)):sub(1, 16)
      local err = explain(crypt:encrypt(XML, random))
      assert.equal("wrong_key", err.code, err.message)
      assert.equal("wrong_key", explain(raw:encrypt(random .. XML)).code)
    end
  end)

  it("that a key whose last character is not canonical is not the cause",
    function()
      local sealed = wxbot.msgcrypt(OTHER_KEY, APPID):encrypt(XML)
      local function told(key)
        local env = { WXBOT_APPID = APPID, WXBOT_AES_KEY = key }
        return run.run{ "decrypt", sealed, env = env }.err
      end
      assert.truthy(KEY:find("z$"))
      assert.matches("spare bits set is usual", told(KEY))
      assert.falsy(told(("a"):rep(42) .. "A"):find("spare bits", 1, true))
    end)

  it("a token, a message in the clear, and nothing, without credentials",
    function()
      local token = wxbot.jwt.encode({ userid = "u" }, KEY)
      for text, said in pairs{ [token] = "wxbot jwt decode",
          ["<xml><userid>u</userid></xml>"] = "nothing sealed in it",
          ['{"errcode":1019}'] = "nothing sealed in it",
          [" \n"] = "there is nothing to decrypt" } do
        local result = run.run{ "decrypt", input = text }
        assert.equal(1, result.status)
        assert.truthy(result.err:find(said, 1, true), result.err)
      end
    end)

  it("one cause and one cure, and as JSON", function()
    local sealed = seal(pad(message(XML, "wx\27[31m"), 32))
    assert.equal("length", explain(seal(pad(message(XML, "x" .. APPID),
      32))).code)
    local result = run.sandbox{ "decrypt", sealed }
    assert.equal(1, result.status)
    assert.equal("", result.out)
    assert.matches("^wxbot: [^\n]+\nwxbot: [^\n]+\n$", result.err)
    sealed = seal(pad(message(XML, "wx0000"), 32))
    local err = json.decode(run.sandbox{ "--json", "decrypt",
      json.encode{ encrypted = sealed } }.err).error
    assert.equal("other_appid", err.code)
    assert.equal("crypto", err.kind)
    assert.is_string(err.hint)
  end)

  it("that a push holds the text alone, which is for version 2", function()
    local sealed = seal(pad('{"query":"q"}', 16))
    local result = run.sandbox{ "--json", "decrypt",
      json.encode{ encrypted = sealed } }
    assert.equal("bare", json.decode(result.err).error.code)
  end)
end)
