--- One request of a job: it waits for its turn, and again where it may.

local bulk = require "wxbot.client.bulk"
local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local retry = require "wxbot.call.retry"

local error, min, pcall = error, math.min, pcall

local M = {}

-- Seconds of a sleep at most, and between two looks of on_progress at a wait.
local SLICE = 0.5

local ENDS = { cancelled = true, closed = true }

-- What an attempt of nothing answers.
local NOTHING = {}

--- Tells on_progress where the job is; it may say that it shall stop.
---@param job table
function M.tell(job)
  local run, state = job.run, job.state
  job.told = run.context.now()
  local again = job.failure and job.pace.again
  local status = { dealt_with = state.to, rejected = state.rejected,
    batches = state.batches, waiting = job.failure,
    seconds = again and again - job.told or nil }
  if run.params.on_progress and run.params.on_progress(state.done, run.total,
      run.result.task_ids and state.task_ids, status) == false then
    job.is_stopping = true
  end
end

local function stopped()
  return errors.new{ kind = "cancelled", code = "stopped", sent = false,
    message = "the job was stopped" }
end

-- Waits until a time; what ends the job before that.
local function wait_until(job, time)
  local context = job.run.context
  while true do
    local left = time - context.now()
    if job.is_stopping then
      return stopped()
    elseif left <= 0 then
      return nil
    end
    local _, why = context.transport:sleep(min(left, SLICE))
    if why then
      return errors.from(why)
    elseif context.now() >= (job.told or 0) + SLICE then
      M.tell(job)
    end
  end
end

-- Waits until it may send.
local function wait_for_turn(job)
  local now, err = job.run.context.now, nil
  while not err and job.pace.again and job.pace.again > now() do
    err = wait_until(job, job.pace.again)
  end
  return err or wait_until(job, job.pace:turn(now()))
end

-- A quota that lasts longer is that of a day, and nothing is too fast for it.
local MINUTE = 60

-- Is it the platform that wants less, and not the way to it?
local function is_too_fast(err, quota)
  return err.status == 429 or err.kind == "platform"
    and not (quota and quota > MINUTE)
end

-- Notes a failure that may pass; an error: it has lasted too long.
local function endure(job, err)
  job.failure = err
  local context = job.run.context
  local quota = err.quota_ends and err.quota_ends - context.clock()
  local goes_on = job.pace:fail(context.now(), is_too_fast(err, quota), quota,
    err.retry_after)
  return not goes_on and err or nil
end

local function confirmed(job)
  job.pace:succeed()
  job.failure = nil
end

-- That it is sent is on the disk before it is, where it must not be twice.
local function note_sent(job, item)
  if job.repeats ~= "never" or item.is_noted then
    return nil
  end
  local done, err = job.file:add{ from = item.from, to = item.to, sent = true,
    count = #item.batch }
  item.is_noted = done
  return err
end

-- Is it what is sent that was refused, so that others may be taken?
local function is_about_elements(err)
  return err.kind == "invalid"
    or err.kind == "platform" and retry.outcome(err) == "final"
end

-- One call; what it means is item.prospect, nil where the job ends with it and
-- it was certainly not done.
local function attempt(job, item)
  local run = job.run
  local err = wait_for_turn(job) or note_sent(job, item)
  if err then
    return nil, err
  end
  local answer
  answer, err = call.run(run.context, run.endpoint, item.request, run.options)
  if answer then
    confirmed(job)
    return answer
  end
  local prospect = not ENDS[err.kind] and retry.prospect(err, job.repeats)
  if ENDS[err.kind] and job.repeats == "never" and err.sent ~= false then
    item.prospect = "unknown"
  elseif prospect == "later" or prospect == "unknown" then
    item.is_last = endure(job, err) ~= nil
    item.prospect = (prospect == "unknown" or not item.is_last) and prospect
      or nil
  else
    item.prospect = prospect and is_about_elements(err) and prospect or nil
  end
  return nil, err
end

--- Sends what is taken, until its outcome is known or will not be.
---@param job table
---@param item table
---@return table|nil answer
---@return wxbot.Error|nil err
function M.item(job, item)
  if not item.request then
    return NOTHING
  end
  local answer, err
  repeat
    item.prospect = nil
    answer, err = attempt(job, item)
  until answer or item.prospect ~= "later"
  return answer, err
end

-- A task that has not ended in time is followed again.
local function follow(job, task_id)
  local stop = stopped()
  local ran, task, err = pcall(bulk.follow, job.run, task_id, {
    on_progress = function()
      M.tell(job)
      if job.is_stopping then
        error(stop, 0)
      end
    end })
  if not ran and task ~= stop then
    error(task, 0)
  end
  return ran and task, ran and err or not ran and stop or nil
end

--- Waits for the task of a request that replaces everything.
---@param job table
---@return wxbot.Error|nil err the job ends with it
function M.await_task(job)
  local task, err
  repeat
    err = wait_for_turn(job)
    if err then
      return err
    end
    task, err = follow(job, job.state.awaits)
    local is_over = not task and (ENDS[err.kind]
      or retry.prospect(err, "always") ~= "later" or endure(job, err) ~= nil)
    if is_over then
      return err
    end
  until task
  confirmed(job)
  local _, why = job.file:add{ ended = job.state.awaits }
  return why
end

return M
