--- Small values that several programs share, for a while.
--
-- A store, of any kind, is an object with these methods. Keys and values are
-- strings, `ttl` is in seconds. A failure of the store itself is nil, message.
--
--   get(key)                           the value; nil when there is none
--   put(key, value, generation, ttl)   true; false when a newer generation
--                                      has put something already
--   lock(key, ttl)                     a generation, greater than any before;
--                                      false while another holds the lock
--   unlock(key, generation)            only the lock of that generation
--   add(key, value, ttl)               true; false when there is a value;
--                                      true and a message when another value
--                                      was given up for it before its time
--   delete(key)                        what was added
--
-- A key is put by who holds its lock, or added: not both.

local ipairs, type = ipairs, type

local M = {}

--- Names what a store that is an option lacks.
---@param what string what the message begins with
---@param store table|nil
---@param methods string[] that are used
---@return string|nil message
function M.misuse(what, store, methods)
  for _, name in ipairs(methods) do
    if store and type(store[name]) ~= "function" then
      return what .. ": store must have a method " .. name
    end
  end
end

return M
