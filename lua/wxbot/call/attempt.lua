--- An attempt of a call in one line, from what `on_call` is told. It holds no
--- URL, no token and no body.

local concat, ipairs, tostring = table.concat, ipairs, tostring

local WORDS = { "status", "kind", "code" }

--- "aibot 200 35 ms", "aibot transport curl_7 3001 ms, attempt 2".
---@param attempt wxbot.Attempt
---@return string
return function(attempt)
  local words = { attempt.endpoint }
  for _, name in ipairs(WORDS) do
    local value = attempt[name]
    if value ~= nil and value ~= words[#words] then
      words[#words + 1] = tostring(value)
    end
  end
  return ("%s %.0f ms%s"):format(concat(words, " "), attempt.milliseconds,
    attempt.attempt > 1 and (", attempt %d"):format(attempt.attempt) or "")
end
