--- task, publish.

local by_name = require "wxbot.endpoint".by_name
local json = require "wxbot.json"
local output = require "wxbot.cli.output"
local progress = require "wxbot.cli.progress"

local date = os.date
local ipairs, pcall, tostring, type = ipairs, pcall, tostring, type

local WAIT = { name = "wait", type = "boolean",
  doc = "Follow it until it has ended, for --timeout seconds at most" }

-- ------------------------------------------------------------------- results

local function show_time(label, seconds)
  if type(seconds) ~= "number" or seconds <= 0 then
    return
  end
  local known, text = pcall(date, "%Y-%m-%d %H:%M:%S", seconds)
  output.print(label .. (known and text or tostring(seconds)))
end

local function show_text(label, text)
  if type(text) == "string" and text ~= "" then
    output.print(label .. output.line(text))
  end
end

-- What a failed skill looks like is not documented.
local function show_failed(skill)
  local text = type(skill) == "string" and skill or json.encode(skill)
  show_text("failed: ", text)
end

local function state_of(name, progressed)
  local text = name:gsub("_", " ")
  if type(progressed) == "number" then
    text = ("%s %d %%"):format(text, progressed)
  end
  return text
end

local function show_task(task)
  output.print("state: " .. state_of(task.state_name, task.progress))
  show_time("start: ", task.start)
  show_time("end:   ", task["end"])
  show_text("url:   ", task.url)
  show_text("message: ", task.msg)
  for _, skill in ipairs(task.fail_skill_info) do
    show_failed(skill)
  end
end

local function show_publication(publication)
  output.print("state: " .. state_of(publication.publish_status_name))
  show_text("article: ", publication.article_id)
  local detail = publication.article_detail
  for _, article in ipairs(type(detail) == "table" and detail.item or {}) do
    show_text("url: ", article.article_url)
  end
  for _, number in ipairs(publication.fail_idx) do
    output.print("failed: article " .. tostring(number))
  end
end

-- ----------------------------------------------------------------- following

local KINDS = {
  task = {
    endpoint = by_name.task_fetch, wait = "wait_task", id = "task_id",
    label = "task", show = show_task,
    state = function(task) return task.state_name, task.progress end,
    share = function(task)
      return type(task.progress) == "number" and task.progress / 100 or nil
    end,
  },
  publish = {
    endpoint = by_name.freepublish_get, wait = "wait_publish",
    id = "publish_id", label = "publication", show = show_publication,
    state = function(publication) return publication.publish_status_name end,
    -- How much is done is not told, only that it is.
    share = function(publication)
      return publication.publish_status == 0 and 1 or nil
    end,
  },
}

local function watcher(session, kind, id)
  local shown = progress.new(session.json)
  local label = output.line(("%s %s: "):format(kind.label, id))
  return function(answer)
    local name, percent = kind.state(answer)
    shown:update(kind.share(answer), label .. state_of(name),
      label .. state_of(name, percent))
  end
end

local function query(session, kind, bot)
  local params = session:params(kind.endpoint.request)
  if not session.options.wait then
    local answer, err = bot[kind.endpoint.name](bot, params)
    return answer, err
  end
  params.timeout = session.options.timeout
  params.interval = session.pace.interval
  params.max_interval = session.pace.max_interval
  params.on_progress = watcher(session, kind, params[kind.id])
  local answer, err = bot[kind.wait](bot, params)
  progress.close()
  return answer, err
end

local function show(session, kind, answer)
  if session.json then
    return output.json(answer, kind.endpoint.response)
  end
  kind.show(answer)
  return true
end

local function follow(kind)
  return function(session)
    local bot, err = session:bot(kind.endpoint.needs)
    if not bot then
      return nil, err
    end
    local answer
    answer, err = query(session, kind, bot)
    if answer then
      return show(session, kind, answer)
    elseif err.result and session.json then
      output.lists(kind.endpoint.response, err.result)
    elseif err.result then
      kind.show(err.result)
    end
    return nil, err
  end
end

local function fields_of(kind)
  local fields = {}
  for i, field in ipairs(kind.endpoint.request) do
    fields[i] = field
  end
  fields[#fields + 1] = WAIT
  return fields
end

local function command(name)
  local kind = KINDS[name]
  return { name = name, summary = kind.endpoint.summary,
    fields = fields_of(kind), run = follow(kind) }
end

return { command("task"), command("publish") }
