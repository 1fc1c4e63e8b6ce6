--- Tagging any number of users, in batches.

local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local check = require "wxbot.call.schema.check"
local fields_of = require "wxbot.call.schema.fields"
local waiters = require "wxbot.util.waiter"

local error, ipairs, pcall, type = error, ipairs, pcall, type
local remove = table.remove

local M = {}

-- The platform documents no limit; its cousin for official accounts takes 50.
M.BATCH = 50
-- Batches on their way at once, where the transport has tasks.
M.PARALLEL = 4

local endpoint = by_name.label_batchset

-- Openids one by one, from a list or from an iterator.
local function openids(list)
  if type(list) == "function" then
    local ended = false
    return function()
      local openid = nil
      if not ended then
        openid = list()
        ended = openid == nil
      end
      return openid
    end
  end
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

local function next_batch(following, size)
  local batch = {}
  while #batch < size do
    local openid = following()
    if openid == nil then
      break
    end
    batch[#batch + 1] = fields_of.id(openid)
  end
  return batch
end

--- Adds to an error where a run stopped.
---@param err wxbot.Error
---@param done integer|nil how many are tagged, 0
---@param batch string[]|nil the openids of the batch that failed
---@return wxbot.Error
function M.failed(err, done, batch)
  done = done or 0
  err.endpoint = endpoint.name
  err.done, err.next, err.batch = done, done + 1, batch or {}
  err.advice = ("%d tagged, go on with number %d"):format(done, done + 1)
  return err
end

local function total_of(list)
  return type(list) == "table" and #list or nil
end

-- What an iterator gave has not been looked at before. `before` is how many
-- openids there were before the batch.
local function fault_of(request, before)
  for i, openid in ipairs(request.list) do
    if type(openid) ~= "string" then
      local reason = "must be a string (got " .. type(openid) .. ")"
      return errors.new{ kind = "invalid", code = "value", sent = false,
        message = ("list[%d] %s"):format(before + i, reason),
        field = "list", index = before + i, reason = reason }
    end
  end
  return check.invalid_value(endpoint.request, request, before)
end

-- What waits for a batch: a call that is made then or, where there are tasks,
-- one that has begun already.
local function begin(run, request)
  local function send()
    return call.run(run.state, endpoint, request, run.options)
  end
  if run.parallel == 1 then
    return send
  end
  local task = run.state.transport:spawn(function() return pcall(send) end)
  if not task then -- there are no more
    local answer, err = send()
    return function() return answer, err end
  end
  return function()
    local ok, answer, err = task:join()
    if ok == nil then -- the loop was closed
      return nil, answer
    elseif not ok then
      error(answer, 0)
    end
    return answer, err
  end, task
end

-- Begins batches until enough are on their way.
local function fill(run)
  local params = run.params
  while run.more and #run.window < run.parallel do
    local batch = next_batch(run.following, run.size)
    if #batch == 0 then
      run.more = false
      return
    end
    local request = fields_of.pick(endpoint.request, params)
    request.list = batch
    local item, err = { batch = batch }, fault_of(request, run.taken)
    run.taken = run.taken + #batch
    if err then
      run.more = false
      item.wait = function() return nil, err end
    else
      item.wait, item.task = begin(run, request)
    end
    run.window[#run.window + 1] = item
  end
end

-- The openids of a batch that failed and of later ones that did so too.
local function uncertain(run, batch)
  for _, item in ipairs(run.window) do
    if not item.wait() then
      for _, openid in ipairs(item.batch) do
        batch[#batch + 1] = openid
      end
    end
  end
  return batch
end

local function tag_all(run)
  local params, total = run.params, total_of(run.params.list)
  local done, batches = 0, 0
  fill(run)
  while #run.window > 0 do
    -- In the window until it has ended: a run that is cancelled ends it, too.
    local item = run.window[1]
    local answer, err = item.wait()
    remove(run.window, 1)
    if not answer then
      return nil, M.failed(err, done, uncertain(run, item.batch))
    end
    done, batches = done + #item.batch, batches + 1
    if params.on_progress then
      params.on_progress(done, total)
    end
    fill(run)
  end
  if done == 0 then
    return nil, M.failed(errors.new{ kind = "invalid", code = "value",
      sent = false, message = "list must not be empty", field = "list",
      reason = "must not be empty" })
  end
  return { done = done, batches = batches }
end

local function idle() end

local function spawns_tasks(transport)
  return transport:spawn(idle).join ~= nil
end

-- How many batches may be on their way at once. What spawn returns can be
-- waited for in a loop; in nginx, for one, it only says that something runs.
local function parallel_of(state, params)
  local total, parallel = total_of(params.list), params.parallel or M.PARALLEL
  if total and total <= (params.batch or M.BATCH) or parallel == 1
      or not waiters.has_background(state.transport) then
    return 1
  end
  local ok, has_tasks = pcall(spawns_tasks, state.transport)
  return ok and has_tasks and parallel or 1
end

--- Tags users batch by batch; where the transport has tasks, several at a time.
---@param state table a bot's private side
---@param params table appid, category, label, desc, list, batch, parallel, on_progress
---@param options table { timeout }
---@return table|nil result { done, batches }
---@return wxbot.Error|nil err with done, next and batch
function M.run(state, params, options)
  local run = {
    state = state, params = params, options = options,
    size = params.batch or M.BATCH,
    parallel = parallel_of(state, params),
    following = openids(params.list), taken = 0, more = true, window = {},
  }
  if run.parallel == 1 then
    return tag_all(run)
  end
  local ok, result, err = pcall(tag_all, run)
  if not ok then
    for _, item in ipairs(run.window) do
      if item.task and item.task.cancel then
        item.task:cancel()
      end
    end
    error(result, 0)
  end
  return result, err
end

return M
