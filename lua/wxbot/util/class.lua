--- Makes classes of objects with hidden fields, which no walk through an object
--- meets.

local error, setmetatable = error, setmetatable

local M = {}

---@class wxbot.Class
---@field kind string
---@field noun string
---@field hidden table<table, any> object to its hidden fields; false: closed
local Class = {}
Class.__index = Class

--- Makes a class; its methods go into it.
---@param kind string "bot"
---@param noun string|nil what a sentence calls it, the kind
---@return table class the objects' metatable
---@return wxbot.Class objects makes and opens them
function M.class(kind, noun)
  local class = { __name = "wxbot." .. kind, __metatable = "wxbot." .. kind }
  class.__index = class
  return class, setmetatable({ kind = kind, noun = noun or kind, class = class,
    hidden = setmetatable({}, { __mode = "k" }) }, Class)
end

--- Makes an object.
---@param fields any what it hides
---@return table object
function Class:new(fields)
  local object = setmetatable({}, self.class)
  self.hidden[object] = fields
  return object
end

--- What an object hides, for one of its methods. Raises at the line of who
--- called the method when it is no such object, or when it is closed.
---@param object any
---@param method string
---@param level integer|nil how much further up that line is
---@return any fields
function Class:of(object, method, level)
  local kind, fields = self.kind, self.hidden[object]
  if fields == nil then
    error(("%s:%s: call it with a colon: %s:%s(…)"):format(kind, method, kind,
      method), (level or 0) + 3)
  elseif fields == false then
    error(("%s:%s: the %s is closed"):format(kind, method, kind),
      (level or 0) + 3)
  end
  return fields
end

--- Closes an object: `of` raises from now on.
---@param object any
---@return any fields what it hid; nil when it is closed already
function Class:shut(object)
  local fields = self.hidden[object]
  if fields then
    self.hidden[object] = false
  end
  return fields or nil
end

return M
