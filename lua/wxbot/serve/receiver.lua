--- What `wxbot receive` serves: a receiver of customer-service pushes, whose
-- messages go to a function of the user's. The push is answered first.

local accounts = require "wxbot.serve.account"
local line_of = require "wxbot.call.attempt"
local resty = require "wxbot.transport.resty"
local responses = require "wxbot.util.response"
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

-- Whatever was raised, as text; an object of the user's may have none.
local function text_of(raised)
  local ran, text = pcall(tostring, raised)
  return ran and text or type(raised)
end

-- The function that a file returns, or why there is none.
local function handler_of(path)
  local chunk, message = loadfile(path)
  if not chunk then
    return nil, message
  end
  local ran, handler = pcall(chunk)
  if not ran then
    return nil, text_of(handler)
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

local function make_receiver(account, settings, say)
  return assert(wxbot.receiver{ kind = "kefu", appid = account.appid,
    token = account.token, aes_key = account.aes_key, window = settings.window,
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

-- What runs when the push has been answered. `open` counts what has not ended.
local function worker_of(handler, receiver, bot, say)
  local worker = { open = 0 }
  function worker.run(premature, message)
    local ran, raised = false, "nginx ends"
    if not premature then
      ran, raised = pcall(handler, message, bot)
    end
    worker.open = worker.open - 1
    if not ran then
      receiver:forget(message)
      say("the handler failed: " .. text_of(raised))
    end
  end
  return worker
end

-- Each message that is handled takes a connection of nginx, and one more for a
-- call; beyond this many, what nginx has would not do for who pushes.
local MOST = 400

-- Has the worker run a message in a timer of its own.
local function hand_over(worker, timer, message)
  if worker.open >= MOST then
    return nil, ("%d messages are being handled"):format(worker.open)
  end
  local ok, why = timer.at(0, worker.run, message)
  worker.open = worker.open + (ok and 1 or 0)
  return ok, why
end

-- Answers requests; what has been pushed goes to the worker.
local function answer_by(settings, receiver, worker, say)
  local timer = require "ngx".timer
  local source_of = source_by(settings, say)
  return function(request)
    local response, message = receiver:handle{ method = request.method,
      query = request.query, body = request.is_long and TOO_LONG
        or request.body, source = source_of(request) }
    local ok, why = true, nil
    if message then
      ok, why = hand_over(worker, timer, message)
    end
    -- What is not handled counts as not received: the platform may try again.
    if not ok then
      say("not taken: " .. why)
      receiver:forget(message)
      return responses.text(503, "503 try again\n")
    end
    return response
  end
end

--- Makes the receiver.
---@param settings table handler, account (files), path, window, behind_proxy
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
  local worker = worker_of(handler, receiver, make_bot(account, say), say)
  return answer_by(settings, receiver, worker, say), function()
    if worker.open > 0 then
      say(("the end: of %d answered pushes the handler is not done")
        :format(worker.open))
    end
  end
end

return M
