--- Calls a method of a store that may be somebody else's: its client may raise
--- what should be returned.
local pcall = pcall

---@param store table
---@param method string
---@param ... any what the method takes
---@return any result nil when it failed
---@return any message why it failed, or what the method says besides
return function(store, method, ...)
  local ran, first, second = pcall(store[method], store, ...)
  if ran then
    return first, second
  end
  return nil, first
end
