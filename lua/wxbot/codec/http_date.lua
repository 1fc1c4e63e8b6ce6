--- Dates as headers of HTTP have them: "Sun, 06 Nov 1994 08:49:37 GMT".
-- That form only, which alone is sent; the two older ones are of before 1994.

local floor, ipairs, tonumber, type = math.floor, ipairs, tonumber, type

local M = {}

local LENGTH = 29
local DATE =
  "^([A-Z][a-z]+), (%d%d) ([A-Z][a-z]+) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$"

-- 1970 began on a Thursday.
local WEEKDAYS = { [0] = "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }

local MONTHS = {}
for i, name in ipairs{ "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
    "Sep", "Oct", "Nov", "Dec" } do
  MONTHS[name] = i
end

-- Days since the beginning of 1970. Years begin with March here, so that the
-- day of a leap year is the last one.
local function days_of(year, month, day)
  if month < 3 then
    year, month = year - 1, month + 12
  end
  return 365 * year + floor(year / 4) - floor(year / 100) + floor(year / 400)
    + floor((153 * month - 457) / 5) + day - 719469
end

local function is_time(hour, minute, second)
  return hour < 24 and minute < 60 and second <= 60
end

--- Reads a date.
---@param text any
---@return integer|nil unix seconds; nil: it is none
function M.read(text)
  if type(text) ~= "string" or #text ~= LENGTH then
    return nil
  end
  local name, day, month, year, hour, minute, second =
    text:match(DATE)
  month = MONTHS[month]
  if not month then
    return nil
  end
  day, hour = tonumber(day), tonumber(hour)
  minute, second = tonumber(minute), tonumber(second)
  local days = days_of(tonumber(year), month, day)
  local is_day = day >= 1 and days < days_of(tonumber(year), month + 1, 1)
    and WEEKDAYS[days % 7] == name
  return is_day and is_time(hour, minute, second)
    and ((days * 24 + hour) * 60 + minute) * 60 + second or nil
end

return M
