-- POST /push: a customer-service push. Answered at once; what there is to say
-- is said afterwards, through sendmsg.
--
-- Such pushes are not signed. Give the location in nginx.conf a name that
-- nobody can guess, serve it over TLS, and allow the platform's addresses only.

local chat = require "chat"
local shdict = require "wxbot.store.shdict"
local wxbot = require "wxbot"

local M = {}

-- Replies under way in a worker; fewer than lua_max_running_timers.
local MOST = 1000

local receiver

-- All of these are refused, but two: "store" and "empty".
local function log_failure(reason, info)
  ngx.log(ngx.WARN, "push: ", reason, ", ", info.bytes, " bytes from ",
    info.source)
end

-- One of each worker; what was seen is known to all of them.
local function make_receiver()
  local account = chat.account()
  return assert(wxbot.receiver{ kind = "kefu", appid = account.appid,
    token = account.token, aes_key = account.aes_key,
    store = shdict.new(ngx.shared.seen), on_failure = log_failure })
end

-- While the bot answers there is nothing to add.
local function answer_to(message)
  local text = message.text
  if message.from_name == "user" and text
      and message.kfstate_name ~= "asking" then
    return "已转给客服：" .. text
  end
end

local function reply(premature, message, text)
  if premature then
    receiver:forget(message)
    return ngx.log(ngx.ERR, "push: the worker ends, a reply is lost")
  end
  local done, err = chat.bot():sendmsg{ appid = message.appid,
    openid = message.userid, channel = message.channel or 0, msg = text }
  if not done then
    ngx.log(ngx.ERR, "push: ", tostring(err))
    -- The platform has its answer, but sends many a push again.
    receiver:forget(message)
  end
end

-- More timers than lua_max_running_timers nginx drops, and says so in its log
-- only: what they had to do would never be done.
local function begin_reply(message, text)
  if ngx.timer.running_count() + ngx.timer.pending_count() >= MOST then
    return nil, "too many replies are under way"
  end
  return ngx.timer.at(0, reply, message, text)
end

-- Without a timer the message counts as not received: it will come again.
local function act_on(message, response)
  local text = answer_to(message)
  local ok, why = true, nil
  if text then
    ok, why = begin_reply(message, text)
  end
  if not ok then
    ngx.log(ngx.ERR, "push: no reply: ", why)
    receiver:forget(message)
    response.status, response.body = 503, ""
  end
end

--- Serves one request.
function M.serve()
  receiver = receiver or make_receiver()
  local body, err = wxbot.resty_body()
  if not body then
    ngx.log(ngx.ERR, "push: ", tostring(err))
    return ngx.exit(503)
  end
  local response, message = receiver:handle{
    method = ngx.req.get_method(), query = ngx.var.args,
    body = body, source = ngx.var.remote_addr,
  }
  if message then
    act_on(message, response)
  end
  ngx.status = response.status
  for name, value in pairs(response.headers) do
    ngx.header[name] = value
  end
  ngx.header["Content-Length"] = #response.body
  ngx.print(response.body)
end

return M
