--- What `wxbot receive` serves: a receiver whose messages go to a function of the
-- user's.

local accounts = require "wxbot.serve.account"
local handling = require "wxbot.serve.handling"
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

-- Who pushes is the bot's platform, or has credentials of its own.
local function make_receiver(account, settings, say)
  local pusher = account.pusher or account
  account.pusher = nil
  return assert(wxbot.receiver{ kind = settings.kind, appid = pusher.appid,
    token = pusher.token, aes_key = not settings.plain and pusher.aes_key or nil,
    plain = settings.plain, window = settings.window,
    on_failure = function(reason, info)
      say(("%s: %s, %s bytes from %s"):format(TAKEN[reason] and "taken"
        or "refused", reason, reason == "too_large" and "more than 65536"
        or info.bytes, info.source))
    end })
end

-- The bot of the handler; what it tells of its calls, if that was asked for.
local function make_bot(account, say)
  local proxy, verbose = account.proxy, account.verbose
  account.proxy, account.verbose = nil, nil
  account.transport = proxy and resty.new{ proxy = proxy }
  account.on_call = verbose and function(attempt)
    say(line_of(attempt))
  end or nil
  return assert(wxbot.new(account))
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

--- Makes the receiver.
---@param settings table handler, account (files), kind, plain, path, window, behind_proxy
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
  local receiver = make_receiver(account, settings, say)
  local handled = handling.new{ handler = handler, receiver = receiver,
    bot = make_bot(account, say), kind = settings.kind, say = say }
  return answer_by(settings, receiver, handled, say), function()
    if handled.open > 0 then
      say(("the end: of %d answered pushes the handler is not done")
        :format(handled.open))
    end
  end
end

return M
