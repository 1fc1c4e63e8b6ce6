--- Notices a wrong clock or key: a refusal may be mended without a word, as a
--- question is by a signature of the platform's own.

local clocks = require "wxbot.cli.clock"

local M = {}

-- Refusals that a wrong clock explains, and what explains them if it is right,
-- or cannot be known.
local REFUSALS = {
  [1005] = {
    right = "aes_key is probably wrong: the platform refused a signature made "
      .. "with it; `wxbot doctor` tells more",
    unknown = "aes_key or the clock of this machine is probably wrong: the "
      .. "platform refused a signature made with them; `wxbot doctor` tells "
      .. "more",
  },
  sign = {}, -- its error says what else to look at
}

local function reason_of(refusal, now, date)
  local off = date and clocks.difference(now, date)
  if off then
    return ("the clock of this machine is %s, which refuses signatures made "
      .. "by it"):format(off)
  end
  return date and refusal.right or refusal.unknown
end

--- Makes what is told of attempts, as the option `on_call` wants it.
---@param clock fun(): number unix seconds
---@param say fun(text: string) called once at most
---@return fun(attempt: wxbot.Attempt)
function M.new(clock, say)
  local has_said = false
  return function(attempt)
    local refusal = not has_said and REFUSALS[attempt.code]
    local text = refusal and reason_of(refusal, clock(), attempt.date)
    if text then
      has_said = true
      say(text)
    end
  end
end

return M
