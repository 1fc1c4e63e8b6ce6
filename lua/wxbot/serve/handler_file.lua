--- The function of the user's that handles messages, out of its file.

local watch = require "wxbot.serve.watch"

local loadfile, pcall = loadfile, pcall
local tostring, type = tostring, type

local M = {}

--- Whatever was raised, as text; an object of the user's may have none.
function M.text_of(raised)
  local ran, text = pcall(tostring, raised)
  return ran and text or type(raised)
end

-- The function that a file returns, or why there is none.
local function load_handler(path)
  local chunk, message = loadfile(path)
  if not chunk then
    return nil, message
  end
  local ran, handler = pcall(chunk)
  if not ran then
    return nil, M.text_of(handler)
  elseif type(handler) ~= "function" then
    return nil, path .. " must return a function (message, bot), it returned "
      .. type(handler)
  end
  return handler
end

--- Loads it.
---@param path string
---@param say fun(line: string) tells whoever started nginx
---@return function|nil run calls the function that the file has by now
---@return function|string look has the file loaded anew if it was changed; with nil why there is no function
function M.new(path, say)
  local handler, message = load_handler(path)
  if not handler then
    return nil, message
  end
  local look = watch(path, function()
    local changed, why = load_handler(path)
    handler = changed or handler
    return changed, why
  end, { taken = "the handler was loaded anew: ",
    kept = "the old handler stays: " }, say)
  return function(...)
    return handler(...)
  end, look
end

return M
