--- What `wxbot receive` serves: a receiver whose messages go to a function of the
-- user's.

local accounts = require "wxbot.serve.account"
local handling = require "wxbot.serve.handling"
local kept = require "wxbot.serve.kept"
local line_of = require "wxbot.call.attempt"
local resty = require "wxbot.transport.resty"
local wxbot = require "wxbot"

local _G, loadfile = _G, loadfile
local assert, pcall = assert, pcall
local rawset, require = rawset, require
local select, tostring, type = select, tostring, type
local concat = table.concat

local M = {}

-- The print of nginx goes to a log that nobody keeps here.
local function print_by(say)
  rawset(_G, "print", function(...)
    local words = { ... }
    for i = 1, select("#", ...) do
      words[i] = tostring(words[i])
    end
    say(concat(words, "\t"))
  end)
end

-- The function that a file returns, or why there is none.
local function handler_of(path)
  local chunk, message = loadfile(path)
  if not chunk then
    return nil, message
  end
  local ran, handler = pcall(chunk)
  if not ran then
    return nil, handling.text_of(handler)
  elseif type(handler) ~= "function" then
    return nil, path .. " must return a function (message, bot), it returned "
      .. type(handler)
  end
  return handler
end

-- Behind a proxy every peer is the proxy, which names the real one last. Who
-- was not told of it hears so once: failures of strangers are then the proxy's.
local function source_by(settings, say)
  local told = settings.behind_proxy
  return function(request)
    local chain = request.headers["x-forwarded-for"]
    if chain and settings.behind_proxy then
      -- From the beginning on: what is found from the end would be looked for
      -- anew at each byte.
      local last = chain:match("^.*,(.*)$") or chain
      return last:match("%S+") or request.source
    elseif chain and not told then
      told = true
      say("warning: a request named X-Forwarded-For; if a proxy stands in "
        .. "front, --behind-proxy")
    end
    return request.source
  end
end

-- What the receiver tells of without having refused it.
local TAKEN = { empty = true, store = true }

-- Stands for a body that nginx has not read, for it is longer than it may be.
local TOO_LONG = (" "):rep(64 * 1024 + 1)

local function make_receiver(pusher, settings, say)
  return assert(wxbot.receiver{ kind = settings.kind, appid = pusher.appid,
    token = pusher.token, aes_key = not settings.plain and pusher.aes_key or nil,
    plain = settings.plain, window = settings.window,
    on_failure = function(reason, info)
      say(("%s: %s, %s bytes from %s"):format(TAKEN[reason] and "taken"
        or "refused", reason, reason == "too_large" and "more than 65536"
        or info.bytes, info.source))
    end })
end

-- What bots tell of their calls, if that was asked for.
local function listener_of(account, say)
  return account.verbose and function(attempt)
    say(line_of(attempt))
  end or nil
end

-- The bot of the handler.
local function make_bot(account, transport, say)
  return assert(wxbot.new{ appid = account.appid, token = account.token,
    aes_key = account.aes_key, access_token = account.access_token,
    base_url = account.base_url, timeout = account.timeout,
    transport = transport, on_call = listener_of(account, say) })
end

-- What a handler for a third-party platform gets in place of a bot: the source of
-- its access token.
local function make_component(account, pusher, transport, store)
  return assert(wxbot.access_token{ kind = "component", appid = pusher.appid,
    secret = pusher.secret, base_url = account.base_url,
    timeout = account.timeout, transport = transport, store = store })
end

-- A bot of an account that has authorised it.
local function bot_of(appid, account, component, transport, say)
  return assert(wxbot.new{ base_url = account.base_url,
    timeout = account.timeout, transport = transport,
    on_call = listener_of(account, say),
    access_token = assert(wxbot.access_token{ kind = "authorizer",
      appid = appid, component = component }) })
end

-- Has messages taken before they are handled. An older ticket is no reason to have
-- it pushed again.
local function taking(handler, account, transport, say)
  return function(message, component)
    local done, err = component:take(message)
    if done == nil and err.code == "stale" then
      say("not kept: " .. err)
    elseif done == nil then
      error("not kept: " .. err, 0)
    end
    local appid = message.authorizer_appid
    handler(message, component, appid
      and bot_of(appid, account, component, transport, say) or nil)
  end
end

-- Answers requests; what has been pushed is handled.
local function answer_by(settings, receiver, handled, say)
  local source_of = source_by(settings, say)
  return function(request)
    local response, message = receiver:handle{ method = request.method,
      query = request.query, body = request.is_long and TOO_LONG
        or request.body, source = source_of(request) }
    return message and handled:take(message, response) or response
  end
end

-- What the handler gets with a message, and what calls it; nil and why there is
-- neither.
local function worker_of(settings, account, pusher, handler, say)
  local transport = account.proxy and resty.new{ proxy = account.proxy } or nil
  if settings.kind ~= "third_party" then
    return make_bot(account, transport, say), handler
  end
  local store, err
  if settings.state then
    store, err = kept.open(settings.state, pusher.appid)
  end
  if err then
    return nil, "the state file " .. err.message
  end
  return make_component(account, pusher, transport, store),
    taking(handler, account, transport, say)
end

--- Makes the receiver.
---@param settings table handler, account (files), kind, plain, path, window, behind_proxy; state (file) of a third-party platform
---@param say fun(line: string) tells whoever started nginx
---@return function|nil answer takes a request, gives a response
---@return function|string|nil leave when nginx ends; with nil why, a word of wxbot.serve
---@return string|nil text with nil
function M.new(settings, say)
  require "lxp"
  print_by(say)
  local handler, message = handler_of(settings.handler)
  if not handler then
    return nil, "handler", message
  end
  local account = accounts.take(settings.account)
  -- Who pushes is the bot's platform, or has credentials of its own.
  local pusher = account.pusher or account
  local bot, run = worker_of(settings, account, pusher, handler, say)
  if not bot then
    return nil, "state", run
  end
  local receiver = make_receiver(pusher, settings, say)
  local handled = handling.new{ handler = run, receiver = receiver,
    bot = bot, kind = settings.kind, say = say }
  return answer_by(settings, receiver, handled, say), function()
    if handled.open > 0 then
      say(("the end: of %d answered pushes the handler is not done")
        :format(handled.open))
    end
  end
end

return M
