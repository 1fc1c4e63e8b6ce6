--- doctor: what keeps calls from working, and what to do.

local doctor = require "wxbot.cli.doctor"
local errors = require "wxbot.util.errors"
local output = require "wxbot.cli.output"

local error = error

local FIELDS = {
  { name = "managerid", type = "string", id = true, administrator = true,
    doc = "Id of an administrator of the bot" },
}

local SHOWN = { ok = "ok  ", fail = "FAIL", skip = "skip" }

local function show(finding)
  output.print(("%s  %-13s  %s"):format(SHOWN[finding.result], finding.name,
    output.line(finding.message
      .. (finding.hint and "; " .. finding.hint or ""))))
end

local function run(session)
  local list = {}
  local failed = doctor.run(session, function(finding)
    list[#list + 1] = finding
    if not session.json then
      show(finding)
    end
  end)
  if session.json then
    output.json{ ok = failed == 0, checks = list }
  end
  if failed > 0 then
    error(errors.new{ kind = "unavailable", code = "doctor",
      message = ("%d of %d checks failed"):format(failed, #list) }, 0)
  end
end

return {
  { name = "doctor", summary = "Find out why calls fail, and what to do",
    doc = "Nothing is changed on the platform; it may be asked one question, in "
      .. "its test environment. --v2 looks at the access token of version 2, "
      .. "too. --timeout is that of each check (default 5).",
    prints = "a line for each check: ok, FAIL with the reason and what to do, "
      .. "or skip with what it needs",
    json = { { name = "ok", doc = "No check failed" },
      { name = "checks[].name", doc = "What was looked at" },
      { name = "checks[].result", doc = "ok, fail or skip" },
      { name = "checks[].message", doc = "What was found" },
      { name = "checks[].hint", doc = "What to do" },
      { name = "checks[].milliseconds", doc = "Time that it took" } },
    fields = FIELDS, methods = { v2 = true }, run = run },
}
