-- The service of skynet that talks to the platform: one loop and one bot for all
-- other services of the process, which call it through wxbot_client.lua, beside
-- this. config.wxbot has the lines for skynet's configuration.
--
-- Nothing here waits. In a fiber call no skynet.call and no skynet.sleep: it is
-- no coroutine of skynet's.

local skynet = require "skynet"
local wxbot = require "wxbot"

-- Seconds of a step: what this service may keep one of skynet's threads for.
local BUDGET = 0.0005

local function log(err)
  skynet.error("wxbotd: " .. tostring(err))
end

local loop = wxbot.loop{ max_connections = 64, on_error = log }
local bot, reason = wxbot.new{
  appid = skynet.getenv "wxbot_appid", token = skynet.getenv "wxbot_token",
  aes_key = skynet.getenv "wxbot_aes_key",
  base_url = skynet.getenv "wxbot_base_url", transport = loop,
}
assert(bot, tostring(reason))

-- At once again while there is more to do, every 10 ms while somebody waits, and
-- not at all while nobody does. Whatever a step raises, the next one comes.
local pumping = false
local function pump()
  local ok, live, busy = pcall(loop.step, loop, BUDGET)
  pumping = not ok or live > 0
  if pumping then
    skynet.timeout(ok and busy and 0 or 1, pump)
  end
  if not ok then
    log(live)
  end
end

local function unknown()
  error("the bot has no such method", 0)
end

-- In a fiber: calls a method for another service. It is told first whether the
-- method could be called; if not, then why.
local function serve(respond, method, ...)
  local call = method ~= "close" and bot[method] or unknown
  local told, why = pcall(respond, true, pcall(call, bot, ...))
  if not told then -- a result that skynet.pack refuses
    log(why)
    respond(false)
  end
end

skynet.start(function()
  skynet.dispatch("lua", function(_, _, method, ...)
    loop:spawn(serve, skynet.response(), method, ...)
    if not pumping then
      pumping = true
      skynet.timeout(0, pump)
    end
  end)
end)
