--- What `wxbot serve` serves: the platform, and what it has sent to users.

local callbacks = require "wxbot.serve.callbacks"
local endpoints = require "wxbot.api"
local json = require "wxbot.codec.json"
local responses = require "wxbot.util.response"
local sandboxes = require "wxbot.sandbox"

local concat = table.concat
local ipairs, require = ipairs, require

local M = {}

local ABOUT = [[
This is the sandbox of wxbot: the WeChat conversation platform for trying
programs without an account. It answers the platform's own interface:

%s
and, as no platform does, what sendmsg has sent to a user:

  GET  /messages?openid=…

It is not the platform, and its credentials are public examples.
]]

-- What requests will need is loaded before there are any.
local function load_all()
  local paths = {}
  for i, endpoint in ipairs(endpoints.all) do
    require("wxbot.call.wire." .. endpoint.wire)
    paths[i] = ("  %-4s %s\n"):format(endpoint.method or "POST",
      endpoint.path)
  end
  sandboxes.unanswered() -- loads the answers
  require "lxp"
  return ABOUT:format(concat(paths))
end

local function messages(sandbox, request)
  local list = json.list(sandbox:messages(request.args.openid or ""))
  return responses.json(200, json.encode(list) .. "\n")
end

--- Makes the sandbox.
---@param settings table skills, callbacks (JSON: kind to URL)
---@param say fun(line: string) tells whoever started nginx
---@return function|nil answer takes a request, gives a response
---@return string|nil why with nil: a word of wxbot.serve
---@return any begin to be called in nginx's worker; with nil a text
function M.new(settings, say)
  local about = load_all()
  local sandbox, err = sandboxes.new{ skills = settings.skills,
    callbacks = settings.callbacks and json.decode(settings.callbacks) }
  if not sandbox then
    return nil, "skills", err
  end
  require "wxbot.sandbox.demo".add(sandbox)
  local deliver, begin = callbacks.new(sandbox, say)
  return function(request)
    local is_read = request.method == "GET" or request.method == "HEAD"
    if is_read and request.path == "/" then
      return responses.text(200, about)
    elseif is_read and request.path == "/messages" then
      return messages(sandbox, request)
    end
    local response = sandbox:handle{ method = request.method,
      url = request.url, headers = request.headers, body = request.body }
    deliver()
    return response
  end, nil, begin
end

return M
