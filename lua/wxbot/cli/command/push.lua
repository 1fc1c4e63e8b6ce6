--- push, kefu messages: what a receiver listens for, and what became of it.

local errors = require "wxbot.util.errors"
local escape = require "wxbot.codec.url".escape
local fields = require "wxbot.api.fields"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local push = require "wxbot.sandbox.push"
local wxbot = require "wxbot"

local assert, error = assert, error
local ipairs, pairs, type = ipairs, pairs, type
local time = os.time

-- Bytes of what `wxbot serve` has sent to a user: 100 messages of 1 MiB.
local MESSAGES = 2 ^ 27

-- What no flag can say, and what has no flag of its own: the message itself is
-- an argument, timeout an option of every command.
local NO_FLAG = { msg = true, content = true, query = true, timeout = true,
  transport = true, customer_info = true, slots = true }

-- The flags of all kinds. What several kinds have is described once, by the
-- first of them.
local function flags()
  local list, without = {}, {}
  for name in pairs(NO_FLAG) do
    without[name] = true
  end
  for _, kind in ipairs(push.kinds) do
    for _, field in ipairs(fields.list(push.fields[kind], {}, without)) do
      without[field.name] = true
      list[#list + 1] = field
    end
  end
  return list
end

local FLAGS = flags()

-- What the command line says of a push, checked: there are flags of kinds that
-- this is none of.
local function params_of(session)
  local params = session:params(FLAGS)
  params[push.says(params.kind or "kefu")] = session.options.msg
  params.timeout = session.options.timeout
  params.transport = session:network()
  local reason = push.argument_error("push", params)
  if reason then
    assert(errors.invalid(reason, "usage"))
  end
  return params
end

-- A platform with the credentials of the receiver: those of an account, or of the
-- bot.
local function platform_of(session, kind)
  local given = session:need{ "appid", "token", "aes_key" }
  assert(wxbot.msgcrypt(given.aes_key, given.appid))
  return { appid = given.appid, token = given.token, aes_key = given.aes_key,
    account = kind == "official_account" and given.appid or nil, time = time }
end

-- Shows what the user reads.
local function show_reply(reply)
  for _, warning in ipairs(reply and reply.warnings or {}) do
    output.note("warning: " .. warning.text)
  end
  if reply == nil then
    output.print("taken")
  else
    output.labelled("replied: ", reply.text or json.encode(reply))
  end
end

local function send_push(session)
  local params = params_of(session)
  local platform = platform_of(session, params.kind)
  local request, sent = push.request(platform, params)
  if not request then
    assert(errors.invalid(sent, "value"))
  end
  local response, failed, reply = push.send(platform, request, sent)
  if failed then
    error(errors.from(failed), 0)
  elseif response.status ~= 200 then
    error(errors.new{ kind = "platform", code = "refused",
      status = response.status, message = "the receiver answered "
        .. response.status }, 0)
  end
  session:show({ status = response.status, reply = reply }, nil, function()
    show_reply(reply)
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
    doc = "With the credentials of the receiver.",
    prints = "the word taken, or what the user is told in reply",
    json = { { name = "status", doc = "Status of the receiver's answer" },
      { name = "reply", doc = "What it replied to the user, if it did" } },
    arguments = { { name = "msg", doc = "What was said", args = "?" } },
    fields = FLAGS, run = send_push },
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
