--- push, kefu messages: what a receiver listens for, and what became of it.

local access = require "wxbot.sandbox.access"
local components = require "wxbot.sandbox.component"
local demo = require "wxbot.sandbox.demo"
local emulator = require "wxbot.cli.emulator"
local errors = require "wxbot.util.errors"
local escape = require "wxbot.codec.url".escape
local fields = require "wxbot.api.fields"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local push = require "wxbot.sandbox.push"
local wxbot = require "wxbot"

local assert, error = assert, error
local ipairs, type = ipairs, type
local concat, time = table.concat, os.time

-- What no flag can say, and the message itself, which is an argument.
local NO_FLAG = { msg = true, content = true, query = true, infotype = true,
  customer_info = true, slots = true }

-- Without a sandbox there are no callbacks of its own; the timeout is an option
-- of every command.
local URL = { name = "url", type = "string", required = true,
  doc = "URL of the receiver" }
local NOT_HERE = { url = true, transport = true, timeout = true }

-- What a flag is to each kind; kefu is the kind that is meant without --kind.
local function doc_of(meanings)
  local parts = {}
  for i, meaning in ipairs(meanings) do
    parts[i] = (meaning[1] == "kefu" and "" or concat(meaning, ", ") .. ": ")
      .. meaning.doc
  end
  return concat(parts, "; ")
end

-- Adds a field of a kind to what is known of the flag of its name.
local function add_meaning(flag, kind, field)
  local last = flag.meanings[#flag.meanings]
  if not last or last.doc ~= field.doc then
    last = { doc = field.doc }
    flag.meanings[#flag.meanings + 1] = last
  end
  last[#last + 1] = kind
  flag.doc, flag.count = doc_of(flag.meanings), flag.count + 1
  -- What only some kinds need is missed when the kind is known.
  flag.required = flag.count == #push.kinds and field.required or nil
end

-- The flags of all kinds: each once, with what it is to whom.
local function flags()
  local list = fields.list({ URL }, fields.list(push.common, {}, NOT_HERE))
  local known = {}
  for _, kind in ipairs(push.kinds) do
    for _, field in ipairs(fields.list(push.own[kind], {}, NO_FLAG)) do
      local flag = known[field.name] or { name = field.name, type = field.type,
        of = field.of, id = field.id, enum = field.enum, meanings = {}, count = 0 }
      list[#list + 1] = not known[field.name] and flag or nil
      known[field.name] = flag
      add_meaning(flag, kind, field)
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

-- Hears of changes that nobody keeps.
local function unheard() end

-- A platform with the credentials of the receiver: those of an account, or of the
-- bot.
local function platform_of(session, kind)
  local given = session:need{ "appid", "token", "aes_key" }
  assert(wxbot.msgcrypt(given.aes_key, given.appid))
  local platform = { appid = given.appid, token = given.token,
    aes_key = given.aes_key, time = time,
    account = kind == "official_account" and given.appid or demo.account }
  platform.component = components.new(time, access.new(time, "", unheard), "",
    unheard)
  platform.component.appid = given.appid
  return platform
end

-- Shows what the user reads.
local function show_reply(reply) -- nil: the receiver has only taken it
  for _, warning in ipairs(reply and reply.warnings or {}) do
    output.note("warning: " .. warning.text)
  end
  if reply == nil or reply.text == "" then
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

-- What sendmsg has sent, of all that serve tells; its text is that of a
-- stranger.
local function list_of(answer)
  local list = json.list{}
  for _, message in ipairs(type(answer.messages) == "table" and answer.messages
      or {}) do
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
  if not session:base_url() then
    assert(errors.invalid("--base-url is missing: it says where `wxbot serve` "
      .. "is, which alone tells of messages", "usage"))
  end
  session:show({ messages = list_of(emulator.get(session, "messages?openid="
    .. escape(session.options.openid))) }, nil, show)
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
