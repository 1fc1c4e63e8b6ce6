-- Frozen bytes of the second generation's endpoints.

local core = require "wxbot.core"
local endpoints = require "wxbot.endpoint"
local errors = require "wxbot.error"
local v2wire = require "wxbot.wire.v2"
local wxbot = require "wxbot"

local APPID = "Gg8HejYTkUsEIlG"
local TOKEN = "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv"
local AES_KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local TIME = 1711001766

-- Answers with given bytes, and the token's endpoint with a token.
local function canned(body)
  return { request = function(self, request)
    self[request.url:match("/v2/token$") and "token" or "seen"] = request
    if request.url:find("/v2/token$") and not self.plain then
      return { status = 200, headers = {},
        body = '{"code":0,"data":{"access_token":"ACCESS"}}' }
    end
    return { status = 200, headers = {}, body = body }
  end }
end

local function client_on(transport)
  return assert(wxbot.v2{ appid = APPID, token = TOKEN, aes_key = AES_KEY,
    transport = transport, retry = false,
    clock = function() return TIME end })
end

-- The token is the client's own business: it is fetched by another call.
local function run(name, transport, params)
  if name == "v2_token" then
    local state = assert(require "wxbot.client".state({}, { appid = APPID,
      token = TOKEN, transport = transport, retry = false,
      clock = function() return TIME end }))
    transport.plain = true
    return require "wxbot.call".run(state, endpoints.by_name[name], params)
  end
  local client = client_on(transport)
  return client[name:sub(4)](client, params)
end

local function md5(text)
  return core.hex_encode(core.md5(text))
end

describe("the signature of v2", function()
  it("agrees with the published examples", function()
    assert.equal("fff8dae1356e7867ea98743439f0e9f8",
      v2wire.sign(TOKEN, "1711001766", "abc", ""))
    assert.equal("1929aa9eff5820e2680e2e1d1b1792dd",
      v2wire.sign(TOKEN, "1711001766", "abc", '{"account":"fb2ab07ce06"}'))
    assert.equal("dfa822f53a8de6bd41e0ea1b8d23f3be",
      v2wire.sign("token123", "1711520394", "abcdefghijklmn",
        '{"env":"online"}'))
  end)
end)

for _, endpoint in ipairs{ endpoints.by_name.v2_token,
                          (unpack or table.unpack)(endpoints.v2) } do
  local golden = dofile("spec/golden/" .. endpoint.name .. ".lua")
  local wire = require("wxbot.wire." .. endpoint.wire)

  describe(endpoint.name .. ", golden bytes:", function()
    for _, case in ipairs(golden.requests) do
      it("sends " .. case.why, function()
        local transport = canned("{}")
        run(endpoint.name, transport, case.params)
        local seen = transport.seen or transport.token
        assert.equal("POST", seen.method)
        assert.equal(case.url, seen.url)
        assert.equal(case.body, seen.body)
        assert.equal(endpoint.repeats ~= "act", seen.idempotent)
      end)

      it("signs the bytes of " .. case.why, function()
        local transport = canned("{}")
        run(endpoint.name, transport, case.params)
        local headers = (transport.seen or transport.token).headers
        assert.equal(16, #headers.nonce)
        assert.truthy(headers.request_id:find("^%x+%-%x+%-4%x+%-a%x+%-%x+$"))
        assert.same({
          ["content-type"] = case.content_type,
          ["X-APPID"] = APPID,
          ["X-OPENAI-TOKEN"] = endpoint.name ~= "v2_token" and "ACCESS" or nil,
          request_id = headers.request_id,
          timestamp = "1711001766",
          nonce = headers.nonce,
          sign = md5(TOKEN .. "1711001766" .. headers.nonce .. md5(case.body)),
        }, headers)
      end)

      if case.plain then
        it("seals the plain text of " .. case.why, function()
          assert.equal(case.plain, core.rawcrypt(AES_KEY):decrypt(case.body))
        end)
      end

      it("is read by the platform: " .. case.why, function()
        assert.same(case.params, wire.decode_request(endpoint, case.body, {},
          { raw = core.rawcrypt(AES_KEY) }))
      end)
    end

    for _, case in ipairs(golden.answers) do
      it("understands " .. case.why, function()
        local result, err = run(endpoint.name, canned(case.body),
          golden.requests[1].params)
        if case.result then
          assert.is_nil(err)
          assert.same(case.result, result)
        else
          assert.is_nil(result)
          assert.is_true(errors.is(err))
          for name, value in pairs(case.err) do
            assert.equal(value, err[name])
          end
          assert.equal(endpoint.name, err.endpoint)
          assert.is_true(err.sent)
        end
      end)
    end
  end)
end
