--- Failures that the next calls are told to have.

local texts = require "wxbot.util.text"
local endpoints = require "wxbot.api"
local responses = require "wxbot.util.response"

local ipairs, pairs = ipairs, pairs
local remove = table.remove

local M = {}

--- What Sandbox:fail takes.
M.fields = {
  { name = "endpoint", type = "string", doc = "Name of the endpoint; nil: any" },
  { name = "code", type = "integer", doc = "Error code of the platform" },
  { name = "message", type = "string", doc = "Text that goes with the code" },
  { name = "status", type = "integer", doc = "HTTP status" },
  { name = "headers", type = "object", doc = "Headers of the response" },
  { name = "body", type = "string", doc = "Body of the response" },
  { name = "times", type = "integer", doc = "How often (default 1)" },
}

--- Adds a fault.
---@param platform table
---@param fault table as described by fields; kept
---@return nil
---@return string|nil message what is wrong with it
function M.add(platform, fault)
  if fault.endpoint and not endpoints.by_name[fault.endpoint] then
    return nil, "endpoint: there is none named " .. fault.endpoint
  elseif not (fault.code or fault.status or fault.body) then
    return nil, "expected code, status or body"
  elseif (fault.times or 1) < 1 then
    return nil, "times must be 1 or more"
  end
  fault.times = fault.times or 1
  platform.faults[#platform.faults + 1] = fault
end

--- Takes the next fault of an endpoint.
---@return table|nil fault
function M.take(platform, endpoint)
  for i, fault in ipairs(platform.faults) do
    if fault.endpoint == endpoint.name or fault.endpoint == nil then
      fault.times = fault.times - 1
      if fault.times <= 0 then
        remove(platform.faults, i)
      end
      return fault
    end
  end
end

--- The response of a fault that has no code.
---@return table response
function M.response(fault)
  local make = fault.body and responses.text or responses.json
  local response = make(fault.status or 200, fault.body or "")
  for name, value in pairs(fault.headers or {}) do
    response.headers[texts.lower(name)] = value
  end
  return response
end

return M
