--- task, publish.

local ascii = require "wxbot.util.text"
local by_name = require "wxbot.api".by_name
local failed_rows = require "wxbot.cli.failed_rows"
local output = require "wxbot.cli.output"
local api_version = require "wxbot.cli.api_version"
local follow = require "wxbot.cli.follow"

local date = os.date
local ipairs, pcall, tostring, type = ipairs, pcall, tostring, type

-- ------------------------------------------------------------------- results

local function show_time(label, seconds)
  if type(seconds) ~= "number" or seconds <= 0 then
    return
  end
  local known, text = pcall(date, "%Y-%m-%d %H:%M:%S", seconds)
  output.print(label .. (known and text or ascii.of_number(seconds)))
end

local function show_task(task)
  output.print("state: " .. follow.text_of(task.state_name, task.progress))
  show_time("start: ", task.start)
  show_time("end:   ", task["end"])
  output.labelled("url:   ", task.url)
  output.labelled("message: ", task.msg)
  for _, row in ipairs(task.fail_skill_info) do
    output.labelled("failed: ", failed_rows.line(row))
  end
end

local function show_publication(publication)
  output.print("state: " .. follow.text_of(publication.publish_status_name))
  output.labelled("article: ", publication.article_id)
  local detail = publication.article_detail
  for _, article in ipairs(type(detail) == "table" and detail.item or {}) do
    output.labelled("url: ", article.article_url)
  end
  for _, number in ipairs(publication.fail_idx) do
    output.print("failed: article " .. tostring(number))
  end
end

-- ----------------------------------------------------------------- following

local KINDS = {
  task = { want = "task", endpoint = by_name.task_fetch, id = "task_id",
    label = "task", show = show_task, v2 = true },
  publish = { want = "publication", endpoint = by_name.freepublish_get,
    id = "publish_id", label = "publication", show = show_publication },
}

local function query(session, kind, client)
  local params = session:params(kind.endpoint.request)
  local answer, err
  if session.options.wait then
    answer, err = follow.follow(session, client, kind.want, params,
      kind.label .. " " .. params[kind.id])
  else
    answer, err = client:call(kind.want, params)
  end
  return answer, err
end

local function followed(kind)
  return function(session)
    local client, err = session:client(kind.want)
    if not client then
      return nil, err
    end
    local answer
    answer, err = query(session, kind, client)
    if answer and session.json then
      return output.json(answer)
    elseif answer or err.result and not session.json then
      kind.show(answer or err.result)
    end
    return answer ~= nil, err
  end
end

local function command(name)
  local kind = KINDS[name]
  return { name = name, summary = kind.endpoint.summary, v2 = kind.v2,
    fields = api_version.fields(kind.endpoint.request, { follow.WAIT }),
    run = followed(kind) }
end

return { command("task"), command("publish") }
