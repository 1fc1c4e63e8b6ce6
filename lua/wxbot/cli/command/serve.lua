--- serve, receive, push, messages: what listens, what a receiver listens for,
--- and what became of it.

local config = require "wxbot.cli.config"
local demo = require "wxbot.sandbox.demo"
local errors = require "wxbot.util.errors"
local escape = require "wxbot.codec.url".escape
local interrupt = require "wxbot.cli.interrupt"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local push = require "wxbot.sandbox.push"
local sandboxes = require "wxbot.sandbox"
local wxbot = require "wxbot"

local error, ipairs, pcall, require = error, ipairs, pcall, require
local time = os.time
local type = type

local HOST, PORT, RECEIVE_PORT = "127.0.0.1", 8080, 8081
-- Bytes of what `wxbot serve` has sent to a user: 100 messages of 1 MiB.
local MESSAGES = 2 ^ 27

-- Where a server listens; `port` is the usual one.
local function listening(port)
  return {
    { name = "port", type = "integer", arg = "N",
      doc = ("Port to listen on, 0: a free one (%d)"):format(port) },
    { name = "host", type = "string", arg = "ADDR",
      doc = "IP address to listen on (127.0.0.1: only programs of this machine "
        .. "reach it)" },
    { name = "tls_cert", type = "string", arg = "FILE",
      doc = "PEM file of a certificate: serve https" },
    { name = "tls_key", type = "string", arg = "FILE",
      doc = "PEM file of its key" },
  }
end

local SERVE, RECEIVE = listening(PORT), listening(RECEIVE_PORT)
RECEIVE[#RECEIVE + 1] = { name = "path", type = "string", arg = "PATH",
  doc = "Where pushes come to (/push); in service, one that nobody can guess" }
RECEIVE[#RECEIVE + 1] = { name = "window", type = "number", arg = "SECONDS",
  doc = "Refuse what is older by its createtime, or has none" }
RECEIVE[#RECEIVE + 1] = { name = "behind_proxy", type = "boolean",
  doc = "A proxy stands in front, and nothing else can come here: it names "
    .. "the peer last in X-Forwarded-For" }

-- What a push says. Of the fields, timeout is an option of every command.
local PUSH = {}
for _, field in ipairs(push.fields) do
  if field.type ~= "object" and field.name ~= "msg"
      and field.name ~= "timeout" then
    PUSH[#PUSH + 1] = field
  end
end

local NAMES = { "appid", "token", "aes_key", "access_token", "managerid" }

local function show(url, credentials)
  output.print("url: " .. url)
  output.print("use: wxbot --base-url " .. url .. " ask 你好")
  output.print("with these credentials, the public examples of the "
    .. "platform's documents:")
  for _, name in ipairs(NAMES) do
    output.print(("export %s=%s"):format(config.variables[name],
      credentials[name]))
  end
  output.print("stop: Ctrl-C")
end

local function show_json(url, credentials)
  local shown = { url = url }
  for _, name in ipairs(NAMES) do
    shown[name] = credentials[name]
  end
  output.json(shown)
end

local function warn(host)
  output.note(("warning: everybody who reaches %s can use it, and it tells "
    .. "them why a message does not decrypt, as the platform does"):format(host))
end

-- Runs nginx to its end; Ctrl-C is one.
local function run_server(options, on_ready)
  local server = require "wxbot.serve"
  options.host = (options.host or HOST):gsub("^%[(.*)%]$", "%1")
  local ran, done, err = pcall(server.run, options, {
    on_ready = function(url)
      on_ready(url, server.is_loopback(options.host))
    end,
    on_line = output.note,
  })
  if not ran and interrupt.caused(done) then
    return nil, interrupt.error{ message = "stopped" }
  elseif not ran then
    error(done, 0)
  end
  return done, err
end

local function serve(session)
  local options = session.options
  -- Made again inside nginx; here so that wrong skills are known at once.
  local sandbox, err = wxbot.sandbox{ skills = options.skills }
  if not sandbox then
    return nil, err
  end
  for _, missing in ipairs(sandboxes.unanswered()) do
    output.note(("warning: the sandbox has no answer for %s, and says so with "
      .. "status 501: %s"):format(missing[1], missing[2]))
  end
  local credentials = sandbox:credentials()
  credentials.managerid = demo.administrator
  local done
  done, err = run_server({
    host = options.host, port = options.port or PORT, skills = options.skills,
    tls_cert = options.tls_cert, tls_key = options.tls_key,
  }, function(url, is_loopback)
    if not is_loopback then
      warn(options.host)
    end
    local tell = session.json and show_json or show
    tell(url, credentials)
  end)
  return done, err
end

-- ------------------------------------------------------------------ receive

local function show_receiver(session, url)
  if session.json then
    return output.json{ url = url }
  end
  output.print("url: " .. url)
  output.print("stop: Ctrl-C")
end

-- The bot that nginx makes again, as JSON; nil, err if it cannot be one.
local function account_of(session)
  local needs = { "appid", "token", "aes_key" }
  local bot, err = session:bot(needs)
  if not bot then
    return nil, err
  end
  local given = session.credentials
  return json.encode{ appid = given.appid, token = given.token,
    aes_key = given.aes_key, access_token = given.access_token,
    base_url = session.options.base_url or given.base_url,
    timeout = session.options.timeout }
end

-- nginx makes one / of two, and follows . and .. before it compares.
local function is_path(path)
  return path:find("^/[A-Za-z0-9_.~/-]*$") ~= nil
    and not path:find("//", 1, true) and not (path .. "/"):find("/%.%.?/")
end

local function receive(session)
  local options = session.options
  local path = options.path or "/push"
  if not is_path(path) then
    return errors.invalid("--path begins with / and has letters, digits and "
      .. "_ . ~ - / only, and no part that is empty, . or ..", "path")
  end
  local account, err = account_of(session)
  if not account then
    return nil, err
  end
  local done
  done, err = run_server({
    service = "receiver", handler = options.file, path = path,
    host = options.host, port = options.port or RECEIVE_PORT,
    tls_cert = options.tls_cert, tls_key = options.tls_key,
    ca_file = options.ca_file, behind_proxy = options.behind_proxy,
    window = options.window, account = account,
  }, function(url, is_loopback)
    if not options.path and not (is_loopback and not options.behind_proxy) then
      output.note("warning: these pushes are not signed: --path should be one "
        .. "that nobody can guess")
    end
    show_receiver(session, url)
  end)
  return done, err
end

-- --------------------------------------------------------------------- push

-- The request of a push by whoever has these credentials.
local function push_request(session, given)
  local key, err = wxbot.msgcrypt(given.aes_key, given.appid)
  if not key then
    return nil, err
  end
  local params = session:params(PUSH)
  params.msg, params.timeout = session.options.msg, session.options.timeout
  local request, message = push.request({ appid = given.appid,
    token = given.token, aes_key = given.aes_key, time = time }, params)
  if not request then
    return errors.invalid(message, "value")
  end
  return request
end

local function send_push(session)
  local given, err = session:need{ "appid", "token", "aes_key" }
  local request
  if given then
    request, err = push_request(session, given)
  end
  if not request then
    return nil, err
  end
  local ca_file = session.options.ca_file
  local response, failed = push.send(request, {
    transport = ca_file and wxbot.curl{ ca_file = ca_file } or nil })
  if response and response.status ~= 200 then
    return nil, errors.new{ kind = "platform", code = "refused",
      status = response.status, message = "the receiver answered "
        .. response.status }
  elseif not response then
    return nil, errors.new(failed)
  end
  output.print("taken")
  return true
end

-- ----------------------------------------------------------------- messages

local function place_of(session)
  local url = session.options.base_url or session.credentials.base_url
  if not url then
    return errors.invalid("--base-url is missing: it says where `wxbot serve` "
      .. "is, which alone tells of messages", "usage")
  end
  -- A bot knows what such a URL may be.
  local bot, err = session:bot{}
  return bot and url:gsub("/$", ""), err
end

-- The list that serve gives; its text is that of a stranger.
local function list_of(response)
  local list = response.status == 200 and json.decode(response.body)
  if type(list) ~= "table" or json.is_object(response.body) then
    return nil, errors.new{ kind = "protocol", status = response.status,
      message = "this is no list of messages: is it `wxbot serve` that "
        .. "--base-url names?" }
  end
  return json.list(list)
end

local function messages(session)
  local url, err = place_of(session)
  local response, list
  if url then
    local ca_file = session.options.ca_file
    response, err = wxbot.curl{ ca_file = ca_file }:request{ method = "GET",
      url = url .. "/messages?openid=" .. escape(session.options.openid),
      timeout = session.options.timeout or 10, idempotent = true,
      max_body = MESSAGES }
  end
  if response then
    list, err = list_of(response)
  end
  if not list then
    return nil, errors.from(err)
  elseif session.json then
    return output.json{ messages = list }
  end
  for _, message in ipairs(list) do
    output.labelled("", type(message) == "table" and message.msg)
  end
  return true
end

return {
  { name = "serve", summary = "Serve the sandbox over HTTP, with nginx",
    doc = "Ctrl-C ends it. --skills says what it talks about.",
    fields = SERVE, run = serve },
  { name = "receive", summary = "Receive customer-service pushes, with nginx",
    doc = "FILE returns a function (message, bot), which is called when the "
      .. "push has been answered. It runs on LuaJIT. Ctrl-C ends it.",
    arguments = { { name = "file", doc = "Lua file of the function" } },
    fields = RECEIVE, run = receive },
  { name = "push", summary = "Push to a receiver, as the platform does",
    doc = "With the credentials of the receiver.",
    arguments = { { name = "msg", doc = "What was said", args = "?" } },
    fields = PUSH, run = send_push },
  { name = "messages", summary = "List what the served sandbox told a user",
    doc = "--base-url says where `wxbot serve` is: no platform but the sandbox "
      .. "tells of them.",
    fields = { { name = "openid", type = "string", required = true,
      doc = "Openid of the user: the userid of the push" } }, run = messages },
}
