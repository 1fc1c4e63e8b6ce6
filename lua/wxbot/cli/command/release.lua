--- publish-bot, progress; submit, delete, articles: publications of an account.

local by_name = require "wxbot.api".by_name
local endpoint_command = require "wxbot.cli.endpoint_command".new
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local api_version = require "wxbot.cli.api_version"
local follow = require "wxbot.cli.follow"

local date = os.date
local ipairs, type = ipairs, type

-- ------------------------------------------------------ publishing of a bot

local function show_progress(session, answer)
  if session.json then
    return output.json(answer)
  end
  output.print(follow.text_of(answer.status_name, answer.progress))
  return true
end

local function follow_publishing(session, client)
  local answer, err = follow.follow(session, client, "progress",
    session:params(by_name.publish_progress.request), "publishing")
  if not answer then
    return nil, err
  end
  return show_progress(session, answer)
end

local function publish_bot(session)
  local client, err = session:client("publish")
  local answer, done
  if client then
    answer, err = client:call("publish",
      session:params(by_name.publish.request))
  end
  if not answer then
    return nil, err
  elseif session.options.wait then
    done, err = follow_publishing(session, client)
  elseif session.json then
    done, err = output.json(answer)
  else
    output.print(answer.task_id and "task: " .. output.line(answer.task_id)
      or "publishing")
    done = true
  end
  return done, err
end

local function progress(session)
  local client, err = session:client("progress")
  local answer
  if not client then
    return nil, err
  elseif session.options.wait then
    return follow_publishing(session, client)
  end
  answer, err = client:call("progress",
    session:params(by_name.publish_progress.request))
  if not answer then
    return nil, err
  end
  return show_progress(session, answer)
end

-- -------------------------------------------------------------- publications

local submit = endpoint_command(by_name.freepublish_submit, function(answer)
  output.print("publication: " .. output.line(answer.publish_id))
end)

local delete_by = endpoint_command(by_name.freepublish_delete, function()
  output.print("deleted")
end)

local function delete(session)
  local done, err = delete_by(session)
  if err and err.field == "index" then
    err.hint = "--index N names one article by its number, --all deletes "
      .. "every one"
  end
  return done, err
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
      why.advice = nil -- of the method
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

local article = endpoint_command(by_name.freepublish_getarticle, function(answer)
  for i, item in ipairs(answer.news_item) do
    if i > 1 then
      output.print("")
    end
    for _, name in ipairs{ "title", "author", "digest", "url" } do
      output.labelled(name .. ": ", item[name])
    end
    if item.is_deleted then
      output.print("deleted")
    end
    output.print(item.content or "")
  end
end)

return {
  { name = "publish-bot", summary = by_name.publish.summary,
    fields = api_version.fields(by_name.publish.request, { follow.WAIT }),
    v2 = true, run = publish_bot },
  { name = "progress", summary = by_name.publish_progress.summary,
    doc = "wxbot publish-bot begins it.",
    fields = api_version.fields(by_name.publish_progress.request, { follow.WAIT }),
    v2 = true, run = progress },
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
