--- What becomes of the requests of a job, in the order in which they were taken:
--- confirmed, rejected, unknown.

local elements = require "wxbot.client.elements"
local errors = require "wxbot.util.errors"
local files = require "wxbot.client.job.file"
local json = require "wxbot.codec.json"
local send = require "wxbot.client.job.send"

local ipairs, tostring = ipairs, tostring

local M = {}

-- As many requests in a row that are refused end the job: it is not these
-- elements that are wrong.
local MOST_REFUSED = 3

-- Where the input goes on behind what was taken, if that is known and can be
-- written.
local function place_of(source)
  local place = source.element == nil and source.place or nil
  return place ~= nil and json.encode(place) and place or nil
end

--- Takes the next elements of the input. Those that cannot be sent are rejected;
-- behind a request that was refused together with the next one's, whose record
-- tells of them.
---@param job table
---@param count integer
---@return table item { batch, from, to, rejected, place }
function M.take(job, count)
  local source, rejected = job.run.source, {}
  source.on_invalid = function(element, err)
    rejected[#rejected + 1] = { files.text_of(element), err.reason }
  end
  local from = source.taken
  local batch
  repeat
    batch = elements.take(source, count)
  until #batch > 0 or #job.held == 0 or elements.peek(source) == nil
  return { batch = batch, from = from, to = source.taken, rejected = rejected,
    place = place_of(source) }
end

-- Writes what is collected.
local function flush(job)
  local record = job.record
  job.record = nil
  if not record then
    return nil
  end
  if #record.rejected == 0 then
    record.rejected = nil
  end
  local _, err = job.file:add(record)
  job.run.result.batches = job.state.batches
  return err
end

-- Adds what has become of a batch to what is to be written; one record is about
-- all that follow each other.
local function collect(job, item, done, answer)
  local record, err = job.record, nil
  if record and record.to ~= item.from then
    err = flush(job)
    record = nil
  end
  record = record or { from = item.from, done = 0, batches = 0, rejected = {} }
  record.to, record.place = item.to, item.place
  record.done = record.done + done
  record.batches = record.batches + (answer and done > 0 and 1 or 0)
  for _, rejected in ipairs(item.rejected) do
    record.rejected[#record.rejected + 1] = rejected
  end
  if answer and answer.task_id then
    record.tasks = record.tasks or {}
    record.tasks[#record.tasks + 1] = answer.task_id
  end
  job.record = record
  return err
end

-- The elements of a request that was refused are rejected.
local function reject(job, item)
  local reason = files.text_of(tostring(item.err))
  for _, element in ipairs(item.batch) do
    item.rejected[#item.rejected + 1] = { files.text_of(element), reason }
  end
  return collect(job, item, 0)
end

local function reject_held(job)
  local held, err = job.held, nil
  job.held = {}
  for _, item in ipairs(held) do
    err = reject(job, item) or err
  end
  return err
end

-- Has it to be done before anything else, and been followed to its end?
local function is_first(job)
  return job.run.replaces ~= nil and job.state.batches == 0
end

local function confirm(job, item, answer)
  if not item.request and #job.held > 0 then -- it says nothing of those
    job.held[#job.held + 1] = item
    return nil
  end
  job.has_confirmed = job.has_confirmed or item.request ~= nil
  local err = reject_held(job) or collect(job, item, #item.batch, answer)
  local awaits = is_first(job) and answer.task_id
    and elements.peek(job.run.source) ~= nil
  if awaits then
    job.record.awaits = answer.task_id
  end
  local following = job.window[1]
  if not (err or following and following.is_back) then
    err = flush(job)
    send.tell(job)
  end
  return err or awaits and send.await_task(job) or nil
end

-- It stays as it was written when it was sent, and so do those before it that
-- were refused: it does not tell whether the platform refuses all. Nothing
-- follows what may have replaced everything.
local function leave_unknown(job, item, err)
  job.held = {}
  send.tell(job)
  if item.is_last or err.kind == "cancelled" or err.kind == "closed" then
    return false, err
  end
  return not is_first(job)
end

local function refuse(job, item, err)
  item.err = err
  job.held[#job.held + 1] = item
  return (#job.held >= MOST_REFUSED or is_first(job)) and err or nil
end

--- What follows from the outcome of a request.
---@param job table
---@param item table
---@param answer table|nil
---@param err wxbot.Error|nil
---@return boolean goes_on
---@return wxbot.Error|nil err
function M.settle(job, item, answer, err)
  if answer then
    err = confirm(job, item, answer)
  elseif item.prospect == "unknown" then
    return leave_unknown(job, item, err)
  elseif item.prospect == "final" then
    err = refuse(job, item, err)
  else -- certainly not sent, or it may be sent again
    job.unsent = item
  end
  return not err, err
end

--- Leaves out elements that may have been sent before.
---@param job table
---@param item table
---@return wxbot.Error|nil err
function M.leave_out(job, item)
  local err = collect(job, item, 0)
  if is_first(job) then
    job.record.batches = 1 -- what replaces everything counts as done
  end
  return flush(job) or err
end

-- The first of what is not sent, by what was written, and yet is not.
local function take_back(job)
  local items = job.held
  items[#items + 1] = job.unsent
  for _, item in ipairs(items) do
    if item.is_noted and not item.is_again then
      local _, err = job.file:add{ back = item.from }
      return err
    end
  end
end

--- The run is over.
---@param job table
---@param err wxbot.Error|nil
---@return wxbot.Error|nil err
function M.finish(job, err)
  if not err and job.is_stopping then
    err = errors.new{ kind = "cancelled", code = "stopped",
      message = "the job was stopped" }
  end
  if not err and #job.held > 0 then
    err = not job.has_confirmed and job.held[1].err or reject_held(job)
  end
  local why = flush(job) or take_back(job)
  return err or why
end

return M
