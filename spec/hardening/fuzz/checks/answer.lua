-- What the platform answers, as a whole call understands it: each endpoint
-- gives a result whose described fields are what they are described as, or an
-- error of the one shape that shows no credential; neither has a text with what
-- no text may hold.
--
-- The first byte of the input chooses the endpoint, the second one the status;
-- the rest is the body, and of a dialogue the answer itself.
local call = require "wxbot.call"
local core = require "wxbot.core"
local check_fields = require "spec.hardening.fuzz.fields"
local clean = require "spec.hardening.fuzz.clean"
local contexts = require "wxbot.call.context"
local endpoints = require "wxbot.api"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local rich = require "wxbot.call.rich"

local SECRETS = { "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv", "the-access-token",
  "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG" }
local STATUSES = { 200, 200, 200, 400, 403, 429, 500, 503 }

local response

local context = assert(contexts.new({}, { appid = "wxb11529c136998cb6",
  token = SECRETS[1], access_token = SECRETS[2], aes_key = SECRETS[3],
  retry = false, transport = { request = function() return response end } }))

context.raw = assert(core.rawcrypt(SECRETS[3])) -- as a client of v2 has it

local calls = {}
for i, endpoint in ipairs(endpoints.all) do
  local golden = dofile("spec/golden/" .. endpoint.name .. ".lua")
  calls[i] = { endpoint = endpoint, params = golden.requests[1].params }
end

local function check_error(err)
  assert(errors.is(err) and type(err.kind) == "string")
  assert(err.sent == true and type(err.status) == "number")
  assert(err.code == nil or type(err.code) == "string"
    or type(err.code) == "number")
  local text = tostring(err)
  assert(clean(text))
  for _, secret in ipairs(SECRETS) do
    assert(not text:find(secret, 1, true), text)
  end
end

-- Whatever holds it: it is a text with parts, and can be written again.
local function check_rich(said)
  local text, parts = rich.of(said, nil, { detail = said,
    play_command = said }, { { content = said, music_url = said } })
  check_fields(rich.fields, { text = text, rich = parts })
  assert(json.encode{ { parts } } or not core.utf8_valid(said))
end

return function(input)
  local which, status = input:byte(1, 2)
  if not status then
    return
  end
  local chosen = calls[which % #calls + 1]
  response = { status = STATUSES[status % #STATUSES + 1], headers = {},
    body = input:sub(3) }
  if chosen.endpoint.dialogue then
    check_rich(input:sub(3))
  end
  local result, err = call.run(context, chosen.endpoint, chosen.params)
  if result then
    check_fields(chosen.endpoint.response, result)
    assert(clean(result) and (result.repaired or result.repaired == nil))
  else
    check_error(err)
  end
end
