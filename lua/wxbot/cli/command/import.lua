--- import.

local api = require "wxbot.api"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local fields = require "wxbot.api.fields"
local import_file = require "wxbot.cli.import_file"
local import_states = require "wxbot.cli.import_states"
local interrupt = require "wxbot.cli.interrupt"
local job = require "wxbot.cli.job"
local json = require "wxbot.codec.json"
local methods = require "wxbot.cli.methods"
local output = require "wxbot.cli.output"

local assert, error, ipairs, pairs = assert, error, ipairs, pairs
local concat, min = table.concat, math.min

local METHODS = methods.named "import"

-- ------------------------------------------------------------------- results

-- More tasks than these are only counted.
local MOST_NAMED = 3

local function tasks_of(ids)
  local named = concat(ids, ", ", 1, min(#ids, MOST_NAMED))
  return ", task " .. named .. (#ids > MOST_NAMED
    and (" and %d more"):format(#ids - MOST_NAMED) or "")
end

local function verb_of(state)
  return state.imported and "imported" or "handed over"
end

-- What has happened by now.
local function summary_of(run, state)
  local result = run.result
  local said = ("%d of %d questions %s"):format(result.done, run.total,
    verb_of(state))
  if run.state == "unsent" then
    said = ("none of %d questions is known to be handed over"):format(
      run.total - run.skip)
  elseif not state.imported and #result.task_ids > 0 then
    said = said .. tasks_of(result.task_ids)
  end
  local bot = state.bot
    or run.session.options.publish and "nothing is published"
  return said .. (bot and "; " .. bot or "")
end

local function advice_of(run, state)
  local done, ids = run.result.done, run.result.task_ids
  local options = run.session.options
  if run.state == "unsent" and done == 0 or not state.advice then
    return nil
  elseif options.job and state.begins then
    return "the same command goes on with job " .. options.job
  end
  return (state.advice:gsub("{([a-z]+)}", {
    skip = ("%d"):format(done)
      .. (options.mode == "1" and " and without --mode" or ""),
    task = ids[#ids] or "ID",
    wxbot = options.v2 and "wxbot --v2" or "wxbot" }))
end

local function result_of(run, state)
  local result = run.result
  result.published = state.published
  json.list(result.task_ids)
  json.list(result.failed)
  return result
end

-- It belongs to whatever ends the command. What was under way may have arrived:
-- to send it again changes nothing, for a question that is there is overwritten.
local function stop(run, state, err)
  local result = result_of(run, state)
  local said, advice = summary_of(run, state), advice_of(run, state)
  err.advice = nil
  if interrupt.caused(err) then
    err = interrupt.error{ message = "interrupted: " .. said, hint = advice,
      signal = core.signals_noted() }
  elseif result.done > run.skip and not err.hint then
    err.hint = said .. (advice and "; " .. advice or "")
  end
  err.done, err.skip, err.result = result.done, result.done, result
  error(err, 0)
end

local function show(result, state)
  output.print(("%d %s"):format(result.done, verb_of(state)))
  for _, id in ipairs(not state.imported and result.task_ids or {}) do
    output.print("task: " .. output.line(id))
  end
  if state.published then
    output.print(state.published)
  end
end

-- ------------------------------------------------------------------- command

local function rows_of(session, method)
  local options = session.options
  local field = api.field(method.fields, method.endpoint.batch.field)
  local rows, err, lines = import_file.read(options.file, options.format,
    field.fields)
  if not session.json and (rows or #lines > 1) then
    for i = 1, rows and #lines or #lines - 1 do
      output.note(lines[i])
    end
    if err then
      err.message = lines[#lines]
    end
  end
  return assert(rows, err)
end

-- The rows without those that were handed over before.
local function rest_of(rows, skip, options)
  if skip > 0 and options.mode == "1" then
    assert(errors.invalid("--skip goes on with an import, --mode 1 would "
      .. "replace what is there: not together", "usage"))
  elseif skip == #rows then
    assert(errors.invalid(("--skip leaves nothing of %d questions")
      :format(#rows), "usage"))
  end
  local rest = {}
  for i = skip + 1, #rows do
    rest[#rest + 1] = rows[i]
  end
  return rest
end

local function import(session)
  job.check(session.options)
  local options, run = session.options, { session = session, failures = 0 }
  run.client, run.method = session:client(METHODS)
  local rows = rows_of(session, run.method)
  run.total, run.skip = #rows, min(options.skip or 0, #rows)
  run.rows = rest_of(rows, run.skip, options)
  run.result = { done = run.skip, task_ids = {}, failed = {} }
  local state, err = import_states.run(run)
  if err then
    stop(run, state, err)
  end
  session:show(result_of(run, state), nil, function(result)
    show(result, state)
  end)
end

-- The questions come from the file.
local LEFT_OUT = { [METHODS.v1.endpoint.batch.field] = true }
for name in pairs(job.WITHOUT) do
  LEFT_OUT[name] = true
end
local FIELDS = fields.list(fields.list(METHODS.v1.fields, {
  { name = "file", type = "string", doc = "Skills as JSON, or CSV with the "
    .. "columns skill, question, similar, answer (or 技能, 标准问题, 相似问题, "
    .. "回答) between commas, semicolons or tabs; - is standard input" },
  { name = "format", type = "string", enum = { "csv", "json" },
    doc = "What the file is; otherwise its name says so, or how it begins" },
  { name = "wait", type = "boolean", doc = "Follow what was begun until it "
    .. "has ended, each for --timeout seconds at most" },
  { name = "publish", type = "boolean",
    doc = "Publish the bot once the import has succeeded, which is waited for" },
  { name = "skip", type = "integer", arg = "N",
    doc = "Leave out the first N questions: go on after a stop" },
}, LEFT_OUT), job.FIELDS)

return {
  { name = "import", summary = "Import questions and answers from a file",
    doc = "Nothing is sent unless every row of the file can be. After a stop, "
      .. "--skip goes on; a job (--job) goes on by itself.",
    prints = "how many questions were imported or handed over, the ids of the "
      .. "tasks, and what became of the publishing",
    json = { { name = "done", doc = "Questions that were handed over" },
      { name = "task_ids[]", doc = "Ids of the tasks" },
      { name = "failed[]", doc = "Rows that failed, with --wait" },
      { name = "published", doc = "What became of the publishing, with "
        .. "--publish" } },
    fields = FIELDS, positional = "file", methods = METHODS, run = import },
}
