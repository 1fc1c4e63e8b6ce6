--- import, autoreply.

local bot_fields = require "wxbot.client.bot".fields
local by_name = require "wxbot.api".by_name
local errors = require "wxbot.util.errors"
local failed_rows = require "wxbot.cli.failed_rows"
local interrupt = require "wxbot.cli.interrupt"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local progress = require "wxbot.cli.progress"
local import_file = require "wxbot.cli.import_file"
local api_version = require "wxbot.cli.api_version"
local follow = require "wxbot.cli.follow"

local concat, floor = table.concat, math.floor
local max, min = math.max, math.min
local error, ipairs, pcall = error, ipairs, pcall

-- ------------------------------------------------------------------- results

local function complain_of(run)
  if not run.session.json then
    for _, row in ipairs(run.result.failed) do
      output.note("failed: " .. failed_rows.line(row))
    end
  end
end

local function show(run)
  local result = run.result
  progress.close()
  if run.session.json then
    json.list(result.task_ids)
    json.list(result.failed)
    return output.json(result)
  end
  output.print(("%d %s"):format(result.done, run.followed and "imported" or "handed over"))
  for _, id in ipairs(not run.followed and result.task_ids or {}) do
    output.print("task: " .. output.line(id))
  end
  if result.published then
    output.print(result.published)
  end
  return true
end

-- More tasks than these are only counted.
local MOST_NAMED = 3

local function tasks_of(ids)
  local named = concat(ids, ", ", 1, min(#ids, MOST_NAMED))
  return "task " .. named .. (#ids > MOST_NAMED
    and (" and %d more"):format(#ids - MOST_NAMED) or "")
end

-- What has become of the publishing, where it was asked for.
local PUBLISHED = {
  unknown = "; whether the bot is being published is not known",
  publishing = "; the bot is being published",
  failed = "; the publishing failed",
}

-- What has happened by now.
local function state_of(run)
  local result, ids = run.result, run.result.task_ids
  local said = ("%d of %d questions %s"):format(result.done, run.total,
    run.followed and "imported" or "handed over")
  if result.done == run.skip and #ids == 0 then
    said = ("none of %d questions is known to be handed over"):format(
      run.total - run.skip)
  elseif not run.followed and #ids > 0 then
    said = said .. ", " .. tasks_of(ids)
  end
  return said .. (PUBLISHED[result.published] or run.session.options.publish
    and "; nothing is published" or "")
end

-- What was under way when it ended may have arrived: to send it again changes
-- nothing, for a question that is there is overwritten.
local function next_step(run)
  local result, options = run.result, run.session.options
  local wxbot = options.v2 and "wxbot --v2 " or "wxbot "
  if result.published == "publishing" then
    return "follow it with: " .. wxbot .. "progress --wait"
  elseif result.done == 0 and #result.task_ids > 0 then
    return "begin again: what replaces everything has begun"
  elseif result.done < run.total and result.done > 0 then
    return ("go on with --skip %d%s"):format(result.done,
      options.mode == "1" and " and without --mode" or "")
  elseif result.done == run.total and not run.ended then
    return ("follow it with: %stask --wait --task-id %s"):format(wxbot,
      result.task_ids[#result.task_ids] or "ID")
  elseif run.failures > 0 then
    return "mend what failed and import it again"
  elseif options.publish and run.followed then
    return "publish it with: " .. wxbot .. "publish-bot --wait"
  end
end

-- It belongs to whatever ends the command.
local function stopped(run, err)
  local done, said, advice = run.result.done, state_of(run), next_step(run)
  json.list(run.result.task_ids)
  json.list(run.result.failed)
  err.advice = nil
  if interrupt.caused(err) then
    return nil, interrupt.error{ done = done, skip = done,
      result = run.result, message = "interrupted: " .. said, hint = advice }
  elseif done > run.skip and not err.hint then
    err.hint = said .. (advice and "; " .. advice or "")
  end
  err.done, err.skip, err.result = done, done, run.result
  return nil, err
end

-- --------------------------------------------------------------------- steps

-- In a pipe a line for every tenth.
local function watcher(run)
  local shown, stepped = progress.new(run.session.json), 0
  return function(done, _, task_ids)
    local result, total = run.result, run.total
    done = run.skip + done
    result.done, result.task_ids = done, task_ids
    local step = floor(done / total * 10)
    local text = ("%d of %d handed over"):format(done, total)
    shown:update(done / total, text, step ~= stepped and text or nil)
    stepped = step
  end
end

local function send(run)
  local params = run.session:params(bot_fields.import)
  params.skill, params.on_progress = run.rows, watcher(run)
  local result, err = run.client:call("import", params)
  progress.close()
  run.result.task_ids = result and result.task_ids or err.task_ids or {}
  return result, err
end

-- A task of v2 counts what failed, of which it names some at most.
local function add_failed(run, task)
  local rows = task and task.fail_skill_info or {}
  for _, row in ipairs(rows) do
    run.result.failed[#run.result.failed + 1] = row
  end
  run.failures = run.failures + max(#rows, task and task.fail_count or 0)
end

-- A task that failed does not end it: the others have their failures, too.
local function follow_tasks(run)
  local first
  for _, id in ipairs(run.result.task_ids) do
    local task, err = follow.follow(run.session, run.client, "task",
      { task_id = id }, "task " .. id)
    add_failed(run, task or err.result)
    if not task and not follow.has_failed(run.client, "task", err) then
      return nil, err
    end
    first = first or not task and err or nil
  end
  if run.failures > 0 and not first then
    first = errors.new{ kind = "platform", code = "failed_rows", sent = true,
      message = ("%d of what was imported failed"):format(run.failures) }
  end
  run.ended, run.followed = true, not first
  return not first, first
end

-- Ctrl-C in the middle of the call leaves it unknown.
local function publish(run)
  local result = run.result
  result.published = "unknown"
  local answer, err = run.client:call("publish")
  if not answer then
    if err.sent == false or err.kind == "platform" then
      result.published = nil
    end
    return nil, err
  end
  result.published = "publishing"
  if run.session.options.wait then
    answer, err = follow.follow(run.session, run.client, "progress", {},
      "publishing")
    result.published = answer and "published"
      or follow.has_failed(run.client, "progress", err) and "failed"
      or "publishing"
  end
  return answer, err
end

local function steps(run)
  local options = run.session.options
  local done, err = send(run)
  if done and (options.wait or options.publish) then
    done, err = follow_tasks(run)
    complain_of(run)
  end
  if done and options.publish then
    done, err = publish(run)
  end
  return done, err
end

-- ------------------------------------------------------------------- command

local function rows_of(session, client)
  local options = session.options
  local rows, err, lines = import_file.read(options.file, options.format,
    client.wants.import.keeps)
  if session.json then
    return rows, err
  elseif not rows and #lines > 1 then
    for i = 1, #lines - 1 do
      output.note(lines[i])
    end
    err.message = lines[#lines]
  end
  for _, line in ipairs(rows and lines or {}) do
    output.note(line)
  end
  return rows, err
end

-- Without those that were handed over before.
local function skip(run)
  local rows, left, options = run.rows, {}, run.session.options
  run.total = #rows
  run.skip = min(options.skip or 0, #rows)
  if run.skip > 0 and options.mode == "1" then
    return errors.invalid("--skip goes on with an import, --mode 1 would "
      .. "replace what is there: not together", "usage")
  elseif run.skip == #rows then
    return errors.invalid(("--skip leaves nothing of %d questions")
      :format(#rows), "usage")
  end
  for i = run.skip + 1, #rows do
    left[#left + 1] = rows[i]
  end
  run.rows, run.result.done = left, run.skip
  return true
end

local function begin(session)
  local run = { session = session, failures = 0, result = { done = 0, task_ids = {},
    failed = {} } }
  local err, ok
  run.client, err = session:client("import")
  if run.client then
    run.rows, err = rows_of(session, run.client)
  end
  if run.rows then
    ok, err = skip(run)
  end
  return ok and run, err
end

local function import(session)
  local run, err = begin(session)
  if not run then
    return nil, err
  end
  local returned, done
  returned, done, err = pcall(steps, run)
  if not returned and not interrupt.caused(done) then
    error(done, 0)
  elseif not returned then
    return stopped(run, interrupt.error())
  elseif not done then
    return stopped(run, err)
  end
  return show(run)
end

local function autoreply(session)
  local client, err = session:client("autoreply")
  local answer
  if client then
    answer, err = client:call("autoreply",
      session:params(by_name.setautoreply.request))
  end
  if not answer then
    return nil, err
  elseif session.json then
    return output.json(answer)
  end
  output.print(answer.task_id and "task: " .. output.line(answer.task_id)
    or "handed over")
  return true
end

local OWN = {
  { name = "file", type = "string", doc = "Skills as JSON, or CSV with the "
    .. "columns skill, question, similar, answer; - is standard input" },
  { name = "format", type = "string", enum = { "csv", "json" },
    doc = "What the file is; otherwise its name says so, or how it begins" },
  { name = "wait", type = "boolean", doc = "Follow what was begun until it "
    .. "has ended, each for --timeout seconds at most" },
  { name = "publish", type = "boolean",
    doc = "Publish the bot once the import has succeeded, which is waited for" },
  { name = "skip", type = "integer", arg = "N",
    doc = "Leave out the first N questions: go on after a stop" },
}

-- The questions come from the file.
local function fields()
  local list = {}
  for _, field in ipairs(bot_fields.import) do
    list[#list + 1] = field.name ~= "skill" and field or nil
  end
  return api_version.fields(list, OWN)
end

return {
  { name = "import", summary = "Import questions and answers from a file",
    doc = "Nothing is sent unless every row of the file can be. After a stop, "
      .. "--skip goes on.",
    fields = fields(), positional = "file", v2 = true, run = import },
  { name = "autoreply", summary = by_name.setautoreply.summary,
    doc = "wxbot task follows what it begins.",
    fields = api_version.fields(by_name.setautoreply.request), run = autoreply },
}
