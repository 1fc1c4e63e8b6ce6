--- tag.

local bot_fields = require "wxbot.client.bot".fields
local by_name = require "wxbot.api".by_name
local errors = require "wxbot.util.errors"
local interrupt = require "wxbot.cli.interrupt"
local openids = require "wxbot.cli.openids"
local output = require "wxbot.cli.output"
local progress = require "wxbot.cli.progress"

local error, floor, ipairs, pcall = error, math.floor, ipairs, pcall

local PLAIN_STEP = 1000

-- The list comes as arguments, and progress is shown here.
local FIELDS = {}
for _, field in ipairs(bot_fields.tag) do
  if field.name ~= "list" then
    FIELDS[#FIELDS + 1] = field
  end
end
FIELDS[#FIELDS + 1] = { name = "file", type = "string", arg = "FILE",
  doc = "File with one openid a line; - is standard input" }
FIELDS[#FIELDS + 1] = { name = "skip", type = "integer", arg = "N",
  doc = "Leave out the first N openids: go on after a stop" }

-- Shows each batch as it is done. In a pipe a line for every tenth of what
-- is known, or for every thousand.
local function watcher(session, state, total)
  local shown, stepped = progress.new(session.json), 0
  return function(done)
    state.done = done
    local step = total and total / 10 or PLAIN_STEP
    local quiet = floor(done / step) == stepped and done ~= total
    stepped = floor(done / step)
    local text = total and ("%d of %d tagged"):format(done, total)
      or ("%d tagged"):format(done)
    shown:update(total and done / total, text, not quiet and text or nil)
  end
end

-- Where to go on, in the terms of this command and not of the library.
local function stopped(err, state)
  err.done, err.skip = state.done, state.skip + state.done
  err.advice = nil
  if err.index then
    err.message = ("openid number %d %s"):format(state.skip + err.index,
      err.reason)
  end
  local advice = ("%d tagged; go on with --skip %d"):format(err.done, err.skip)
  if interrupt.caused(err) then
    return nil, interrupt.error{ done = err.done, skip = err.skip,
      message = "interrupted: " .. advice }
  elseif err.skip > 0 then
    err.hint = advice
  end
  return nil, err
end

local function run_bot(bot, params, state)
  local returned, result, err = pcall(bot.tag, bot, params)
  if not returned and not interrupt.caused(result) then
    error(result, 0)
  elseif not returned then
    return stopped(interrupt.error(), state)
  elseif state.source.failure then
    return stopped(errors.new{ kind = "invalid", code = "file",
      message = state.source.failure }, state)
  elseif not result and err.field == "list" and not err.index then
    return { done = 0, batches = 0 }
  elseif not result then
    return stopped(err, state)
  end
  return result
end

local function show(session, result, state)
  progress.close()
  if result.done == 0 and state.skip == 0 then
    return errors.invalid("no openids were given", "usage")
  elseif session.json then
    return output.json(result)
  end
  output.print(("%d tagged"):format(result.done))
  return true
end

local function tag(session)
  local bot, err = session:bot(by_name.label_batchset.needs)
  if not bot then
    return nil, err
  end
  local options = session.options
  local state = { done = 0, skip = options.skip or 0 }
  state.source, err = openids.open(options.openids, options.file, state.skip)
  if not state.source then
    return nil, err
  end
  local total = state.source.total
  local params = session:params(bot_fields.tag)
  params.list = state.source.next
  params.on_progress = watcher(session, state, total and total - state.skip)
  local result
  result, err = run_bot(bot, params, state)
  if not result then
    return nil, err
  end
  return show(session, result, state)
end

return {
  { name = "tag", summary = "Tag users",
    doc = "Openids come as arguments, from --file, or from standard input, "
      .. "one a line.\nAfter a stop, --skip goes on.",
    fields = FIELDS,
    arguments = { { name = "openids", args = "*",
      doc = by_name.label_batchset.request[5].doc } },
    run = tag },
}
