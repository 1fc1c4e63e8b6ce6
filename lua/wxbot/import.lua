--- Importing any number of questions, in requests of a bounded size.

local by_name = require "wxbot.endpoint".by_name
local call = require "wxbot.call"
local errors = require "wxbot.error"
local schema = require "wxbot.schema"
local wait = require "wxbot.wait"

local ipairs, type = ipairs, type

local M = {}

-- The platform documents no limit. Questions in one request, and bytes of
-- their texts, unless one question alone has more.
M.BATCH = 100
M.BYTES = 256 * 1024

local endpoint = by_name.batchimportskill

--- Fields of a question.
M.fields = endpoint.request[3].fields

-- Questions one by one, from a list or from an iterator, with one to look at.
local function source_of(skill)
  local source, i = {}, 0
  function source.take()
    local row = source.row
    if row ~= nil or i == 0 then
      i = i + 1
      if type(skill) == "function" then
        source.row = skill()
      else
        source.row = skill[i]
      end
    end
    return row
  end
  source.take()
  return source
end

local function size_of(row)
  local size = #row.skillname + #row.title
  for _, name in ipairs{ "question", "answer" } do
    for _, text in ipairs(row[name] or {}) do
      size = size + #text
    end
  end
  return size
end

-- What an iterator gave has not been looked at before.
local function fault_of(row, number)
  local misuse = schema.misuse(("skill[%d]"):format(number), M.fields, row)
  if misuse then
    return errors.new{ kind = "invalid", code = "value", sent = false,
      message = misuse, field = "skill", index = number, problem = misuse }
  end
  local _, err = schema.fault(endpoint.request, { managerid = "-",
    skill = { row } }, number - 1)
  return err
end

-- The next questions, and what is wrong with the first that cannot be sent.
local function next_batch(source, size, before)
  local batch, bytes = {}, 0
  while #batch < size and source.row ~= nil do
    local err = fault_of(source.row, before + #batch + 1)
    if err then
      return batch, err
    end
    bytes = bytes + size_of(source.row)
    if #batch > 0 and bytes > M.BYTES then
      break
    end
    batch[#batch + 1] = source.take()
  end
  return batch
end

local function failed(err, result, params, batch)
  local done = result.done
  err.endpoint = err.endpoint or endpoint.name
  err.done, err.next, err.batch = done, done + 1, batch
  err.task_ids = result.task_ids
  err.advice = ("%d handed over, go on with number %d%s"):format(done,
    done + 1, params.mode == "1" and done > 0 and " and without mode 1" or "")
  return nil, err
end

-- Only the first request may replace everything, and it has to be done before
-- the next one adds to it.
local function settle(run, answer)
  local params = run.params
  if params.mode ~= "1" or run.result.batches > 0 or not answer.task_id
      or run.source.row == nil then
    return true
  end
  return wait.run(run.state, "task_fetch", { openid = params.managerid,
    task_id = answer.task_id }, run.options)
end

local function send(run, batch)
  local params, result = run.params, run.result
  local mode = params.mode
  if mode == "1" and result.batches > 0 then
    mode = "0"
  end
  local answer, err = call.run(run.state, endpoint, {
    managerid = params.managerid, mode = mode, skill = batch }, run.options)
  local settled
  if answer then
    result.task_ids[#result.task_ids + 1] = answer.task_id
    settled, err = settle(run, answer)
  end
  if not settled then
    return failed(err, result, params, batch)
  end
  result.done, result.batches = result.done + #batch, result.batches + 1
  if params.on_progress then
    params.on_progress(result.done, run.total)
  end
  return true
end

--- Imports question by question, many in one request.
---@param state table a bot's private side
---@param params table managerid, mode, skill, batch, on_progress
---@param options table { timeout }
---@return table|nil result { done, batches, task_ids }
---@return wxbot.Error|nil err with done, next, batch and task_ids
function M.run(state, params, options)
  local result = { done = 0, batches = 0, task_ids = {} }
  local run = { state = state, params = params, options = options,
    result = result, source = source_of(params.skill),
    total = type(params.skill) == "table" and #params.skill or nil }
  local batch, fault, ok, err
  repeat
    batch, fault = next_batch(run.source, params.batch or M.BATCH,
      result.done)
    if #batch > 0 then
      ok, err = send(run, batch)
      if not ok then
        return nil, err
      end
    end
  until #batch == 0 or fault
  if result.done == 0 and not fault then
    fault = errors.new{ kind = "invalid", code = "value", sent = false,
      message = "skill must not be empty", field = "skill",
      problem = "must not be empty" }
  end
  if fault then
    return failed(fault, result, params, {})
  end
  return result
end

return M
