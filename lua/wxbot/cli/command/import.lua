--- import, autoreply.

local bot_fields = require "wxbot.bot".fields
local by_name = require "wxbot.endpoint".by_name
local caller = require "wxbot.cli.caller".new
local errors = require "wxbot.error"
local interrupt = require "wxbot.cli.interrupt"
local json = require "wxbot.json"
local output = require "wxbot.cli.output"
local progress = require "wxbot.cli.progress"
local questions = require "wxbot.cli.questions"

local concat, getenv = table.concat, os.getenv
local error, floor, ipairs, pcall, type = error, math.floor, ipairs, pcall, type

local NEEDS = by_name.batchimportskill.needs
local SANDBOX_ADMIN = "admin"

-- ------------------------------------------------------------------- results

local function text_of(value)
  return type(value) == "string" and value ~= "" and value or nil
end

local function names_of(list)
  local names = {}
  for _, entry in ipairs(type(list) == "table" and list or {}) do
    names[#names + 1] = type(entry) == "string" and entry
      or type(entry) == "table" and text_of(entry.name) or nil
  end
  return #names > 0 and concat(names, ", ") or nil
end

-- What a failed row looks like is not documented: by name where there are
-- names that are known, else as it came.
local function line_of(failed)
  if type(failed) ~= "table" then
    return text_of(failed) or json.encode(failed)
  end
  local skill = text_of(failed.skillname) or text_of(failed.name)
  local title = text_of(failed.title) or names_of(failed.intents)
  local why = text_of(failed.msg) or text_of(failed.error)
    or text_of(failed.reason)
  if not skill then
    return json.encode(failed)
  end
  return skill .. (title and " / " .. title or "")
    .. (why and ": " .. why or "")
end

local function complain_of(run)
  if not run.session.json then
    for _, failed in ipairs(run.result.failed) do
      output.note("failed: " .. line_of(failed))
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

-- What has happened by now.
local function state_of(run)
  local result, total = run.result, #run.rows
  local said = ("%d of %d questions %s"):format(result.done, total,
    run.followed and "imported" or "handed over")
  if result.done == 0 then
    said = ("none of %d questions is known to be handed over"):format(total)
  elseif not run.followed and #result.task_ids > 0 then
    said = said .. ", task " .. concat(result.task_ids, ", ")
  end
  if result.published then
    said = said .. "; the bot is being published"
  elseif run.session.options.publish then
    said = said .. "; nothing is published"
  end
  return said
end

-- It belongs to whatever ends the command.
local function stopped(run, err)
  local done, said = run.result.done, state_of(run)
  json.list(run.result.task_ids)
  json.list(run.result.failed)
  err.advice = nil
  if interrupt.caused(err) then
    return nil, interrupt.error{ done = done, result = run.result,
      message = "interrupted: " .. said }
  end
  err.done, err.hint = done, err.hint or done > 0 and said or nil
  err.result = run.result
  return nil, err
end

-- --------------------------------------------------------------------- steps

-- In a pipe a line for every tenth.
local function watcher(run)
  local shown, stepped = progress.new(run.session.json), 0
  return function(done, total)
    run.result.done = done
    local step = floor(done / total * 10)
    local text = ("%d of %d handed over"):format(done, total)
    shown:update(done / total, text, step ~= stepped and text or nil)
    stepped = step
  end
end

local function send(run)
  local params = run.session:params(bot_fields.import)
  params.managerid, params.skill = run.managerid, run.rows
  params.on_progress = watcher(run)
  local result, err = run.bot:import(params)
  progress.close()
  run.result.task_ids = result and result.task_ids or err.task_ids or {}
  return result, err
end

local function add_failed(run, task)
  for _, failed in ipairs(task and task.fail_skill_info or {}) do
    run.result.failed[#run.result.failed + 1] = failed
  end
end

local function pace(run, params)
  local session = run.session
  params.timeout = session.options.timeout
  params.interval = session.pace.interval
  params.max_interval = session.pace.max_interval
  return params
end

local function follow_task(run, id)
  local shown = progress.new(run.session.json)
  local label = output.line("task " .. id .. ": ")
  local task, err = run.bot:wait_task(pace(run, { openid = run.managerid,
    task_id = id, on_progress = function(task)
      local share = type(task.progress) == "number" and task.progress / 100
      local text = label .. task.state_name:gsub("_", " ")
      shown:update(share or nil, text, share
        and ("%s %d %%"):format(text, task.progress) or text)
    end }))
  progress.close()
  add_failed(run, task or err.result)
  return task, err
end

-- A task that failed does not end it: the others have their failures, too.
local function follow_tasks(run)
  local first
  for _, id in ipairs(run.result.task_ids) do
    local task, err = follow_task(run, id)
    if not task and err.kind ~= "platform" then
      return nil, err
    end
    first = first or not task and err or nil
  end
  local failed = #run.result.failed
  if failed > 0 and not first then
    first = errors.new{ kind = "platform", code = "failed_rows", sent = true,
      message = ("%d of what was imported failed"):format(failed) }
  end
  run.followed = not first
  return not first, first
end

local function follow_publishing(run)
  local shown = progress.new(run.session.json)
  local answer, err = run.bot:wait_publish_progress(pace(run, {
    managerid = run.managerid, on_progress = function(state)
      local share = type(state.progress) == "number" and state.progress / 100
      local text = "publishing: " .. state.status_name
      shown:update(share or nil, text, share
        and ("%s %d %%"):format(text, state.progress) or text)
    end }))
  progress.close()
  return answer, err
end

local function publish(run)
  local answer, err = run.bot:publish{ managerid = run.managerid }
  if not answer then
    return nil, err
  end
  run.result.published = "publishing"
  if run.session.options.wait then
    answer, err = follow_publishing(run)
    run.result.published = answer and "published" or "publishing"
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

local function manager_of(session)
  local id = session.options.managerid
    or session.options.sandbox and SANDBOX_ADMIN
    or text_of(getenv("WXBOT_MANAGERID"))
  if not id then
    return errors.invalid("--managerid is missing: it names an administrator "
      .. "of the bot; so does WXBOT_MANAGERID", "usage")
  end
  return id
end

local function rows_of(session)
  local options = session.options
  local rows, err, lines = questions.read(options.file, options.format)
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

local function begin(session)
  local run = { session = session, result = { done = 0, task_ids = {},
    failed = {} } }
  local err
  run.managerid, err = manager_of(session)
  if run.managerid then
    run.rows, err = rows_of(session)
  end
  if run.rows then
    run.bot, err = session:bot(NEEDS)
  end
  return run.bot and run, err
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

local autoreply = caller(by_name.setautoreply, function(answer)
  output.print(answer.task_id and "task: " .. output.line(answer.task_id)
    or "handed over")
end)

local FIELDS = {
  { name = "file", type = "string", doc = "Skills as JSON, or CSV with the "
    .. "columns skill, question, similar, answer; - is standard input" },
  { name = "format", type = "string", values = { "csv", "json" },
    doc = "What the file is; otherwise its name says so, or how it begins" },
  { name = "managerid", type = "string",
    doc = by_name.batchimportskill.request[1].doc
      .. "; otherwise WXBOT_MANAGERID, and with --sandbox admin" },
  { name = "wait", type = "boolean", doc = "Follow what was begun until it "
    .. "has ended, each for --timeout seconds at most" },
  { name = "publish", type = "boolean",
    doc = "Publish the bot once the import has succeeded, which is waited for" },
}
for _, field in ipairs(bot_fields.import) do
  if field.name ~= "managerid" and field.name ~= "skill" then
    FIELDS[#FIELDS + 1] = field
  end
end

return {
  { name = "import", summary = "Import questions and answers from a file",
    doc = "Nothing is sent unless every row of the file can be.",
    fields = FIELDS, positional = "file", run = import },
  { name = "autoreply", summary = by_name.setautoreply.summary,
    doc = "wxbot task follows what it begins.",
    fields = by_name.setautoreply.request, run = autoreply },
}
