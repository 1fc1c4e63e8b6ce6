--- Objects with a private side, which no walk through their fields meets.

local error, setmetatable = error, setmetatable

local M = {}

---@class wxbot.Private
---@field kind string
---@field noun string
local Private = {}
Private.__index = Private

--- Makes a class; its methods go into it.
---@param kind string "bot"
---@param noun string|nil what a sentence calls it, the kind
---@return table class
---@return wxbot.Private private
function M.class(kind, noun)
  local class = { __name = "wxbot." .. kind, __metatable = "wxbot." .. kind }
  class.__index = class
  return class, setmetatable({ kind = kind,
    noun = noun or kind, class = class, sides = setmetatable({}, { __mode = "k" }),
  }, Private)
end

--- Makes an object.
---@param side any its private side
---@return table object
function Private:new(side)
  local object = setmetatable({}, self.class)
  self.sides[object] = side
  return object
end

--- The private side of an object, for one of its methods. Raises at the line
--- of who called the method when there is none, or when it is closed.
---@param object any
---@param method string
---@param level integer|nil how much further up that line is
---@return any side
function Private:of(object, method, level)
  local kind, side = self.kind, self.sides[object]
  if side == nil then
    error(("%s:%s: call it with a colon: %s:%s(…)"):format(kind, method, kind,
      method), (level or 0) + 3)
  elseif side == false then
    error(("%s:%s: the %s is closed"):format(kind, method, kind),
      (level or 0) + 3)
  end
  return side
end

--- Closes an object: `of` raises from now on.
---@param object any
---@return any side what it had; nil when it is closed already
function Private:shut(object)
  local side = self.sides[object]
  if side then
    self.sides[object] = false
  end
  return side or nil
end

return M
