--- The newest of several calls that set the same is the one that counts: a
--- repeat of an older one would undo it.

local concat, ipairs = table.concat, ipairs

local M = {}

-- What a call sets: one key, or one for each element of a list (each user and
-- kind of tag).
local function keys_of(endpoint, params)
  local fields = endpoint.supersedes
  local parts = { endpoint.name }
  for i, name in ipairs(fields) do
    parts[i + 1] = ("%d:%s"):format(#params[name], params[name])
  end
  local prefix, keys = concat(parts, " ") .. " ", {}
  if not fields.each then
    return { prefix }
  end
  for i, element in ipairs(params[fields.each]) do
    keys[i] = prefix .. element
  end
  return keys
end

--- Notes that a call is the newest, of an endpoint with `supersedes`.
---@param context wxbot.Context
---@param call wxbot.Call
function M.begin(context, call)
  call.keys = keys_of(call.endpoint, call.params)
  for _, key in ipairs(call.keys) do
    context.newest[key] = call
  end
end

--- Notes that a call has ended.
---@param context wxbot.Context
---@param call wxbot.Call
function M.finish(context, call)
  for _, key in ipairs(call.keys) do
    if context.newest[key] == call then
      context.newest[key] = nil
    end
  end
end

-- Two calls that set the same to the same do not contradict each other.
local function agrees(endpoint, params, others)
  for _, field in ipairs(endpoint.request) do
    if field.name ~= endpoint.supersedes.each
        and params[field.name] ~= others[field.name] then
      return false
    end
  end
  return true
end

--- Has no newer call set anything else since?
---@param context wxbot.Context
---@param call wxbot.Call
---@return boolean
function M.is_newest(context, call)
  for _, key in ipairs(call.keys) do
    local newest = context.newest[key]
    if newest ~= call and not (newest
        and agrees(call.endpoint, call.params, newest.params)) then
      return false
    end
  end
  return true
end

return M
