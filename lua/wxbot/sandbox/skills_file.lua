--- Skills in a file of JSON; what is wrong there has its line.

local json = require "wxbot.codec.json"
local places = require "wxbot.codec.json_place"
local texts = require "wxbot.util.text"

local io_open = io and io.open -- a host may have no files
local find, gsub, match = string.find, string.gsub, string.match
local tonumber = tonumber

local M = {}

--- What a file holds.
---@param path string
---@return string|nil text
---@return string|nil reason why it cannot be read
function M.read(path)
  if not io_open then
    return nil, "this host opens no files (io.open)"
  end
  local file, reason = io_open(path, "rb")
  if not file then
    return nil, (gsub(reason, "^.*: ", ""))
  end
  local text
  text, reason = file:read("*a")
  file:close()
  return text, not text and (reason or "cannot be read") or nil
end

local function at_line(text, place, reason)
  return ("line %d: %s"):format(texts.line_of(text, place - 1), reason)
end

--- Reads skills.
---@param path string
---@param build fun(value: any): table|nil, string|nil makes them of what the file holds; nil: why it cannot, which begins with the place
---@return table|nil skillset
---@return string|nil reason
function M.load(path, build)
  local text, reason = M.read(path)
  if not text then
    return nil, reason
  end
  local value
  value, reason = json.decode(text)
  if value == nil then
    local place = match(reason or "", "at byte ([0-9]+)$")
    return nil, place and at_line(text, tonumber(place), reason) or reason
  end
  local skillset
  skillset, reason = build(value)
  if not skillset and not find(reason, "^must ") then
    local place = places.locate(text, match(reason, "^[][A-Za-z0-9_.]*"))
    reason = at_line(text, place, reason)
  end
  return skillset, reason
end

return M
