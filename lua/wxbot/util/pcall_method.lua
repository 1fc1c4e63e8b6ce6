--- Calls a method of a store that may be somebody else's.

local pcall = pcall

-- Passes on what a method returned; what it raised is returned.
local function settle(ran, first, second)
  if ran then
    return first, second
  end
  return nil, first
end

--- Calls it. A client of somebody else's may raise what should be returned.
---@param store table
---@param method string
---@param ... any what the method takes
---@return any result nil when it failed
---@return any message why it failed, or what the method says besides
return function(store, method, ...)
  return settle(pcall(store[method], store, ...))
end
