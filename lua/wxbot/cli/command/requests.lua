--- requests: what a served sandbox was sent, and why it refused.

local emulator = require "wxbot.cli.emulator"
local errors = require "wxbot.util.errors"
local less = require "wxbot.core".less
local output = require "wxbot.cli.output"

local date = os.date
local concat, sort = table.concat, table.sort
local assert, ipairs, pairs, tostring = assert, ipairs, pairs, tostring

-- Seconds between two looks.
local PAUSE = 0.5

-- Requests that are asked for at once.
local LIMIT, MOST = 20, 1000

-- Bytes of a text that are kept.
local KEPT = 16 * 1024

local function line_of(request)
  local parts = { ("%d"):format(request.id), date("%H:%M:%S", request.time),
    request.endpoint or request.method .. " " .. request.url,
    ("%d"):format(request.status) }
  parts[#parts + 1] = request.code and tostring(request.code)
  parts[#parts + 1] = ("%.1f ms"):format(request.ms)
  parts[#parts + 1] = request.cause
  for _, warning in ipairs(request.warnings) do
    parts[#parts + 1] = "warning: " .. warning.text
  end
  return output.line(concat(parts, "  "))
end

local function show_all(answer)
  for _, request in ipairs(answer.requests) do
    output.print(line_of(request))
  end
end

local function query_of(session, after, limit)
  local options = session.options
  return ("requests?after=%.0f&limit=%d%s%s"):format(after, limit,
    options.failed and "&failed=1" or "", options.secrets and "&secrets=1" or "")
end

-- ------------------------------------------------------------------------- one

local function text_under(title, text)
  if text then
    output.print("\n" .. title .. ":\n" .. text)
  end
end

local function title_of(name, request)
  local bytes = request[name .. "_bytes"]
  return bytes > KEPT and ("%s, the beginning of %d bytes"):format(name, bytes)
    or name
end

local function show_one(request)
  output.print(line_of{ id = request.id, time = request.time,
    endpoint = request.endpoint, method = request.method, url = request.url,
    status = request.status, code = request.code, ms = request.ms,
    warnings = {} })
  output.labelled("cause: ", request.cause)
  output.labelled("cure: ", request.cure)
  for _, warning in ipairs(request.warnings) do
    output.labelled("warning: ", warning.text)
  end
  output.print("\n" .. request.method .. " " .. request.url)
  local headers = {}
  for name, value in pairs(request.request_headers) do
    headers[#headers + 1] = name .. ": " .. value
  end
  sort(headers, less)
  output.print(concat(headers, "\n"))
  text_under(title_of("body", request), request.body)
  text_under("decrypted", request.decrypted)
  text_under(title_of("answer", request), request.answer)
  text_under("answer decrypted", request.answer_decrypted)
end

-- ---------------------------------------------------------------------- follow

local function tell(session, request)
  if session.json then
    output.json(request)
  else
    output.print(line_of(request))
  end
end

-- Numbers begin anew with the emulator.
local function follow(session)
  local after = emulator.get(session, query_of(session, 0, LIMIT)).newest
  while true do
    local answer = emulator.get(session, query_of(session, after, MOST))
    for _, request in ipairs(answer.requests) do
      tell(session, request)
    end
    after = answer.newest
    session:network():sleep(PAUSE)
  end
end

local function requests(session)
  local options = session.options
  if options.show and options.follow then
    assert(errors.invalid("--show and --follow exclude each other", "usage"))
  elseif options.follow then
    follow(session)
  elseif options.show then
    session:show(emulator.get(session, ("requests/%d%s"):format(options.show,
      options.secrets and "?secrets=1" or "")), nil, show_one)
  else
    session:show(emulator.get(session, query_of(session, 0, LIMIT)), nil,
      show_all)
  end
end

return {
  { name = "requests",
    summary = "List what the served sandbox was sent, and why it refused",
    doc = "--base-url says where `wxbot serve` is (default "
      .. "http://127.0.0.1:8080). Secrets are masked.",
    prints = "a request a line, oldest first: number, time, endpoint, status, "
      .. "code, milliseconds, cause",
    json = { { name = "requests[].id", doc = "Its number" },
      { name = "requests[].cause", doc = "Why it was refused" },
      { name = "requests[].cure", doc = "What to do" },
      { name = "requests[].…", doc = "What else is kept" },
      { name = "newest", doc = "Number of the newest one" } },
    fields = {
      { name = "follow", type = "boolean",
        doc = "Tell of those that come from now on, until Ctrl-C" },
      { name = "failed", type = "boolean", doc = "Only those that were refused" },
      { name = "show", type = "integer", arg = "N",
        doc = "All of the request with that number: what was sent, what was in "
          .. "it, the answer" },
      { name = "secrets", type = "boolean", doc = "Do not mask secrets" },
    }, run = requests },
}
