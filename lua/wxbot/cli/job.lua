--- A job of tag or import: its options, where it is, and how it ended.

local core = require "wxbot.core"
local default = require "wxbot.transport.default"
local duration = require "wxbot.cli.duration"
local errors = require "wxbot.util.errors"
local interrupt = require "wxbot.cli.interrupt"
local jobs = require "wxbot.cli.jobs"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local progress = require "wxbot.cli.progress"
local rates = require "wxbot.cli.rate"

local assert, ceil, floor, ipairs = assert, math.ceil, math.floor, ipairs

local M = {}

-- Fields of the method that the command has otherwise, or fills in.
M.WITHOUT = { job = true, rate = true, patience = true, input = true,
  total = true }

--- Options of a command whose method knows jobs.
M.FIELDS = {
  { name = "job", type = "string", arg = "NAME",
    doc = "Make it a job: what is confirmed is written down, and the same "
      .. "command goes on with it, whatever ended it" },
  { name = "rate", type = "number", arg = "N",
    doc = "Of a job: requests a second at most" },
  { name = "patience", type = "string", arg = "TIME",
    doc = "Of a job: how long it waits while the platform cannot be reached, is "
      .. "busy or refuses more requests, as 90s, 30m, 2h (default 30m); for a "
      .. "quota of the day until midnight in Beijing" },
}

-- The same, of one of the methods alone.
local ONLY_OF_JOBS = { "unknown", "parallel" }

--- Refuses options that belong to jobs, or do not.
---@param options table of the command line
function M.check(options)
  for _, field in ipairs(M.FIELDS) do
    if not options.job and options[field.name] ~= nil
        and not (options.dry_run and field.name == "rate") then
      assert(errors.invalid(("--%s belongs to --job"):format(field.name),
        "usage"))
    end
  end
  for _, name in ipairs(ONLY_OF_JOBS) do
    if not options.job and options[name] ~= nil then
      assert(errors.invalid(("--%s belongs to --job"):format(name), "usage"))
    end
  end
  if options.job and options.skip then
    assert(errors.invalid("--skip is not for a job: it goes on by itself",
      "usage"))
  elseif options.job and (not options.file or options.file == "-") then
    assert(errors.invalid("a job reads a file, not standard input", "usage"))
  end
end

-- ----------------------------------------------------------------- progress

-- Seconds between two looks at the screen, and between two lines in a pipe.
local REDRAWN, WRITTEN = 0.2, 60

local function waiting_for(status)
  return ("waiting: %s; next try in %d s"):format(
    output.line(status.waiting.message or status.waiting.kind),
    ceil(status.seconds))
end

local function words_of(show, done, total, status)
  local text = total and ("%d of %d %s"):format(done, total, show.verb)
    or ("%d %s"):format(done, show.verb)
  if status.rejected > 0 then
    text = ("%s, %d rejected"):format(text, status.rejected)
  end
  if status.waiting and status.seconds and status.seconds > 0 then
    return text .. ", " .. waiting_for(status)
  end
  local rate = show.rate:of(default.now(), status.batches)
  local left = rate > 0 and total and (total - status.dealt_with)
    * status.batches / status.dealt_with / rate
  return ("%s, %.1f requests/s%s"):format(text, rate, left
    and ", " .. duration.text(left) .. " left" or "")
end

local function write(show, done, total, status)
  local share = total and status.dealt_with / total
  local text = words_of(show, done, total, status)
  if show.shown.on_terminal then
    show.shown:update(share, text)
  elseif show.json then
    progress.close()
    output.tell(json.encode{ job = show.name, done = done, total = total,
      rejected = status.rejected, requests_per_second =
      show.rate:of(default.now(), status.batches), waiting = status.waiting
        and output.line(status.waiting.message or "") or nil })
  else
    output.tell((share and ("%3d %%  "):format(floor(share * 100)) or "")
      .. text)
  end
end

-- Is it time for a line? Also where waiting begins, or ends.
local function is_due(show, now, total, status)
  local is_waiting = status.waiting ~= nil and (status.seconds or 0) > 0
  local pause = show.shown.on_terminal and REDRAWN or WRITTEN
  local has_changed = is_waiting ~= (show.is_waiting or false)
  show.is_waiting = is_waiting
  return has_changed or now >= show.last + pause
    or show.shown.on_terminal and status.dealt_with == total
end

-- What on_progress of a job is.
local function listener(show)
  return function(done, total, task_ids, status)
    local now = default.now()
    show.rate = show.rate or rates.new(now, status.batches)
    show.last = show.last or now
    if show.heard then
      show.heard(done, task_ids)
    end
    if is_due(show, now, total, status) then
      show.last = now
      write(show, done, total, status)
    end
    return core.signals_noted() == nil
  end
end

--- Makes the parameters of a method those of a job.
---@param session wxbot.cli.Session
---@param params table changed
---@param verb string what is done to elements
---@param heard nil|fun(done: integer, task_ids: string[]|nil)
function M.apply(session, params, verb, heard)
  local options = session.options
  params.job = jobs.path(options.job)
  params.rate = options.rate
  params.patience = options.patience
    and assert(duration.read("--patience", options.patience))
  core.signals_note()
  params.on_progress = listener{ name = options.job, verb = verb,
    json = session.json, shown = progress.new(), heard = heard }
end

-- ------------------------------------------------------------------ the end

--- Nothing is sent any more: from now on Ctrl-C and SIGTERM end the command.
function M.close()
  progress.close()
  core.signals_leave()
end

--- The error of a job that is at its end, but for what is unknown or rejected.
---@param result table|nil of the method
---@param err wxbot.Error|nil of the method
---@param verb string what is done to elements
---@return wxbot.Error|nil err
function M.left_over(result, err, verb)
  local outcome, code, left = result or err.result, nil, nil
  if not outcome or err and err.code ~= "unknown" then
    return nil
  elseif outcome.unknown > 0 then
    code, left = "unknown", ("%d sent and not confirmed: decide with --unknown "
      .. "send or --unknown skip"):format(outcome.unknown)
  elseif outcome.rejected > 0 then
    code, left = "rejected", ("%d rejected: see %s"):format(outcome.rejected,
      outcome.rejected_file)
  end
  return code and errors.new{ kind = "platform", code = code, result = outcome,
    message = ("%d %s; %s"):format(outcome.done, verb, left),
    done = outcome.done } or nil
end

--- An error of a job in the terms of this command.
---@param options table of the command line
---@param err wxbot.Error of the method
---@param verb string
---@return wxbot.Error err
function M.stopped(options, err, verb)
  local done, outcome = err.done or 0, err.result
  local said = ("%d %s; the same command goes on with job %s"):format(done,
    verb, options.job)
  err.advice = nil
  if interrupt.caused(err) then
    err = interrupt.error{ message = "interrupted: " .. said,
      signal = core.signals_noted() }
  elseif outcome then
    err.hint = said
  end
  err.done, err.result = done, outcome
  return err
end

return M
