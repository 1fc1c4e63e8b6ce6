--- A job: a run of many requests that goes on where it was when it is started
--- again, waits while the platform is away, and ends when all is done.

local bulk = require "wxbot.client.bulk"
local check = require "wxbot.call.schema.check"
local core = require "wxbot.core"
local elements = require "wxbot.client.elements"
local errors = require "wxbot.util.errors"
local fields_of = require "wxbot.call.schema.fields"
local files = require "wxbot.client.job.file"
local outcomes = require "wxbot.client.job.outcomes"
local paces = require "wxbot.client.job.pace"
local send = require "wxbot.client.job.send"
local windows = require "wxbot.client.window"

local error, next, pairs, pcall, type = error, next, pairs, pcall, type
local remove = table.remove

local M = {}

-- Seconds for which an outage is waited out.
local PATIENCE = 1800

-- ------------------------------------------------------------------ opening

-- A text that another list does not have.
local function fingerprint(list)
  local digest = ""
  for i = 1, #list do
    digest = core.sha256(digest .. files.text_of(list[i]))
  end
  return ("%d %s"):format(#list, core.hex_encode(digest))
end

local function head_of(run)
  local params = fields_of.pick(run.endpoint.request, run.params)
  local list = params[run.batch.field]
  params[run.batch.field] = nil
  params.base_url = run.context.base_url[run.endpoint.service]
  return { method = run.batch.name, params = params,
    total = run.total or run.params.total,
    input = type(list) == "table" and fingerprint(list) or run.params.input }
end

local function open(run)
  local head = head_of(run)
  local file, err = files.open(run.params.job, run.context.appid, head)
  if not file then
    err.endpoint, err.sent = run.batch.name, false
    return nil, err
  end
  run.total = file.state.head.total or head.total
  return { run = run, file = file, state = file.state, again = {}, held = {},
    repeats = run.endpoint.repeats,
    pace = paces.new(run.params.rate, run.params.patience or PATIENCE) }
end

-- ------------------------------------------------------------ what was done

local function changed(job)
  local _, err = errors.invalid(("the job %s was begun with another input: it "
    .. "has become shorter"):format(job.file.path), "job")
  return err
end

-- Takes the elements that an earlier run sent and did not hear of.
local function take_unknown(job, record)
  local run = job.run
  local item = outcomes.take(job, record.to - record.from)
  if run.params.unknown == "send" then
    item.is_again = true
    job.again[#job.again + 1] = item
  else
    return outcomes.leave_out(job, item)
  end
end

-- Reads what has been dealt with; an error where the input has changed.
local function skip(job)
  local source, state = job.run.source, job.state
  local ends, err = state.to, nil
  if state.place ~= nil and not job.run.params.unknown then
    source.goes_on_at, source.taken = state.place, ends
  end
  while not err and source.taken < ends do
    local record = job.run.params.unknown and state.unknown[source.taken]
    if record then
      err = take_unknown(job, record)
    elseif elements.peek(source) == nil then
      err = changed(job)
    else
      source.element, source.taken = nil, source.taken + 1
    end
  end
  return err
end

-- Nothing else may be sent where it is not known whether everything was replaced.
local function wants_decision(job)
  return job.run.replaces and job.state.batches == 0
    and next(job.state.unknown) ~= nil and #job.again == 0
end

-- ------------------------------------------------------------------- sending

local function window_of(job)
  local run = job.run
  local parallel = run.params.parallel or run.batch.parallel or 1
  return {
    transport = run.context.transport,
    parallel = parallel > 1 and windows.has_fibers(run.context.transport)
      and parallel or 1,
    take = function()
      if job.is_stopping then
        return nil
      end
      local item = remove(job.again, 1)
      if not item and elements.peek(run.source) ~= nil then
        item = outcomes.take(job, run.size)
      end
      if item and #item.batch > 0 then
        item.request = bulk.request_of(run, item.batch)
      end
      return item
    end,
    send = function(item)
      return send.item(job, item)
    end,
    settle = function(item, answer, err)
      local settled
      settled, err = outcomes.settle(job, item, answer, err)
      return settled, err
    end,
  }
end

local function work(job)
  local err = skip(job)
  if err then
    return err
  end
  job.run.result.batches = job.state.batches
  job.window = window_of(job)
  if wants_decision(job) then
    return nil
  elseif job.state.awaits then
    err = send.await_task(job)
  end
  if not err then
    local done
    done, err = windows.run(job.window)
    if not done then
      windows.cancel(job.window)
    end
  end
  return err
end

-- ---------------------------------------------------------------- the result

local function result_of(job)
  local state, result = job.state, { unknown = 0 }
  for _, record in pairs(state.unknown) do
    result.unknown = result.unknown + record.count
  end
  result.done, result.batches = state.done, state.batches
  result.rejected = state.rejected
  result.rejected_file = state.rejected > 0 and job.file.rejected_path or nil
  result.task_ids = job.run.result.task_ids and state.task_ids or nil
  return result
end

local function unknown_error(job, result)
  return errors.new{ kind = "platform", code = "unknown",
    message = ("%d %s were sent and not confirmed"):format(result.unknown,
      job.run.batch.what) }
end

local function fail(job, err, result)
  local batch = job.run.batch
  err.endpoint = err.endpoint or job.run.endpoint.name
  err.done, err.task_ids, err.result = result.done, result.task_ids, result
  err.advice = ("%d %s; started again, the job goes on"):format(result.done,
    batch.done)
  if err.code == "unknown" then
    err.advice = ('%d %s; unknown = "send" or "skip" decides'):format(
      result.done, batch.done)
  end
  return nil, err
end

local function finish(job, err)
  err = outcomes.finish(job, err)
  local state = job.state
  if not err and state.to == 0 then
    err = check.invalid_value({ job.run.source.field },
      { [job.run.batch.field] = {} })
    err.sent = false
  end
  local result = result_of(job)
  err = err or result.unknown > 0 and unknown_error(job, result) or nil
  local over = err and (err.code == "unknown" and "unknown" or "stopped")
    or "done"
  if state.over ~= over then
    local done, why = job.file:add{ over = over }
    err = err or not done and why or nil
  end
  if err then
    return fail(job, err, result)
  end
  return result
end

--- Sends what of a job is not done yet.
---@param context wxbot.Context
---@param endpoint table with a batch
---@param params table of its request, with a job
---@param options table { timeout } of one request
---@return table|nil result { done, batches, rejected, rejected_file, unknown, task_ids }
---@return wxbot.Error|nil err with done and result; code "job": it was begun with something else; "unknown": what was sent and not confirmed is left; "stopped"
function M.run(context, endpoint, params, options)
  local job, err = open(bulk.begin(context, endpoint, params, options))
  if not job then
    return nil, err
  end
  local ran, failure = pcall(work, job)
  local result
  if ran then
    ran, result, err = pcall(finish, job, failure)
  end
  job.file:close()
  if not ran then
    error(result or failure, 0)
  end
  return result, err
end

return M
