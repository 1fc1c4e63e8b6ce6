--- What `wxbot receive` serves: a receiver whose messages go to a function of the
-- user's.

local accounts = require "wxbot.serve.account"
local file_stores = require "wxbot.store.file"
local handler_file = require "wxbot.serve.handler_file"
local handling = require "wxbot.serve.handling"
local inbox_opener = require "wxbot.serve.inbox_opener"
local inboxes = require "wxbot.serve.inbox"
local line_of = require "wxbot.call.attempt"
local ngx = require "ngx"
local receivers = require "wxbot.receive"
local resty = require "wxbot.transport.resty"
local wxbot = require "wxbot"

local _G, assert = _G, assert
local rawset, require = rawset, require
local select, tostring = select, tostring
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

-- In a timer it would end that: nobody would hear of the message again, and its
-- user's others would wait behind it for ever.
local function forbid_exit()
  ngx.exit = function()
    error("ngx.exit has no request to end here; return", 2)
  end
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
    plain = settings.plain, window = settings.window, clock = ngx.now,
    on_failure = function(reason, info)
      if reason == "inbox" then
        return -- it is said once, and not of each push
      end
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

-- A request as a receiver takes it.
local function request_by(settings, say)
  local source_of = source_by(settings, say)
  return function(request)
    return { method = request.method, query = request.query,
      body = request.is_long and TOO_LONG or request.body,
      source = source_of(request) }
  end
end

-- What takes requests, without an inbox: answers them, and has handled what has
-- been pushed.
local function without_inbox(options)
  local handled, receiver = handling.new(options), options.receiver
  return handled, function(request)
    local response, message = receiver:handle(request)
    return message and handled:take(message, response) or response
  end
end

local function with_inbox(options, settings, account)
  local handled = inboxes.new(options)
  local done, why = inbox_opener.prepare(handled, options, settings, account)
  if not done then
    return nil, why
  end
  return handled, function(request)
    return handled:take(request)
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
    store, err = file_stores.new{ path = settings.state,
      owner = pusher.appid }
  end
  if err then
    return nil, "the state file " .. err.message
  end
  return make_component(account, pusher, transport, store),
    taking(handler, account, transport, say)
end

-- What is done once a second, from the moment that all is there; a word of
-- wxbot.serve and a text if it is not.
local function every_second(look, handled)
  return function()
    ngx.timer.every(1, look)
    local ready, why = true, nil
    if handled.open_later then
      ready, why = handled.open_later()
    end
    if not ready then
      return "inbox", why
    elseif handled.start then
      handled:start(true)
      ngx.timer.every(1, function() handled:start(true) end)
    end
  end
end

local function serve(settings, handled, take, look, say)
  local request_of = request_by(settings, say)
  return function(request)
    return take(request_of(request))
  end, function()
    local line = handled:last_word()
    if line then
      say(line)
    end
  end, every_second(look, handled)
end

--- Makes the receiver.
---@param settings table handler, account (files), kind, plain, path, window, behind_proxy; inbox (file), fsync; state (file) of a third-party platform
---@param say fun(line: string) tells whoever started nginx
---@return function|nil answer takes a request, gives a response
---@return function|string|nil leave when nginx ends; with nil why, a word of wxbot.serve
---@return function|string|nil begin to be called in nginx's worker; with nil a text
function M.new(settings, say)
  require "lxp"
  print_by(say)
  forbid_exit()
  local handler, look = handler_file.new(settings.handler, say)
  if not handler then
    return nil, "handler", look
  end
  local account = accounts.take(settings.account)
  -- Who pushes is the bot's platform, or has credentials of its own.
  local pusher = account.pusher or account
  local bot, run = worker_of(settings, account, pusher, handler, say)
  if not bot then
    return nil, "state", run
  end
  local handled, take = (settings.inbox and with_inbox or without_inbox)({
    handler = run, receiver = make_receiver(pusher, settings, say), bot = bot,
    limit = require(receivers.kinds[settings.kind]).answer_within, say = say,
  }, settings, account)
  if not handled then
    return nil, "inbox", take
  end
  return serve(settings, handled, take, look, say)
end

return M
