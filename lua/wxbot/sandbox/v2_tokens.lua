--- Access tokens of v2. Whether a new one ends the others is not documented;
-- here it does not.

local core = require "wxbot.core"

local pairs, setmetatable = pairs, setmetatable

local M = {}

-- The documents' two hours.
local LIFE = 7200

local Tokens = {}
Tokens.__index = Tokens

---@param time function returns unix seconds
function M.new(time)
  return setmetatable({ time = time, ends = {} }, Tokens)
end

--- Makes a token.
---@return string
function Tokens:issue()
  local now = self.time()
  for token, ends in pairs(self.ends) do
    if ends <= now then
      self.ends[token] = nil
    end
  end
  local token = core.hex_encode(core.random(16))
  self.ends[token] = now + LIFE
  return token
end

--- Is it a token that has not expired?
---@param token string|nil
---@return boolean
function Tokens:admits(token)
  local ends = token and self.ends[token]
  return ends ~= nil and self.time() < ends
end

return M
