--- publish-bot; submit, delete, articles: publications of an account.

local by_name = require "wxbot.endpoint".by_name
local caller = require "wxbot.cli.caller".new
local json = require "wxbot.json"
local output = require "wxbot.cli.output"
local progress = require "wxbot.cli.progress"

local date = os.date
local ipairs, type = ipairs, type

local function show(session, answer, endpoint, text)
  if session.json then
    return output.json(answer, endpoint.response)
  end
  output.print(text)
  return true
end

-- Calls an endpoint with what the command line gave.
local function ask(session, endpoint)
  local bot, err = session:bot(endpoint.needs)
  if not bot then
    return nil, err
  end
  local answer
  answer, err = bot[endpoint.name](bot, session:params(endpoint.request))
  return answer, err, bot
end

-- --------------------------------------------------------------- publish-bot

local WAIT = { name = "wait", type = "boolean",
  doc = "Follow it until it has ended, for --timeout seconds at most" }

local function text_of(answer)
  return type(answer.progress) == "number"
    and ("%s %d %%"):format(answer.status_name, answer.progress)
    or answer.status_name
end

local function follow(session, bot)
  local shown = progress.new(session.json)
  local answer, err = bot:wait_publish_progress{
    managerid = session.options.managerid, timeout = session.options.timeout,
    interval = session.pace.interval, max_interval = session.pace.max_interval,
    on_progress = function(state)
      local share = type(state.progress) == "number" and state.progress / 100
      shown:update(share or nil, "publishing: " .. state.status_name,
        "publishing: " .. text_of(state))
    end }
  progress.close()
  if not answer then
    return nil, err
  end
  return show(session, answer, by_name.publish_progress, text_of(answer))
end

local function publish_bot(session)
  local answer, err, bot = ask(session, by_name.publish)
  local done
  if not answer then
    return nil, err
  elseif session.options.wait then
    done, err = follow(session, bot)
  else
    done, err = show(session, answer, by_name.publish,
      answer.task_id and "task: " .. output.line(answer.task_id)
      or "publishing")
  end
  return done, err
end

-- -------------------------------------------------------------- publications

local function submit(session)
  local answer, err = ask(session, by_name.freepublish_submit)
  if not answer then
    return nil, err
  end
  return show(session, answer, by_name.freepublish_submit,
    "publication: " .. output.line(answer.publish_id))
end

local function delete(session)
  local answer, err = ask(session, by_name.freepublish_delete)
  if not answer then
    return nil, err
  end
  return show(session, answer, by_name.freepublish_delete, "deleted")
end

local function show_record(record)
  local time = type(record.update_time) == "number"
    and date("%Y-%m-%d %H:%M", record.update_time) or ""
  for _, article in ipairs(record.content and record.content.news_item
      or {}) do
    output.print(("%s\t%s\t%s\t%s%s"):format(
      output.line(record.article_id or ""), time,
      output.line(article.title or ""), output.line(article.url or ""),
      article.is_deleted and "\tdeleted" or ""))
  end
end

local function articles(session)
  local endpoint = by_name.freepublish_batchget
  local bot, err = session:bot(endpoint.needs)
  if not bot then
    return nil, err
  end
  local records = {}
  for record, why in bot:publications{ no_content = 1 } do
    if not record then
      return nil, why
    elseif session.json then
      records[#records + 1] = record
    else
      show_record(record)
    end
  end
  if session.json then
    return output.json{ item = json.list(records) }
  end
  return true
end

local function show_line(label, text)
  if type(text) == "string" and text ~= "" then
    output.print(label .. output.line(text))
  end
end

local article = caller(by_name.freepublish_getarticle, function(answer)
  for i, item in ipairs(answer.news_item) do
    if i > 1 then
      output.print("")
    end
    for _, name in ipairs{ "title", "author", "digest", "url" } do
      show_line(name .. ": ", item[name])
    end
    if item.is_deleted then
      output.print("deleted")
    end
    output.print(item.content or "")
  end
end)

local PUBLISH_FIELDS = { WAIT }
for i, field in ipairs(by_name.publish.request) do
  table.insert(PUBLISH_FIELDS, i, field)
end

return {
  { name = "publish-bot", summary = by_name.publish.summary,
    fields = PUBLISH_FIELDS, run = publish_bot },
  { name = "submit", summary = by_name.freepublish_submit.summary,
    doc = "wxbot publish follows what it begins.",
    fields = by_name.freepublish_submit.request, run = submit },
  { name = "delete", summary = by_name.freepublish_delete.summary,
    doc = "This cannot be undone.",
    fields = by_name.freepublish_delete.request, run = delete },
  { name = "articles", summary = "List everything that was published",
    doc = "One article a line: article id, time, title, link.",
    fields = {}, run = articles },
  { name = "article", summary = by_name.freepublish_getarticle.summary,
    fields = by_name.freepublish_getarticle.request, run = article },
}
