-- The bot as other services of skynet see it: the methods of a bot, done by the
-- one service wxbotd, which the first call starts.
--
--   local bot = require "wxbot_client"
--   local reply, err = bot:ask({ userid = id, query = text }, { timeout = 2 })
--
-- A call waits as skynet.call does. What goes to and fro is what skynet.pack can
-- write: no functions, so no on_progress and no iterator for a list.

local errors = require "wxbot.util.errors"
local skynet = require "skynet"

local service

-- What wxbotd told. An error arrives as a plain table and is made one again; a
-- mistake of the caller's is raised at its line.
local function unpacked(called, result, err)
  if not called then
    error(result, 3)
  end
  return result, err and errors.new(err)
end

return setmetatable({}, { __index = function(bot, method)
  bot[method] = function(_, ...)
    service = service or skynet.uniqueservice "wxbotd"
    local result, err = unpacked(skynet.call(service, "lua", method, ...))
    return result, err -- no tail call: the line above it would be lost
  end
  return bot[method]
end })
