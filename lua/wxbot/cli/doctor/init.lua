--- What `wxbot doctor` looks at: a list of checks, and how they are gone
--- through.
--
-- A check is { name, needs, run }. `needs` names checks above it: where one of
-- them has failed, or had nothing to look at, it is skipped. run(exam) returns
-- what it found, a sentence and what to do:
--
--   "ok"       as it should be
--   "fail"     it is not
--   "skip"     there is nothing to look at here; what needs it may go on
--   "missing"  there is nothing to look at; what needs it is skipped, too
--
-- Nothing is changed on the platform, and no sentence holds a secret.

local now = require "wxbot.transport.default".now

local floor = math.floor
local ipairs, require = ipairs, require

local M = {}

M.checks = {}
for _, name in ipairs{ "credentials", "libraries", "network", "platform" } do
  for _, check in ipairs(require("wxbot.cli.doctor." .. name)) do
    M.checks[#M.checks + 1] = check
  end
end

---@class wxbot.cli.Exam
---@field session wxbot.cli.Session
---@field options table what the command line said
---@field given table credentials
---@field found table<string, string> name of a check -> what it found
---@field timeout number seconds of a check
---@field transport table what reaches the platform
---@field hosts wxbot.cli.Host[]|nil where the services are
---@field off string|nil how far the clock is off
---@field own_signature string|nil the platform's own

---@class wxbot.cli.Finding
---@field name string
---@field result string "ok" | "fail" | "skip"
---@field message string
---@field hint string|nil what to do
---@field milliseconds integer

local TIMEOUT = 5

local GOES_ON = { ok = true, skip = true }

-- The check that keeps another one from being made.
local function obstacle(check, found)
  for _, name in ipairs(check.needs or {}) do
    if not GOES_ON[found[name]] then
      return name
    end
  end
end

local function run(check, exam)
  local before = obstacle(check, exam.found)
  if before then
    return "missing", "needs " .. before
  end
  return check.run(exam)
end

--- Goes through all checks.
---@param session wxbot.cli.Session
---@param report fun(finding: wxbot.cli.Finding) told of each when it is done
---@return integer failed how many
function M.run(session, report)
  local exam = { session = session, options = session.options,
    given = session.credentials, found = {},
    timeout = session.options.timeout or TIMEOUT,
    transport = session.transport or session:network() }
  local failed = 0
  for _, check in ipairs(M.checks) do
    local started = now()
    local result, message, hint = run(check, exam)
    exam.found[check.name] = result
    failed = failed + (result == "fail" and 1 or 0)
    report{ name = check.name, message = message, hint = hint,
      result = result == "missing" and "skip" or result,
      milliseconds = floor((now() - started) * 1000 + 0.5) }
  end
  return failed
end

return M
