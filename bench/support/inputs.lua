-- Inputs of measurements, the same for everybody who takes part in them.

local core = require "wxbot.core"

local M = {}

-- The same as in bench/floor.c and bench/peers/node.js.
M.SECRET = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
M.RECEIVE_ID = "wxb11529c136998cb6"

--- Printable bytes, different each time.
---@param size integer
---@return string
function M.text(size)
  local parts, left = {}, size
  while left > 0 do
    local part = core.base64url_encode(core.random(
      math.min(45000, math.ceil(left * 3 / 4))))
    parts[#parts + 1], left = part, left - #part
  end
  return table.concat(parts):sub(1, size)
end

--- Claims of a token whose JSON is so long.
---@param size integer at least 40
---@return table
function M.claims(size)
  return { text = M.text(size - 39), userid = M.text(16) }
end

return M
