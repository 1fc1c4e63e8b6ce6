--- article list: all pages of it.

local api = require "wxbot.api"
local columns = require "wxbot.cli.columns"
local json = require "wxbot.codec.json"
local methods = require "wxbot.cli.methods"
local output = require "wxbot.cli.output"
local terminal = require "wxbot.cli.terminal"

local date, error, ipairs, type = os.date, error, ipairs, type
local concat, insert, max = table.concat, table.insert, math.max
local cut, pad, width_of = columns.cut, columns.pad, columns.width

local METHODS = methods.named "publications"

local HEAD = { "article id", "time", "title", "link" }

-- A title that is shorter says nothing; where it would have to be, the line is
-- too long anyway, and the title has this many columns.
local LEAST, ENOUGH = 8, 24

local GAP = "  "

-- A tab is what stands between texts.
local function text_of(text)
  return (output.line(text or ""):gsub("\t", " "))
end

-- Adds the articles of a publication, each as the texts of a line.
local function add_rows(rows, record)
  local time = type(record.update_time) == "number"
    and date("%Y-%m-%d %H:%M", record.update_time) or ""
  for _, article in ipairs(record.content and record.content.news_item
      or {}) do
    rows[#rows + 1] = { text_of(record.article_id), time,
      text_of(article.title), text_of(article.url),
      article.is_deleted and "deleted" or nil }
  end
end

-- For programs, whatever a text holds: tabs between, as they come.
local function print_rows(rows)
  for _, row in ipairs(rows) do
    output.print(concat(row, "\t"))
  end
end

-- The columns that the texts of each place take, and those of the whole line.
local function widths_of(rows)
  local widths, all = {}, -#GAP
  for i = 1, 5 do
    for _, row in ipairs(rows) do
      widths[i] = row[i] and max(widths[i] or 0, width_of(row[i])) or widths[i]
    end
    all = all + (widths[i] and widths[i] + #GAP or 0)
  end
  return widths, all
end

-- For people: in columns, within the width of the terminal if the titles can be
-- cut for that.
local function print_columns(rows)
  if #rows == 0 then
    return
  end
  insert(rows, 1, HEAD)
  local widths, all = widths_of(rows)
  local room = widths[3] - max(0, all - terminal.width())
  widths[3] = room >= LEAST and room or ENOUGH
  for _, row in ipairs(rows) do
    row[3] = cut(row[3], widths[3])
    for i = 1, #row - 1 do
      row[i] = pad(row[i], widths[i])
    end
    output.print(concat(row, GAP))
  end
end

local function list(session)
  local records, rows, failure = {}, {}, nil
  local is_table = not session.json and terminal.is_terminal(1)
  for record, err in session:client(METHODS):publications{ no_content = 1 } do
    failure = err
    records[#records + 1] = record
    if record and not session.json then
      add_rows(rows, record)
    end
    if not is_table then
      print_rows(rows)
      rows = {}
    end
  end
  print_columns(rows)
  if failure then
    failure.advice = nil -- of the method
    error(failure, 0)
  elseif session.json then
    output.json{ item = json.list(records) }
  end
end

return {
  { name = "article list", summary = "List everything that was published",
    prints = "an article a line: article id, time, title, link; in columns on "
      .. "a terminal, otherwise with tabs between them",
    json = { api.field(METHODS.v1.endpoint.response, "item") }, run = list },
}
