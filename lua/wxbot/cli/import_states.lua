--- The states of `wxbot import`, and the steps from one to the next.

local by_name = require "wxbot.api".by_name
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local failed_rows = require "wxbot.cli.failed_rows"
local follow = require "wxbot.cli.follow"
local interrupt = require "wxbot.cli.interrupt"
local job = require "wxbot.cli.job"
local methods = require "wxbot.cli.methods"
local output = require "wxbot.cli.output"
local progress = require "wxbot.cli.progress"

local ipairs, max = ipairs, math.max

local M = {}

local TASK = methods.of(by_name.task_fetch)
local PUBLISH = methods.of(by_name.publish)
local PROGRESS = methods.of(by_name.publish_progress)

-- A step does what comes next; it returns the state that this has led to, and
-- an error that ends the run there.

-- The state in which a run is by what was handed over; a job that has ended has
-- rejected the others.
local function handed_over(run, has_ended)
  local done, ids = run.result.done, run.result.task_ids
  if done == run.total or has_ended and done > 0 then
    return "handed_over"
  elseif done > run.skip then
    return "partly"
  end
  return #ids > 0 and "replacing" or "unsent"
end

local function send_as_job(run)
  local session, result = run.session, run.result
  local params = session:params(run.method.fields)
  params[run.method.endpoint.batch.field] = run.rows
  job.apply(session, params, "handed over", function(done, task_ids)
    result.done, result.task_ids = done, task_ids
    run.state = handed_over(run)
  end)
  local answer, err = run.client:import(params)
  local found = answer or err.result or result
  result.done, result.task_ids = found.done, found.task_ids or {}
  result.rejected, result.unknown = found.rejected, found.unknown
  job.close()
  return handed_over(run, answer ~= nil),
    job.left_over(answer, err, "handed over") or err
end

local function send(run)
  if run.session.options.job then
    return send_as_job(run)
  end
  local result = run.result
  local params = run.session:params(run.method.fields)
  local count = progress.counter(run.session.json, run.total, "handed over")
  params[run.method.endpoint.batch.field] = run.rows
  params.on_progress = function(done, _, task_ids)
    result.done, result.task_ids = run.skip + done, task_ids
    run.state = handed_over(run)
    count(result.done)
  end
  local answer, err = run.client:import(params)
  progress.close()
  result.task_ids = (answer or err).task_ids or {}
  return handed_over(run), err
end

-- A task of v2 counts what failed, of which it names some at most.
local function add_failed(run, task)
  local rows = task.fail_skill_info or {}
  for _, row in ipairs(rows) do
    run.result.failed[#run.result.failed + 1] = row
    if not run.session.json then
      output.note("failed: " .. failed_rows.line(row))
    end
  end
  run.failures = run.failures + max(#rows, task.fail_count or 0)
end

-- A task that failed does not end it: the others have their failures, too.
local function follow_tasks(run)
  local method, first = TASK[run.session.version], nil
  if core.signals_noted() then -- while the last was handed over
    return "handed_over", interrupt.error()
  end
  for _, id in ipairs(run.result.task_ids) do
    local params = run.session:params(method.fields)
    params.task_id = id
    local task, err = follow.follow(run.session, run.client, method, params)
    add_failed(run, task or err.result or {})
    if err and not follow.has_failed(method, err) then
      return "handed_over", err
    end
    first = first or err
  end
  if run.failures == 0 then
    return first and "failed" or "imported", first
  end
  return "failed_rows", first or errors.new{ kind = "platform",
    code = "failed_rows", sent = true,
    message = ("%d of what was imported failed"):format(run.failures) }
end

-- Ctrl-C in the middle of the call leaves it unknown.
local function publish(run)
  local method = PUBLISH[run.session.version]
  run.state = "publish_unknown"
  local _, err = run.client[method.name](run.client,
    run.session:params(method.fields))
  if not err then
    return "publishing"
  elseif err.sent == false or err.kind == "platform" then
    return "imported", err
  end
  return "publish_unknown", err
end

local function follow_publishing(run)
  local method = PROGRESS[run.session.version]
  local answer, err = follow.follow(run.session, run.client, method,
    run.session:params(method.fields), "publishing")
  return answer and "published"
    or follow.has_failed(method, err) and "publish_failed" or "publishing", err
end

local GO_ON = "go on with --skip {skip}"
local PUBLISH_IT = "publish it with: {wxbot} bot publish --wait"

-- Of each state: whether handing over is not at its end, which a job goes on with;
-- the step that comes next, if one of these options wants it;
-- whether the questions are imported, not handed over alone; what has become of
-- the bot, in JSON and in words; and what to do where a run stops in it.
local STATES = {
  unsent = { step = send, begins = true, advice = GO_ON },
  replacing = { begins = true, advice = "begin again: what replaces everything has begun" },
  partly = { begins = true, advice = GO_ON },
  handed_over = { step = follow_tasks, options = { "wait", "publish" },
    advice = "follow it with: {wxbot} task --wait --task-id {task}" },
  failed = {},
  failed_rows = { advice = "mend what failed and import it again" },
  imported = { imported = true, step = publish, options = { "publish" },
    advice = PUBLISH_IT },
  publish_unknown = { imported = true, published = "unknown",
    bot = "whether the bot is being published is not known",
    advice = PUBLISH_IT },
  publishing = { imported = true, published = "publishing",
    step = follow_publishing, options = { "wait" },
    bot = "the bot is being published",
    advice = "follow it with: {wxbot} bot progress --wait" },
  publish_failed = { imported = true, published = "failed",
    bot = "the publishing failed", advice = PUBLISH_IT },
  published = { imported = true, published = "published" },
}

local function wants(run, state)
  local wanted = state.step ~= nil and not state.options
  for _, name in ipairs(state.options or {}) do
    wanted = wanted or run.session.options[name]
  end
  return wanted
end

local function advance(run)
  local err
  while not err and wants(run, STATES[run.state]) do
    run.state, err = STATES[run.state].step(run)
  end
  return not err, err
end

--- Goes from state to state until nothing more is wanted, or an error.
---@param run table { session, client, method, rows, total, skip, failures, result }
---@return table state in which it stops
---@return wxbot.Error|nil err
function M.run(run)
  run.state = "unsent"
  local _, err = interrupt.catch(advance, run)
  return STATES[run.state], err
end

return M
