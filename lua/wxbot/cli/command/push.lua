--- push, kefu messages: what a receiver listens for, and what became of it.

local errors = require "wxbot.util.errors"
local escape = require "wxbot.codec.url".escape
local fields = require "wxbot.api.fields"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local push = require "wxbot.sandbox.push"
local wxbot = require "wxbot"

local assert, error, ipairs, type = assert, error, ipairs, type
local time = os.time

-- Bytes of what `wxbot serve` has sent to a user: 100 messages of 1 MiB.
local MESSAGES = 2 ^ 27

-- What a push says, but for the message itself and what no flag can say;
-- timeout is an option of every command.
local PUSH = fields.list(push.fields, {}, { msg = true, timeout = true,
  transport = true, customer_info = true })

-- The request of a push by whoever has these credentials.
local function request_of(session)
  local given = session:need{ "appid", "token", "aes_key" }
  assert(wxbot.msgcrypt(given.aes_key, given.appid))
  local params = session:params(PUSH)
  params.msg, params.timeout = session.options.msg, session.options.timeout
  local request, message = push.request({ appid = given.appid,
    token = given.token, aes_key = given.aes_key, time = time }, params)
  if not request then
    assert(errors.invalid(message, "value"))
  end
  return request
end

local function send_push(session)
  local request = request_of(session)
  local response, failed = push.send(request,
    { transport = session:network() })
  if not response then
    error(errors.new(failed), 0)
  elseif response.status ~= 200 then
    error(errors.new{ kind = "platform", code = "refused",
      status = response.status, message = "the receiver answered "
        .. response.status }, 0)
  end
  session:show({ status = response.status }, nil, function()
    output.print("taken")
  end)
end

local function url_of(session)
  local url = session:base_url()
  if not url then
    assert(errors.invalid("--base-url is missing: it says where `wxbot serve` "
      .. "is, which alone tells of messages", "usage"))
  end
  -- A bot knows what such a URL may be.
  session:client{ v1 = { fields = {}, needs = {} } }
  return url:gsub("/$", "") .. "/_wxbot/api/messages?openid="
    .. escape(session.options.openid)
end

-- What sendmsg has sent, of all that serve tells; its text is that of a
-- stranger.
local function list_of(response)
  local answer = response.status == 200 and json.decode(response.body)
  local said = type(answer) == "table" and answer.messages
  if type(said) ~= "table" then
    error(errors.new{ kind = "protocol", status = response.status,
      message = "this is no list of messages: is it `wxbot serve` that "
        .. "--base-url names?" }, 0)
  end
  local list = json.list{}
  for _, message in ipairs(said) do
    list[#list + 1] = type(message) == "table" and message.from == "agent"
      and message or nil
  end
  return list
end

local function show(answer)
  for _, message in ipairs(answer.messages) do
    output.labelled("", message.msg)
  end
end

local function messages(session)
  local url = url_of(session)
  local response, err = session:network():request{
    method = "GET", url = url, timeout = session.options.timeout or 10,
    idempotent = true, max_body = MESSAGES }
  if not response then
    error(errors.from(err), 0)
  end
  session:show({ messages = list_of(response) }, nil, show)
end

return {
  { name = "push", summary = "Push to a receiver, as the platform does",
    doc = "With the credentials of the receiver.", prints = "the word taken",
    json = { { name = "status", doc = "Status of the receiver's answer" } },
    arguments = { { name = "msg", doc = "What was said", args = "?" } },
    fields = PUSH, run = send_push },
  { name = "kefu messages",
    summary = "List what the served sandbox told a user",
    doc = "--base-url says where `wxbot serve` is: no platform but the sandbox "
      .. "tells of them.",
    prints = "a message a line, oldest first",
    json = { { name = "messages[].msg", doc = "Text of the message" },
      { name = "messages[].…", doc = "What else kefu send was told" } },
    fields = { { name = "openid", type = "string", required = true,
      doc = "Openid of the user: the userid of the push" } }, run = messages },
}
