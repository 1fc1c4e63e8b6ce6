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
  local parts = {}
  for _ = 1, math.ceil(size / 60000) do
    parts[#parts + 1] = core.base64url_encode(core.random(45000))
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
