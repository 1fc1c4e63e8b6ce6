-- clean(value): no text in it holds what no text may hold.
local core = require "wxbot.core"

local LEAD = "\239\183\144" -- of marks; a text may hold it

local function clean(value)
  if type(value) == "string" then
    return not select(2, core.text_mark((value:gsub(LEAD, ""))))
  elseif type(value) == "table" then
    for _, member in pairs(value) do
      if not clean(member) then
        return false
      end
    end
  end
  return true
end

return clean
