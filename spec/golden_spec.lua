-- Frozen bytes of every endpoint, written from the documents: a mistake that
-- client and sandbox share, because they read one description, shows here.

local client = require "wxbot.client"
local call = require "wxbot.call"
local core = require "wxbot.core"
local endpoints = require "wxbot.endpoint"
local errors = require "wxbot.error"
local json = require "wxbot.json"
local wxbot = require "wxbot"

local APPID = "Gg8HejYTkUsEIlG"
local TOKEN = "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv"
local AES_KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local RANDOM = "0123456789abcdef"

-- Keys of a bot; what they encrypt has the random of the golden bytes.
local function fixed_keys()
  local crypt = core.msgcrypt(AES_KEY, APPID)
  return { hs256 = core.hs256(AES_KEY), crypt = {
    encrypt = function(_, text) return crypt:encrypt(text, RANDOM) end } }
end

-- What the platform has.
local function platform_keys()
  return { crypt = core.msgcrypt(AES_KEY), appid = APPID, aes_key = AES_KEY,
    time = os.time }
end

-- A transport that answers with given bytes and keeps what it was asked.
local function canned(body, status)
  return {
    request = function(self, request)
      self.seen = request
      return { status = status or 200, headers = {}, body = body }
    end,
  }
end

-- Calls an endpoint, of a bot or of the library's own, on a transport.
local function run(endpoint, transport, params, credentials)
  local options = { appid = APPID, token = TOKEN, aes_key = AES_KEY,
    access_token = "ACCESS_TOKEN", transport = transport, retry = false }
  for name, value in pairs(credentials or {}) do
    options[name] = value
  end
  local bot = assert(wxbot.new(options))
  if bot[endpoint.name] then
    return bot[endpoint.name](bot, params)
  end
  return call.run(assert(client.state({}, options)), endpoint, params)
end

-- Those of v2 are signed anew each time: see v2_golden_spec.
local fixed = {}
for _, endpoint in ipairs(endpoints.all) do
  fixed[#fixed + 1] = endpoint.service ~= "v2" and endpoint or nil
end

for _, endpoint in ipairs(fixed) do
  local golden = dofile("spec/golden/" .. endpoint.name .. ".lua")
  local wire = require("wxbot.wire." .. endpoint.wire)

  describe(endpoint.name .. ", golden bytes:", function()
    for _, case in ipairs(golden.requests) do
      it("sends " .. case.why, function()
        local body = wire.encode_request(endpoint, case.params, fixed_keys())
        assert.equal(case.body, body)
      end)

      it("addresses " .. case.why, function()
        local transport = canned("{}")
        run(endpoint, transport, case.params, case.credentials)
        assert.equal(case.method or "POST", transport.seen.method)
        if case.method == "GET" then
          assert.is_nil(transport.seen.body)
        end
        assert.equal(case.url, transport.seen.url)
        assert.same(case.headers, transport.seen.headers)
        assert.equal(endpoint.repeats ~= "act", transport.seen.idempotent)
      end)

      if case.plain then
        it("seals the plain text of " .. case.why, function()
          local sealed = json.decode(case.body).encrypt
          assert.equal(case.plain, core.msgcrypt(AES_KEY, APPID)
            :decrypt(sealed))
        end)
      end

      it("is read by the platform: " .. case.why, function()
        local params = assert(wire.decode_request(endpoint, case.body,
          case.headers, platform_keys()))
        -- In XML everything is a text.
        assert.same(case.read or case.params, params)
      end)
    end

    for _, case in ipairs(golden.answers) do
      it("understands " .. case.why, function()
        local result, err = run(endpoint, canned(case.body),
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
