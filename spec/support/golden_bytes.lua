-- Specifies an endpoint by its frozen bytes. To be run with dofile: it is about
-- the library that is loaded then.

local busted = require "busted"
local canary = require "spec.support.canary"
local contexts = require "wxbot.call.context"
local call = require "wxbot.call"
local core = require "wxbot.core"
local endpoints = require "wxbot.api"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

local after_each, assert, before_each = busted.after_each, busted.assert,
  busted.before_each
local describe, it = busted.describe, busted.it

local APPID = canary.documented.appid
local TOKEN = canary.documented.token
local AES_KEY = canary.documented.aes_key
local RANDOM = "0123456789abcdef"
local TIME = 1711001766

-- Keys of a client; what they encrypt has the random of the golden bytes.
local function fixed_keys()
  local crypt = core.msgcrypt(AES_KEY, APPID)
  return { hs256 = core.hs256(AES_KEY), raw = core.rawcrypt(AES_KEY),
    crypt = {
      encrypt = function(_, text) return crypt:encrypt(text, RANDOM) end,
    } }
end

-- What the platform has.
local function platform_keys()
  return { crypt = core.msgcrypt(AES_KEY), raw = core.rawcrypt(AES_KEY),
    appid = APPID, aes_key = AES_KEY, time = os.time }
end

-- The text that a body holds sealed.
local function opened(endpoint, body)
  if endpoint.service == "v2" then
    return core.rawcrypt(AES_KEY):decrypt(body)
  end
  return core.msgcrypt(AES_KEY, APPID):decrypt(json.decode(body).encrypt)
end

-- A transport that answers with given bytes and keeps what it was asked last;
-- the access token of v2 is fetched by a call of its own.
local function canned(endpoint, body, status)
  return {
    request = function(self, request)
      self.seen = request
      if request.url:find("/v2/token$") and endpoint.name ~= "v2_token" then
        return { status = 200, headers = {},
          body = '{"code":0,"data":{"access_token":"ACCESS"}}' }
      end
      return { status = status or 200, headers = {}, body = body }
    end,
  }
end

-- Calls an endpoint, of a client or of the library's own, on a transport.
local function run(endpoint, transport, params, credentials)
  local is_v2 = endpoint.service == "v2"
  local options = { appid = APPID, token = TOKEN, aes_key = AES_KEY,
    access_token = not is_v2 and "ACCESS_TOKEN" or nil, retry = false,
    transport = transport, clock = function() return TIME end }
  for name, value in pairs(credentials or {}) do
    options[name] = value
  end
  local made = assert(is_v2 and wxbot.v2(options) or wxbot.new(options))
  local method = made[endpoints.method_of(endpoint)]
  if method then
    return method(made, params)
  end
  return call.run(assert(contexts.new({}, options)), endpoint, params)
end

-- v2 signs in the headers: with the random of the golden bytes these are it.
local function headers_of(endpoint, golden, case)
  if endpoint.service ~= "v2" then
    return case.headers or golden.headers
  end
  return {
    ["content-type"] = golden.content_type,
    ["X-APPID"] = APPID,
    ["X-OPENAI-TOKEN"] = endpoint.name ~= "v2_token" and "ACCESS" or nil,
    request_id = "30313233-3435-4637-a839-616263646566",
    timestamp = "1711001766", nonce = "3031323334353637", sign = case.sign,
  }
end

local draw = core.random
local function fixed_random(n)
  return RANDOM:sub(1, n)
end

---@param endpoint table
---@param golden table as of spec.support.golden
return function(endpoint, golden)
  local wire = require("wxbot.call.wire." .. endpoint.wire)

  describe(endpoint.name .. ", golden bytes:", function()
    before_each(function() core.random = fixed_random end)
    after_each(function() core.random = draw end)

    for _, case in ipairs(golden.requests) do
      it("sends " .. case.why, function()
        local body = wire.encode_request(endpoint, case.params, fixed_keys())
        assert.equal(case.body, body)
      end)

      it("addresses " .. case.why, function()
        local transport = canned(endpoint, "{}")
        run(endpoint, transport, case.params, case.credentials)
        assert.equal(case.method or "POST", transport.seen.method)
        if case.method == "GET" then
          assert.is_nil(transport.seen.body)
        end
        assert.equal(case.url or golden.url, transport.seen.url)
        assert.same(headers_of(endpoint, golden, case),
          transport.seen.headers)
        assert.equal(endpoint.repeats ~= "never", transport.seen.idempotent)
      end)

      if case.plain then
        it("seals the plain text of " .. case.why, function()
          assert.equal(case.plain, opened(endpoint, case.body))
        end)
      end

      it("is read by the platform: " .. case.why, function()
        local params = assert(wire.decode_request(endpoint, case.body,
          case.headers or golden.headers, platform_keys()))
        -- In XML everything is a text.
        assert.same(case.read or case.params, params)
      end)
    end

    for _, case in ipairs(golden.answers) do
      it("understands " .. case.why, function()
        local result, err = run(endpoint,
          canned(endpoint, case.body, case.status),
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

      if case.canonical then
        it("is answered by the platform in the order of " .. case.why,
          function()
            assert.equal(case.canonical, wire.encode_answer(
              endpoint.response, json.decode(case.body)))
          end)
      end
    end
  end)
end
