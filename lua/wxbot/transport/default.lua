--- The transport of a bot that was given none.
--
-- One client for all bots of a Lua state, made when it is first used.

local require = require

local M = {}

local shared

local function transport()
  if not shared then
    shared = require "wxbot.transport.curl".new()
  end
  return shared
end

function M.request(_, request)
  return transport():request(request)
end

function M.sleep(_, seconds)
  return transport():sleep(seconds)
end

function M.now()
  return transport():now()
end

return M
