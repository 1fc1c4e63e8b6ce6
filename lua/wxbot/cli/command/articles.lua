--- article list: all pages of it.

local api = require "wxbot.api"
local json = require "wxbot.codec.json"
local methods = require "wxbot.cli.methods"
local output = require "wxbot.cli.output"

local date, error, ipairs, type = os.date, error, ipairs, type

local METHODS = methods.named "publications"

local function show(record)
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

local function list(session)
  local records = {}
  for record, err in session:client(METHODS):publications{ no_content = 1 } do
    if not record then
      err.advice = nil -- of the method
      error(err, 0)
    elseif session.json then
      records[#records + 1] = record
    else
      show(record)
    end
  end
  if session.json then
    output.json{ item = json.list(records) }
  end
end

return {
  { name = "article list", summary = "List everything that was published",
    prints = "an article a line: article id, time, title, link",
    json = { api.field(METHODS.v1.endpoint.response, "item") }, run = list },
}
