--- Any number of elements of a list, in requests of a bounded size.

local api = require "wxbot.api"
local call = require "wxbot.call"
local check = require "wxbot.call.schema.check"
local elements = require "wxbot.client.elements"
local fields_of = require "wxbot.call.schema.fields"
local poll = require "wxbot.client.poll"
local waiters = require "wxbot.util.waiter"

local error, ipairs, pairs, pcall, type = error, ipairs, pairs, pcall, type
local remove = table.remove

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
      doc = ("The %s, or a function that returns the next"):format(
        batch.what) },
    { name = "batch", type = "integer", exclusive_min = 0,
      doc = ("Most %s in one request (default %d)"):format(batch.what, batch.size) },
    { name = "on_progress", type = "function", doc = "Called with (done, "
      .. "total, task_ids if there are such) after each request" },
  }
  if batch.parallel then
    own[#own + 1] = { name = "parallel", type = "integer", exclusive_min = 0,
      doc = ("Requests on their way at once, in a loop (default %d)"):format(
        batch.parallel) }
  end
  return own
end

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

-- ---------------------------------------------------------------- requests

-- Only the first request may replace everything.
local function request_of(run, batch)
  local request = fields_of.pick(run.endpoint.request, run.params)
  request[run.batch.field] = batch
  if run.replaces and run.result.batches > 0 then
    request[run.replaces.field] = run.replaces.after
  end
  return request
end

-- What waits for a request: a call that is made then or, where there are
-- fibers, one that has begun already.
local function begin(run, request)
  local function send()
    return call.run(run.context, run.endpoint, request, run.options)
  end
  if run.parallel == 1 then
    return send
  end
  local fiber = run.context.transport:spawn(function() return pcall(send) end)
  if not fiber then -- there are no more
    local answer, err = send()
    return function() return answer, err end
  end
  return function()
    local ok, answer, err = fiber:join()
    if ok == nil then -- the loop was closed
      return nil, answer
    elseif not ok then
      error(answer, 0)
    end
    return answer, err
  end, fiber
end

-- Begins requests until enough are on their way.
local function fill(run)
  while #run.window < run.parallel do
    local batch = elements.take(run.source, run.size)
    if #batch == 0 then
      return
    end
    local item = { batch = batch }
    item.wait, item.fiber = begin(run, request_of(run, batch))
    run.window[#run.window + 1] = item
  end
end

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
  local params = { task_id = answer.task_id }
  for name, of in pairs(replaces.params) do
    params[name] = run.params[of]
  end
  return poll.run(run.context, api.by_name[replaces.waiter], params, run.options)
end

-- ------------------------------------------------------------------- a run

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
  return nil, stopped(run.endpoint, err, run.result, batch, replaces
    and run.result.done > 0 and (" and without %s %s"):format(replaces.field,
      replaces.value) or nil)
end

local function send_all(run)
  local result, name = run.result, run.batch.field
  fill(run)
  while #run.window > 0 do
    -- In the window until it has ended: a run that is cancelled ends it, too.
    local item, settled = run.window[1], nil
    local answer, err = item.wait()
    remove(run.window, 1)
    if answer then
      settled, err = settle(run, answer)
    end
    if not settled then
      return fail(run, err, item.batch)
    end
    result.done, result.batches = result.done + #item.batch, result.batches + 1
    tell(run)
    fill(run)
  end
  if run.source.err or result.done == 0 then
    local err = run.source.err
      or check.invalid_value({ run.source.field }, { [name] = {} })
    err.sent, err.endpoint = false, run.batch.name
    return fail(run, err, {})
  end
  return result
end

local function idle() end

local function spawns_fibers(transport)
  return transport:spawn(idle).join ~= nil
end

-- How many requests may be on their way at once. What spawn returns can be
-- waited for in a loop; in nginx, for one, it only says that something runs.
local function parallel_of(run)
  local parallel = run.params.parallel or run.batch.parallel or 1
  if parallel == 1 or run.total and run.total <= run.size
      or not waiters.has_background(run.context.transport) then
    return 1
  end
  local ok, has_fibers = pcall(spawns_fibers, run.context.transport)
  return ok and has_fibers and parallel or 1
end

local function run_of(context, endpoint, params, options)
  local batch = endpoint.batch
  local list, replaces = params[batch.field], batch.replace
  return {
    context = context, endpoint = endpoint, batch = batch, params = params,
    options = options, size = params.batch or batch.size, window = {},
    source = elements.new(api.field(endpoint.request, batch.field), list,
      batch.max_bytes),
    total = type(list) == "table" and #list or nil,
    replaces = replaces and params[replaces.field] == replaces.value
      and replaces or nil,
    result = { done = 0, batches = 0,
      task_ids = api.field(endpoint.response, "task_id") and {} or nil },
  }
end

--- Sends element by element, many in one request, and several requests at a
-- time where the transport has fibers.
---@param context wxbot.Context
---@param endpoint table with a batch
---@param params table of its request, where the list may be an iterator; batch, on_progress, parallel
---@param options table { timeout } of one request
---@return table|nil result { done, batches, task_ids }
---@return wxbot.Error|nil err with done, next, batch and task_ids
function M.run(context, endpoint, params, options)
  local run = run_of(context, endpoint, params, options)
  run.parallel = parallel_of(run)
  if run.parallel == 1 then
    return send_all(run)
  end
  local ok, result, err = pcall(send_all, run)
  if not ok then
    for _, item in ipairs(run.window) do
      if item.fiber and item.fiber.cancel then
        item.fiber:cancel()
      end
    end
    error(result, 0)
  end
  return result, err
end

return M
