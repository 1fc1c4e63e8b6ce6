--- Where calls may overlap: those with one key go one after another.

local error, pcall = error, pcall

local M = {}

--- Runs a function when no other of the same key runs.
---@param state table a client's private side
---@param key string
---@param endpoint string what an error names
---@param timeout number seconds to wait at most
---@param run fun(...): any, wxbot.Error|nil
---@param ... any
---@return any result
---@return wxbot.Error|nil err
function M.take(state, key, endpoint, timeout, run, ...)
  local transport = state.transport
  if not transport.enter then
    local result, err = run(...)
    return result, err
  end
  key = ("%d:%s"):format(state.number, key)
  local entered, err = transport:enter(key, timeout)
  if not entered then
    err.endpoint = endpoint
    return nil, err
  end
  local done, result, why = pcall(run, ...)
  transport:leave(key)
  if not done then
    error(result, 0)
  end
  return result, why
end

return M
