--- jobs: what became of them.

local columns = require "wxbot.cli.columns"
local jobs = require "wxbot.cli.jobs"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"

local concat, date, ipairs, max, next = table.concat, os.date, ipairs, math.max,
  next

-- One word: running, stopped (it goes on when it is started again), unknown
-- (there are elements to decide about), done.
local function word_of(job)
  local state = job.state
  if job.running then
    return "running"
  elseif state.over == "done" or state.over == "unknown" then
    return state.over
  end
  return next(state.unknown) and "unknown" or "stopped"
end

local function told(job)
  local state = job.state
  if not (state and state.head) then
    return { name = job.name, file = job.path, state = "unreadable",
      message = job.err and job.err.message or "it has not begun" }
  end
  return { name = job.name, file = job.path, method = state.head.method,
    params = state.head.params, done = state.done, total = state.head.total,
    rejected = state.rejected, state = word_of(job), time = state.at }
end

local function row_of(one)
  if not one.method then
    return { one.name, one.state, output.line(one.message or "") }
  end
  return { one.name, one.method, ("%d/%s"):format(one.done, one.total
    and ("%d"):format(one.total) or "?"), one.state
    .. (one.rejected > 0 and (" (%d rejected)"):format(one.rejected) or ""),
    date("%Y-%m-%d %H:%M:%S", one.time) }
end

local function print_rows(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, text in ipairs(row) do
      widths[i] = max(widths[i] or 0, columns.width(text))
    end
  end
  for _, row in ipairs(rows) do
    for i = 1, #row - 1 do
      row[i] = columns.pad(row[i], widths[i])
    end
    output.print(concat(row, "  "))
  end
end

local function show(session)
  local list, rows = {}, {}
  for i, job in ipairs(jobs.list()) do
    list[i] = told(job)
    rows[i] = row_of(list[i])
  end
  session:show({ jobs = json.list(list) }, nil, function()
    print_rows(rows)
  end)
end

return {
  { name = "jobs", summary = "List the jobs of tag and import",
    prints = "name, method, done and total, state and time of each",
    json = {
      { name = "jobs[].name", doc = "Its --job; likewise file, method, params" },
      { name = "jobs[].done", doc = "What is confirmed, of total; likewise "
        .. "rejected" },
      { name = "jobs[].state", doc = "running, stopped (the same command goes "
        .. "on), unknown (--unknown decides), done, unreadable" },
      { name = "jobs[].time", doc = "Unix seconds of the last change" },
    }, run = show },
}
