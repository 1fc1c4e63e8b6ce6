--- About how much memory what is kept takes.

local pairs, type = pairs, type

local M = {}

-- A table and what leads to it, besides its texts.
local OVERHEAD = 512

local function texts_of(value)
  local bytes = 0
  if type(value) == "string" then
    bytes = #value
  elseif type(value) == "table" then
    for _, member in pairs(value) do
      bytes = bytes + texts_of(member)
    end
  end
  return bytes
end

--- Bytes of a value.
---@param value any
---@return integer
function M.of(value)
  return OVERHEAD + texts_of(value)
end

return M
