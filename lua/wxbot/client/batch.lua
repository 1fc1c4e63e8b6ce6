--- Any number of elements of a list, in requests of a bounded size.

local api = require "wxbot.api"
local bulk = require "wxbot.client.bulk"
local call = require "wxbot.call"
local check = require "wxbot.call.schema.check"
local elements = require "wxbot.client.elements"
local job_fields = require "wxbot.client.job.fields"
local late = require "wxbot.util.late"
local windows = require "wxbot.client.window"

local ipairs = ipairs

local M = {}

--- Fields of the method, which takes the list from an iterator, too.
---@param endpoint table
---@return table[] own
function M.fields(endpoint)
  local batch = endpoint.batch
  local field = api.field(endpoint.request, batch.field)
  local own = {
    { name = field.name, type = "list", of = field.of, id = field.id,
      fields = field.fields, or_type = "function", required = true,
      doc = ("The %s, or a function that returns the next; for a job also "
        .. "where it is, and called with that it goes on there"):format(
        batch.what) },
    { name = "batch", type = "integer", exclusive_min = 0,
      doc = ("Most %s in one request (default %d)"):format(batch.what, batch.size) },
    { name = "on_progress", type = "function", doc = "Called with (done, "
      .. "total, task_ids if there are such) after each request; of a job also "
      .. "with a table and while it waits, and false stops that" },
  }
  if batch.parallel then
    own[#own + 1] = { name = "parallel", type = "integer", exclusive_min = 0,
      doc = ("Requests on their way at once, in a loop (default %d)"):format(
        batch.parallel) }
  end
  for _, more in ipairs(job_fields.of(endpoint)) do
    own[#own + 1] = more
  end
  return own
end

--- What is wrong with parameters, besides their types.
M.misuse = job_fields.misuse

--- A first request that replaces everything is followed to its end.
---@param endpoint table
---@return boolean
function M.sleeps(endpoint)
  return endpoint.batch.replace ~= nil
end

-- Adds to an error where a run stopped. What is in `batch` may be done or not.
local function stopped(endpoint, err, result, batch, more)
  local done = result.done
  err.endpoint = err.endpoint or endpoint.name
  err.done, err.next, err.batch = done, done + 1, batch
  err.task_ids = result.task_ids
  err.advice = ("%d %s, go on with number %d%s"):format(done,
    endpoint.batch.done, done + 1, more or "")
  return err
end

--- Adds to an error before anything was sent.
---@param endpoint table
---@param err wxbot.Error
---@return wxbot.Error
function M.refused(endpoint, err)
  return stopped(endpoint, err, { done = 0 }, {})
end

-- ------------------------------------------------------------------- a run

local function tell(run)
  if run.params.on_progress then
    run.params.on_progress(run.result.done, run.total, run.result.task_ids)
  end
end

-- What replaces everything has to be done before the next request adds to it.
local function settle(run, answer)
  local ids, replaces = run.result.task_ids, run.replaces
  if ids then
    ids[#ids + 1] = answer.task_id
  end
  if not replaces or run.result.batches > 0 or not answer.task_id
      or elements.peek(run.source) == nil then
    return true
  end
  tell(run)
  return bulk.follow(run, answer.task_id)
end

-- The run ends with an error. Later requests that failed are as uncertain as
-- the one that ended it; an iterator cannot be asked again for what it gave.
local function fail(run, err, batch)
  for _, item in ipairs(run.window) do
    for _, element in ipairs(not item.wait() and item.batch or {}) do
      batch[#batch + 1] = element
    end
  end
  if not run.total then
    batch[#batch + 1] = run.source.element
  end
  local replaces = run.replaces
  return stopped(run.endpoint, err, run.result, batch, replaces
    and run.result.done > 0 and (" and without %s %s"):format(replaces.field,
      replaces.value) or nil)
end

-- How many requests may be on their way at once.
local function parallel_of(run)
  local parallel = run.params.parallel or run.batch.parallel or 1
  if parallel == 1 or run.total and run.total <= run.size
      or not windows.can_overlap(run.context.transport) then
    return 1
  end
  return parallel
end

local function window_of(run)
  local result = run.result
  return {
    transport = run.context.transport, parallel = parallel_of(run),
    take = function()
      local batch = elements.take(run.source, run.size)
      return #batch > 0 and { batch = batch,
        request = bulk.request_of(run, batch) } or nil
    end,
    send = function(item)
      return call.run(run.context, run.endpoint, item.request, run.options)
    end,
    settle = function(item, answer, err)
      local settled = answer
      if answer then
        settled, err = settle(run, answer)
      end
      if not settled then
        return nil, fail(run, err, item.batch)
      end
      result.done, result.batches = result.done + #item.batch,
        result.batches + 1
      tell(run)
      return true
    end,
  }
end

--- Sends element by element, many in one request, and several requests at a
-- time where the transport has fibers.
---@param context wxbot.Context
---@param endpoint table with a batch
---@param params table of its request, where the list may be an iterator; batch, on_progress, parallel, and what a job has
---@param options table { timeout } of one request
---@return table|nil result { done, batches, task_ids }
---@return wxbot.Error|nil err with done, next, batch and task_ids
function M.run(context, endpoint, params, options)
  if params.job then
    local jobs, err = late "wxbot.client.job"
    if not jobs then
      return nil, err
    end
    return jobs.run(context, endpoint, params, options)
  end
  local run = bulk.begin(context, endpoint, params, options)
  run.window = window_of(run)
  local done, err = windows.run(run.window)
  if not done then
    return nil, err
  elseif run.source.err or run.result.done == 0 then
    err = run.source.err or check.invalid_value({ run.source.field },
      { [run.batch.field] = {} })
    err.sent, err.endpoint = false, run.batch.name
    return nil, fail(run, err, {})
  end
  return run.result
end

return M
