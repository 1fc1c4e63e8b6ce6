--- The control of a served sandbox over HTTP: JSON below /_wxbot/api/.
--
-- It does nothing of its own: each resource calls methods of wxbot.Sandbox. A
-- resource has a function for each method that it takes, which gets what
-- follows in the path, the arguments of the query and the body:
--
--   (context { sandbox, … }, call { id, args, body }) -> answer | nil, message, status

local json = require "wxbot.codec.json"
local responses = require "wxbot.util.response"

local ipairs, pairs, require = ipairs, pairs, require
local tostring, type = tostring, type
local concat, sort = table.concat, table.sort

local M = {}

local resources = {}
for _, name in ipairs{ "requests", "state", "talk", "pushes" } do
  for resource, methods in pairs(require("wxbot.serve.control." .. name)) do
    resources[resource] = methods
  end
end

local function answer(status, value)
  local text, message = json.encode(value)
  local response = responses.json(text and status or 500,
    (text or json.encode{ error = message }) .. "\n")
  response.headers["cache-control"] = "no-store"
  return response
end

--- The answer to what cannot be done.
---@param status integer
---@param message string a sentence
---@return table response
function M.failure(status, message)
  return answer(status, { error = message })
end

local function names_of(set)
  local names = {}
  for name in pairs(set) do
    names[#names + 1] = name
  end
  sort(names)
  return concat(names, ", ")
end

-- The parameters of a call: a JSON object, or none.
local function body_of(request)
  local text = request.body
  if text == "" then
    return {}
  end
  local value, message = json.decode(text)
  if type(value) ~= "table" or not json.is_object(text) then
    return nil, "the body must be a JSON object"
      .. (value == nil and ": " .. tostring(message) or "")
  end
  return value
end

local function run(context, request, resource, id)
  local act = resource[request.method == "HEAD" and "GET" or request.method]
  if not act then
    return M.failure(405, "the methods are " .. names_of(resource))
  end
  local body, message = body_of(request)
  if not body then
    return M.failure(400, message)
  end
  local value, why, status = act(context, { id = id, args = request.args,
    body = body })
  if why then
    return M.failure(status or 400, why)
  end
  return answer(200, value)
end

--- Answers a request below /_wxbot/api/.
---@param context table { sandbox, … } what the resources need
---@param request table { method, path, args, body }
---@return table response
function M.handle(context, request)
  local name, rest = request.path:match("^/_wxbot/api/([a-z]+)(.*)$")
  local resource = name and resources[name]
  local id = rest and rest:match("^/([A-Za-z0-9_.-]+)$")
  if not resource or not id and rest ~= "" then
    return M.failure(404, "there are " .. names_of(resources))
  end
  return run(context, request, resource, id)
end

return M
