--- What is sealed in the entries of an inbox, for who has the receiver's credentials: the
-- message, and why its handler failed.

local handler = require "wxbot.receive.handle"
local records = require "wxbot.receive.inbox.record"

local sub, tostring = string.sub, tostring

local M = {}

-- Bytes of a reason that are kept.
local LONGEST_REASON = 500

--- The message of an entry, authenticated and parsed again as if it were the time
--- when it came.
---@param context wxbot.receive.Context
---@param entry table { text, at }
---@return table|nil message
---@return string|nil reason with nil: why it cannot be read
function M.message(context, entry)
  local request = records.request(entry.text)
  if not request then
    return nil, "it is no push"
  end
  local message, reason = handler.read_again(context, request, entry.at)
  return message, reason
end

--- Writes a reason so that nobody reads it but who has the key.
---@param context wxbot.receive.Context
---@param reason any
---@return string text on one line
function M.seal(context, reason)
  reason = sub(tostring(reason or ""), 1, LONGEST_REASON)
  return (context.key and reason ~= "" and context.key:encrypt(reason)
    or records.one_line(reason))
end

-- What a key opens; a service has one of another kind.
local function opened(key, text)
  if key.decrypt then
    return (key:decrypt(text))
  end
  local reason, padded = key:open(text)
  return padded and reason or nil
end

--- Reads a reason; what this key does not open was written without one.
---@param context wxbot.receive.Context
---@param text string|nil
---@return string|nil reason
function M.reason(context, text)
  return text and (context.key and text ~= "" and opened(context.key, text)
    or records.whole(text))
end

return M
