--- Failures that the next calls are told to have.

local texts = require "wxbot.util.text"
local endpoints = require "wxbot.api"
local responses = require "wxbot.util.response"

local ipairs, pairs, setmetatable = ipairs, pairs, setmetatable
local remove = table.remove

local M = {}

-- What HTTP has for the end of a call; 1xx says that it goes on.
local MIN_STATUS, MAX_STATUS = 200, 599

-- Nobody waits longer for an answer.
local MAX_DELAY = 600

--- What Sandbox:fail takes.
M.fields = {
  { name = "endpoint", type = "string", doc = "Name of the endpoint; nil: any" },
  { name = "code", type = "integer", doc = "Error code of the platform" },
  { name = "message", type = "string", doc = "Text that goes with the code" },
  { name = "status", type = "integer", doc = "HTTP status" },
  { name = "headers", type = "object", doc = "Headers of the response" },
  { name = "body", type = "string", doc = "Body of the response" },
  { name = "delay", type = "number",
    doc = "Seconds for which the answer is kept back; alone, it is as always" },
  { name = "cut", type = "boolean",
    doc = "true: the connection is cut, and nothing is answered" },
  { name = "times", type = "integer", doc = "How often (default 1)" },
}

local Faults = {}
Faults.__index = Faults

--- None yet.
---@param note fun(record: table) hears of each change
function M.new(note)
  return setmetatable({ list = {}, note = note }, Faults)
end

--- Adds a fault.
---@param fault table as described by fields; kept
---@return nil
---@return string|nil message what is wrong with it
function Faults:add(fault)
  if fault.endpoint and not endpoints.by_name[fault.endpoint] then
    return nil, "endpoint: there is none named " .. fault.endpoint
  elseif not (fault.code or fault.status or fault.body or fault.delay
      or fault.cut) then
    return nil, "expected code, status, body, delay or cut"
  elseif not ((fault.status or MIN_STATUS) >= MIN_STATUS
      and (fault.status or MIN_STATUS) <= MAX_STATUS) then
    return nil, ("status must be from %d to %d"):format(MIN_STATUS, MAX_STATUS)
  elseif (fault.times or 1) < 1 then
    return nil, "times must be 1 or more"
  elseif not ((fault.delay or 0) >= 0 and (fault.delay or 0) <= MAX_DELAY) then
    return nil, ("delay must be from 0 to %d seconds"):format(MAX_DELAY)
  end
  fault.times = fault.times or 1
  self.list[#self.list + 1] = fault
  self.note{ added = fault }
end

--- Forgets all.
function Faults:clear()
  self.list = {}
  self.note{}
end

local function use(list, index)
  local fault = list[index]
  fault.times = fault.times - 1
  if fault.times <= 0 then
    remove(list, index)
  end
  return fault
end

--- Takes the next fault of an endpoint.
---@param endpoint table
---@return table|nil fault
function Faults:take(endpoint)
  for i, fault in ipairs(self.list) do
    if fault.endpoint == endpoint.name or fault.endpoint == nil then
      self.note{ used = i }
      return use(self.list, i)
    end
  end
end

--- Does what a record says.
---@param record table { added = a fault }, { used = its number }, or {}: all are forgotten
function Faults:apply(record)
  if record.added then
    self.list[#self.list + 1] = record.added
  elseif self.list[record.used] then
    use(self.list, record.used)
  elseif not record.used then
    self.list = {}
  end
end

--- Gives records that make the same of none.
---@param emit fun(record: table)
function Faults:snapshot(emit)
  for _, fault in ipairs(self.list) do
    emit{ added = fault }
  end
end

--- Does it say what is answered? Otherwise it is only late.
---@param fault table
---@return boolean
function M.answers(fault)
  return (fault.code or fault.status or fault.body or fault.cut) ~= nil
end

--- The response of a fault that has no code.
---@return table response { status, headers, body, cut }
function M.response(fault)
  local make = fault.body and responses.text or responses.json
  local response = make(fault.status or 200, fault.body or "")
  for name, value in pairs(fault.headers or {}) do
    response.headers[texts.lower(name)] = value
  end
  response.cut = fault.cut
  return response
end

return M
