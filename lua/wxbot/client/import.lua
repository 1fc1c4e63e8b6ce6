--- Importing any number of questions, in requests of a bounded size.

local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local check = require "wxbot.call.schema.check"
local fields_of = require "wxbot.call.schema.fields"
local wait = require "wxbot.client.wait"

local ipairs, pairs, type = ipairs, pairs, type

local M = {}

-- The platform documents no limit. Questions in one request, and bytes of
-- their texts, unless one question alone has more.
M.BATCH = 100
M.BYTES = 256 * 1024

--- How each generation imports: where its questions stand in a request, and
-- how the task of a request is followed.
M.kinds = {
  batchimportskill = {
    endpoint = by_name.batchimportskill, rows = "skill",
    add = "0", replace = "1",
    fetch = "task_fetch", fetching = function(params, id)
      return { openid = params.managerid, task_id = id }
    end,
  },
  v2_import_json = {
    endpoint = by_name.v2_import_json, rows = "data",
    add = 0, replace = 1,
    fetch = "v2_fetch", fetching = function(_, id)
      return { task_id = id }
    end,
  },
}

for _, kind in pairs(M.kinds) do
  for _, field in ipairs(kind.endpoint.request) do
    kind.field = field.name == kind.rows and field or kind.field
  end
end

--- Fields of what imports any number of questions.
M.batch = { name = "batch", type = "integer", exclusive_min = 0,
  doc = "questions in one request, 100" }
M.on_progress = { name = "on_progress", type = "function",
  doc = "called with (done, total, task_ids) after each request" }

-- Questions one by one, from a list or from an iterator, with one to look at.
local function source_of(rows)
  local source, i = {}, 0
  function source.take()
    local row = source.row
    if row ~= nil or i == 0 then
      i = i + 1
      if type(rows) == "function" then
        source.row = rows()
      else
        source.row = rows[i]
      end
    end
    return row
  end
  source.take()
  return source
end

-- The bytes of all texts in a question.
local function size_of(value)
  local size = type(value) == "string" and #value or 0
  for _, member in pairs(type(value) == "table" and value or {}) do
    size = size + size_of(member)
  end
  return size
end

-- The parameters of a request.
local function request_of(kind, params, mode, batch)
  local request = fields_of.pick(kind.endpoint.request, params)
  request.mode, request[kind.rows] = mode or request.mode, batch
  return request
end

-- What an iterator gave has not been looked at before.
local function fault_of(kind, row, number)
  local message = check.argument_error(("%s[%d]"):format(kind.rows, number),
    kind.field.fields, row)
  if message then
    return errors.new{ kind = "invalid", code = "value", sent = false,
      message = message, field = kind.rows, index = number, reason = message }
  end
  return check.invalid_value({ kind.field }, { [kind.rows] = { row } },
    number - 1)
end

-- The next questions, and what is wrong with the first that cannot be sent.
local function next_batch(kind, source, size, before)
  local batch, bytes = {}, 0
  while #batch < size and source.row ~= nil do
    local err = fault_of(kind, source.row, before + #batch + 1)
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

-- An iterator cannot be asked again for what it gave and nobody has had.
local function failed(run, err, batch)
  local params, result = run.params, run.result
  local done = result.done
  if not run.total then
    batch[#batch + 1] = run.source.row
  end
  err.endpoint = err.endpoint or run.kind.endpoint.name
  err.done, err.next, err.batch = done, done + 1, batch
  err.task_ids = result.task_ids
  err.advice = ("%d handed over, go on with number %d%s"):format(done,
    done + 1, params.mode == run.kind.replace and done > 0
      and " and without mode " .. params.mode or "")
  return nil, err
end

local function tell(run)
  if run.params.on_progress then
    run.params.on_progress(run.result.done, run.total, run.result.task_ids)
  end
end

-- Only the first request may replace everything, and it has to be done before
-- the next one adds to it.
local function settle(run, answer)
  local params, kind = run.params, run.kind
  if params.mode ~= kind.replace or run.result.batches > 0
      or not answer.task_id or run.source.row == nil then
    return true
  end
  tell(run)
  return wait.run(run.state, kind.fetch, kind.fetching(params,
    answer.task_id), run.options)
end

local function send(run, batch)
  local kind, params, result = run.kind, run.params, run.result
  local mode = params.mode
  if mode == kind.replace and result.batches > 0 then
    mode = kind.add
  end
  local answer, err = call.run(run.state, kind.endpoint,
    request_of(kind, params, mode, batch), run.options)
  local settled
  if answer then
    result.task_ids[#result.task_ids + 1] = answer.task_id
    settled, err = settle(run, answer)
  end
  if not settled then
    return failed(run, err, batch)
  end
  result.done, result.batches = result.done + #batch, result.batches + 1
  tell(run)
  return true
end

local function empty(kind)
  return errors.new{ kind = "invalid", code = "value", sent = false,
    message = kind.rows .. " must not be empty", field = kind.rows,
    reason = "must not be empty" }
end

--- Imports question by question, many in one request.
---@param state table a client's private side
---@param name string of M.kinds
---@param params table of its endpoint, where the questions may come from an iterator; batch, on_progress
---@param options table { timeout }
---@return table|nil result { done, batches, task_ids }
---@return wxbot.Error|nil err with done, next, batch and task_ids
function M.run(state, name, params, options)
  local kind = M.kinds[name]
  local rows = params[kind.rows]
  local result = { done = 0, batches = 0, task_ids = {} }
  local run = { state = state, kind = kind, params = params,
    options = options, result = result, source = source_of(rows),
    total = type(rows) == "table" and #rows or nil }
  local batch, fault, ok, err
  repeat
    batch, fault = next_batch(kind, run.source, params.batch or M.BATCH,
      result.done)
    if #batch > 0 then
      ok, err = send(run, batch)
      if not ok then
        return nil, err
      end
    end
  until #batch == 0 or fault
  if result.done == 0 and not fault then
    fault = empty(kind)
  end
  if fault then
    return failed(run, fault, {})
  end
  return result
end

return M
