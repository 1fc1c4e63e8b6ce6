--- What the sources of an account share of quotas that are used up: by the
--- endpoint, in the store that has their access token, until their end.

local backoffs = require "wxbot.auth.backoff"
local pcall_method = require "wxbot.util.pcall_method"
local shared = require "wxbot.auth.shared"

local setmetatable = setmetatable

local M = {}

local DAY = 86400 -- no quota lasts longer, whatever a store says
local PAUSE = 10  -- seconds until a store that failed is looked at again

---@class wxbot.Quota
local Quota = {}
Quota.__index = Quota

--- The quotas of a source.
---@param source wxbot.TokenSource
---@return wxbot.Quota
function M.new(source)
  return setmetatable({ source = source, known = {} }, Quota)
end

local function key_of(source, endpoint)
  return source.key .. ":quota:" .. endpoint
end

local function is_over(record, now)
  return not record or record.ends <= now or record.ends > now + DAY
end

-- What the store has of an endpoint. One that fails may take its time to say
-- so: it must not hold up each call.
local function look(quota, endpoint, now)
  local source, passed = quota.source, now - (quota.failed or -PAUSE)
  if passed >= 0 and passed < PAUSE then
    return nil
  end
  local value, message = pcall_method(source.store, "get",
    key_of(source, endpoint))
  quota.failed = value == nil and message ~= nil and now or nil
  return backoffs.read(value)
end

--- The error of an endpoint whose quota is used up.
---@param endpoint string its name
---@return wxbot.Error|nil err with quota_ends, unix seconds
function Quota:pending(endpoint)
  local now, record = self.source.context.clock(), self.known[endpoint]
  if is_over(record, now) then
    record = look(self, endpoint, now)
    self.known[endpoint] = record
  end
  if is_over(record, now) then
    return nil
  end
  record.err.quota_ends = record.ends
  return record.err
end

--- Has all know that the quota of an endpoint is used up.
---@param endpoint string its name
---@param err wxbot.Error with quota_ends
function Quota:note(endpoint, err)
  local source = self.source
  local record = { ends = err.quota_ends, paid = 0, failures = 1, err = err }
  self.known[endpoint] = backoffs.read(backoffs.write(record))
  shared.put(source, key_of(source, endpoint), backoffs.write(record),
    record.ends - source.context.clock())
end

return M
