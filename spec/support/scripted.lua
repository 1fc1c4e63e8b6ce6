-- A transport that answers from a script, with a clock of its own.
--
-- Each step is a table { status, body, headers }, { err = {…} } or a
-- function(request) that returns what request must return. The last step
-- stays. `seen` holds the requests, `slept` the pauses.

local errors = require "wxbot.util.errors"

local M = {}

local function play(step, request)
  if type(step) == "function" then
    return step(request)
  elseif step.err then
    local err = {}
    for name, value in pairs(step.err) do
      err[name] = value
    end
    err.message = err.message or "scripted"
    return nil, errors.new(err)
  end
  return { status = step.status or 200, headers = step.headers or {},
    body = step.body or "" }
end

function M.new(script)
  local transport = { seen = {}, slept = {}, clock = 0, step = 0 }

  function transport:request(request)
    self.seen[#self.seen + 1] = request
    self.step = math.min(self.step + 1, #script)
    self.clock = self.clock + (script.each or 0)
    return play(script[self.step], request)
  end

  function transport:sleep(seconds)
    self.slept[#self.slept + 1] = seconds
    self.clock = self.clock + seconds
  end

  function transport:now()
    return self.clock
  end

  return transport
end

return M
