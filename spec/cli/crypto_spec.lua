-- Without this encrypt, decrypt and jwt of the command change bytes, or show
-- control characters.
--
-- encrypt, decrypt and jwt.
-- #once
local canary = require "spec.support.canary"
local json = require "wxbot.codec.json"
local run = require "spec.support.command"

describe("wxbot encrypt and decrypt", function()
  after_each(run.clean)

  it("undo each other, from arguments", function()
    local sealed = run.sandbox{ "encrypt", "你好" }
    assert.equal(0, sealed.status)
    assert.truthy(sealed.out:find("^[%w+/=]+\n$"))
    local opened = run.sandbox{ "decrypt", sealed.out:match("%S+") }
    assert.same({ status = 0, out = "你好\n", err = "" }, opened)
  end)

  it("undo each other, from standard input, byte for byte", function()
    local text = "a\0b\255\27[31m\r\nend"
    local sealed = run.sandbox{ "encrypt", input = text .. "\n" }
    local opened = run.sandbox{ "decrypt", input = sealed.out }
    assert.equal(text .. "\n", opened.out)
  end)

  it("speak JSON", function()
    local sealed = json.decode(run.sandbox{ "--json", "encrypt", "hi" }.out)
    local opened = run.sandbox{ "--json", "decrypt", sealed.encrypt }
    assert.equal('{"appid":"Gg8HejYTkUsEIlG","kind":"message","text":"hi"}\n',
      opened.out)
  end)

  it("show a terminal no control characters", function()
    local sealed = run.sandbox{ "encrypt", "a\27[31mb" }.out:match("%S+")
    local screen = run.on_terminal{ "decrypt", "--sandbox", sealed }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("a?[31mb", 1, true))
  end)

  it("fail with exit 1 and print nothing, whatever is wrong", function()
    local sealed = run.sandbox{ "encrypt", "hi" }.out:match("%S+")
    for _, bad in ipairs{ "garbage", "", sealed:sub(5), sealed:reverse() } do
      local result = run.sandbox{ "decrypt", bad }
      assert.equal(1, result.status)
      assert.equal("", result.out)
    end
  end)

  it("need appid and aes_key", function()
    local result = run.run{ "encrypt", "hi" }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("missing: appid, aes_key\n", 1, true))
  end)
end)

describe("wxbot jwt", function()
  after_each(run.clean)

  it("makes tokens of claims and reads them", function()
    local made = run.sandbox{ "jwt", "encode", '{"userid":"u","n":1}' }
    assert.equal(0, made.status)
    local read = run.sandbox{ "jwt", "decode", input = made.out }
    assert.same({ status = 0, out = '{"n":1,"userid":"u"}\n', err = "" }, read)
  end)

  it("takes claims as they stand", function()
    local made = run.sandbox{ "jwt", "encode", input = '{ "b":1, "a":2 }\n' }
    local payload = made.out:match("^[^.]+%.([^.]+)")
    assert.equal("eyAiYiI6MSwgImEiOjIgfQ", payload)
  end)

  it("refuses claims that are no JSON object", function()
    for _, claims in ipairs{ "x", "[1]", '"u"', '{"a":}' } do
      local result = run.sandbox{ "jwt", "encode", claims }
      assert.equal(2, result.status)
      assert.truthy(result.err:find("^wxbot: claims must be a JSON object"))
    end
  end)

  it("refuses a token of another key, and one that has expired", function()
    local other = run.run{ "jwt", "encode", "{}",
      env = { WXBOT_AES_KEY = canary.credentials.aes_key } }.out:match("%S+")
    local result = run.sandbox{ "jwt", "decode", other, "--json" }
    assert.equal(1, result.status)
    assert.equal("signature", json.decode(result.err).error.code)
    local old = run.sandbox{ "jwt", "encode", '{"exp":1}' }.out:match("%S+")
    result = run.sandbox{ "jwt", "decode", old }
    assert.same({ status = 1, out = "", err = "wxbot: the token has expired\n" },
      result)
  end)

  it("asks which of the two", function()
    local result = run.run{ "jwt" }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("a command is required", 1, true))
  end)
end)
