--- What a job adds to the parameters of tag and import.

local default = require "wxbot.transport.default"

local ipairs, type = ipairs, type

local M = {}

local FIELDS = {
  { name = "job", type = "string", pattern = "^[^%z]+$",
    doc = "File of a job, made when there is none: what is confirmed is written "
      .. "there, and a run with the same file goes on behind it" },
  { name = "rate", type = "number", exclusive_min = 0,
    doc = "Of a job: requests a second at most" },
  { name = "patience", type = "number", min = 0,
    doc = "Of a job: seconds for which it waits while the platform cannot be "
      .. "reached, is busy or refuses more requests (default 1800), or until a "
      .. "quota that is used up begins anew" },
  { name = "input", type = "string",
    doc = "Of a job whose list is a function: a text that tells whether it "
      .. "gives the same as before" },
  { name = "total", type = "integer", exclusive_min = 0,
    doc = "Of a job whose list is a function: how many it gives, for "
      .. "on_progress" },
}

local UNKNOWN = { name = "unknown", type = "string", enum = { "send", "skip" },
  doc = "Of a job: what becomes of requests that an earlier run sent and that "
    .. "were not confirmed: they are sent again, or left out" }

--- What a job adds to the fields of a method.
---@param endpoint table with a batch
---@return table[]
function M.of(endpoint)
  local fields = {}
  for i, field in ipairs(FIELDS) do
    fields[i] = field
  end
  fields[#fields + 1] = endpoint.repeats == "never" and UNKNOWN or nil
  return fields
end

--- What is wrong with parameters where there is a job, or none; nil: nothing.
---@param context wxbot.Context
---@param endpoint table with a batch
---@param params table
---@return string|nil reason
function M.misuse(context, endpoint, params)
  local transport = context.transport
  if params.job == nil then
    for _, field in ipairs(M.of(endpoint)) do
      if params[field.name] ~= nil then
        return field.name .. ": that is for a job, and there is none"
      end
    end
  elseif not transport.sleep then
    return "the transport has no sleep"
  elseif default.inside() or transport.inside and transport:inside() then
    return "job: it waits for the disk; not in a loop's fiber, nor in nginx"
  elseif type(params[endpoint.batch.field]) == "function"
      and not params.input then
    return "input: a job whose list is a function needs one"
  end
end

return M
