--- tag.

local api = require "wxbot.api"
local errors = require "wxbot.util.errors"
local fields = require "wxbot.api.fields"
local dry_run = require "wxbot.cli.dry_run"
local interrupt = require "wxbot.cli.interrupt"
local job = require "wxbot.cli.job"
local methods = require "wxbot.cli.methods"
local openids = require "wxbot.cli.openids"
local output = require "wxbot.cli.output"
local progress = require "wxbot.cli.progress"
local read = require "wxbot.cli.read"

local assert, error, pairs = assert, error, pairs

local METHODS = methods.named "tag"

-- The list comes as arguments.
local ENDPOINT = METHODS.v1.endpoint
local LIST = api.field(ENDPOINT.request, ENDPOINT.batch.field)
local LEFT_OUT = { [LIST.name] = true, parallel = true }
for name in pairs(job.WITHOUT) do
  LEFT_OUT[name] = true
end
local FIELDS = fields.list(fields.list(METHODS.v1.fields, {
  { name = "file", type = "string", arg = "FILE",
    doc = "File with one openid a line; - is standard input" },
  { name = "skip", type = "integer", arg = "N",
    doc = "Leave out the first N openids: go on after a stop" },
  { name = "parallel", type = "integer", arg = "N",
    doc = ("Of a job: requests on their way at once (default %d)"):format(
      ENDPOINT.batch.parallel) },
  { name = "dry_run", type = "boolean",
    doc = "Send nothing: say how many there are, which look wrong or come "
      .. "twice, and how long it takes at --rate" },
}, LEFT_OUT), job.FIELDS)

-- Where to go on, in the terms of this command and not of the library.
local function stop(err, done, skip)
  err.advice = nil
  if err.index then
    err.message = ("openid number %d %s"):format(skip + err.index, err.reason)
  end
  local advice = ("%d tagged; go on with --skip %d"):format(done, skip + done)
  if interrupt.caused(err) then
    err = interrupt.error{ message = "interrupted: " .. advice }
  elseif skip + done > 0 then
    err.hint = advice
  end
  err.done, err.skip = done, skip + done
  error(err, 0)
end

-- The openids of a job, each time anew.
local function open_again(options)
  local source = assert(openids.open(options.openids, options.file, 0))
  if not source.is_file then
    assert(errors.invalid("a job reads a file, not a pipe, since it does so more "
      .. "than once", "usage"))
  end
  return source
end

local function tag_as_job(session)
  local options = session.options
  local source = open_again(options)
  local bot, method = session:client_of_job(METHODS)
  local params = session:params(method.fields)
  params.input = assert(openids.fingerprint(options.file))
  params[LIST.name] = function(place)
    local openid, behind = source.next(place)
    if source.failure then
      error(errors.new{ kind = "invalid", code = "file",
        message = source.failure }, 0)
    end
    return openid, behind
  end
  job.apply(session, params, "tagged")
  if not read.exists(params.job) then -- a job knows how many there are
    params.total = assert(openids.count(open_again(options)))
    if params.total == 0 then
      assert(errors.invalid("no openids were given", "usage"))
    end
  end
  local result, err = bot:tag(params)
  job.close()
  local left = job.left_over(result, err, "tagged")
  err = left or err and job.stopped(options, err, "tagged")
  session:show(not err and result or nil, err, function()
    output.print(("%d tagged"):format(result.done))
  end)
end

local function tag(session)
  job.check(session.options)
  if session.options.dry_run then
    return dry_run.show(session, METHODS.v1.endpoint.batch)
  elseif session.options.job then
    return tag_as_job(session)
  end
  local bot, method = session:client(METHODS)
  local options, done = session.options, 0
  local skip = options.skip or 0
  local source = assert(openids.open(options.openids, options.file, skip))
  local count = progress.counter(session.json,
    source.total and source.total - skip, "tagged")
  local params = session:params(method.fields)
  params[LIST.name] = source.next
  params.on_progress = function(tagged)
    done = tagged
    count(tagged)
  end
  local result, err = interrupt.catch(bot.tag, bot, params)
  if source.failure and not (err and interrupt.caused(err)) then
    stop(errors.new{ kind = "invalid", code = "file",
      message = source.failure }, done, skip)
  elseif err and err.field == LIST.name and not err.index then
    result = { done = 0, batches = 0 } -- the list was empty
  elseif err then
    stop(err, done, skip)
  end
  progress.close()
  if result.done == 0 and skip == 0 then
    assert(errors.invalid("no openids were given", "usage"))
  end
  session:show(result, nil, function()
    output.print(("%d tagged"):format(result.done))
  end)
end

return {
  { name = "tag", summary = "Tag users",
    doc = "Openids come as arguments, from --file, or from standard input, "
      .. "one a line.\nAfter a stop, --skip goes on; a job (--job) goes on by "
      .. "itself, and its files are in $XDG_STATE_HOME/wxbot/jobs or "
      .. "~/.local/state/wxbot/jobs.",
    prints = "how many are tagged",
    json = { { name = "done", doc = "Openids that are tagged" },
      { name = "batches", doc = "Requests that it took; a job also tells "
        .. "rejected, rejected_file and unknown" } },
    fields = FIELDS,
    arguments = { { name = "openids", args = "*", doc = LIST.doc } },
    methods = METHODS, run = tag },
}
