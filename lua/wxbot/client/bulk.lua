--- What runs of many requests have in common: what they begin with, the request
--- of a batch, and what the first has to wait for.

local api = require "wxbot.api"
local elements = require "wxbot.client.elements"
local fields_of = require "wxbot.call.schema.fields"
local poll = require "wxbot.client.poll"

local pairs, type = pairs, type

local M = {}

---@class wxbot.Bulk
---@field context wxbot.Context
---@field endpoint table with a batch
---@field batch table that of the endpoint
---@field params table
---@field options table { timeout } of one request
---@field size integer elements in a request
---@field source table of elements
---@field total integer|nil elements in all, where that is known
---@field replaces table|nil the first request replaces everything
---@field result table { done, batches, task_ids }

--- What a run of requests begins with.
---@param context wxbot.Context
---@param endpoint table with a batch
---@param params table
---@param options table
---@return wxbot.Bulk run
function M.begin(context, endpoint, params, options)
  local batch = endpoint.batch
  local list, replaces = params[batch.field], batch.replace
  return {
    context = context, endpoint = endpoint, batch = batch, params = params,
    options = options, size = params.batch or batch.size,
    source = elements.new(api.field(endpoint.request, batch.field), list,
      batch.max_bytes),
    total = type(list) == "table" and #list or nil,
    replaces = replaces and params[replaces.field] == replaces.value
      and replaces or nil,
    result = { done = 0, batches = 0,
      task_ids = api.field(endpoint.response, "task_id") and {} or nil },
  }
end

--- The request of a batch. Only the first may replace everything.
---@param run wxbot.Bulk
---@param batch table elements
---@return table request
function M.request_of(run, batch)
  local request = fields_of.pick(run.endpoint.request, run.params)
  request[run.batch.field] = batch
  if run.replaces and run.result.batches > 0 then
    request[run.replaces.field] = run.replaces.after
  end
  return request
end

--- Follows what a first request began that replaces everything.
---@param run wxbot.Bulk
---@param task_id string
---@param more table|nil parameters of the waiter
---@return table|nil task
---@return wxbot.Error|nil err
function M.follow(run, task_id, more)
  local params = { task_id = task_id }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  for name, of in pairs(run.replaces.params) do
    params[name] = run.params[of]
  end
  return poll.run(run.context, api.by_name[run.replaces.waiter], params,
    run.options)
end

return M
