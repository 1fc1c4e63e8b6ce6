--- What `wxbot serve` serves: the platform, and below /_wxbot/ what controls it.

local accounts = require "wxbot.serve.account"
local callbacks = require "wxbot.serve.callbacks"
local control = require "wxbot.serve.control"
local demo = require "wxbot.sandbox.demo"
local endpoints = require "wxbot.api"
local events_of = require "wxbot.serve.events"
local guard = require "wxbot.serve.guard"
local json = require "wxbot.codec.json"
local nginx_conf = require "wxbot.serve.nginx_conf"
local ngx = require "ngx"
local page = require "wxbot.serve.page"
local pushes = require "wxbot.sandbox.push"
local request_line = require "wxbot.serve.request_line"
local responses = require "wxbot.util.response"
local sandboxes = require "wxbot.sandbox"
local watch = require "wxbot.serve.watch"
local wxbot = require "wxbot"

local concat = table.concat
local ipairs, require, setmetatable = ipairs, require, setmetatable

local M = {}

local ABOUT = [[
This is the sandbox of wxbot: the WeChat conversation platform for trying
programs without an account. It answers the platform's own interface:

%s
and, as no platform does, control of it:

  GET  /_wxbot/        a page
  GET  /_wxbot/api/…   JSON

It is not the platform. Its bot is %s, with %s.
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
  return concat(paths)
end

-- What is below /_wxbot/.
local function reserved(served, request)
  local refusal = served.wrong_host(request.headers)
    or served.wrong_origin(request.headers)
  if refusal then
    return control.failure(403, refusal)
  elseif request.is_long then
    return control.failure(413, "the body is too long")
  elseif request.path == "/_wxbot/events" then
    return served.events:answer(request)
  elseif request.path:find("^/_wxbot/api/") then
    return control.handle(served, request)
  elseif request.method ~= "GET" and request.method ~= "HEAD" then
    return control.failure(405, "the methods are GET and HEAD")
  end
  return page.answer(request.path:sub(#"/_wxbot/" + 1))
end

local function about(settings, sandbox, events)
  return function()
    local names = {}
    for i, endpoint in ipairs(endpoints.all) do
      names[i] = endpoint.name
    end
    return { version = wxbot._VERSION, appid = sandbox:credentials().appid,
      account = sandbox:account().appid, time = sandbox:time(),
      endpoints = names, kinds = json.list(pushes.kinds),
      callbacks = settings.callbacks and json.decode(settings.callbacks),
      own = settings.account ~= nil, event = events.newest }
  end
end

-- The sandbox, and what controls it.
local function make(settings)
  local events = events_of.new(setmetatable({
    semaphore = require "ngx.semaphore" }, { __index = ngx }))
  local options = accounts.take(settings.account) or {}
  options.skills, options.state = settings.skills, settings.state
  options.callbacks = settings.callbacks and json.decode(settings.callbacks)
  options.on_event = function(name, data) events:add(name, data) end
  local sandbox, err = sandboxes.new(options)
  if not sandbox then
    return nil, err
  end
  local wrong_host, wrong_origin = guard.new(settings)
  return { sandbox = sandbox, events = events, skills = settings.skills,
    wrong_host = wrong_host, wrong_origin = wrong_origin,
    is_own = settings.account ~= nil, about = about(settings, sandbox, events),
    on_reset = function() demo.add(sandbox) end }
end

local function about_text(settings, sandbox, paths)
  return ABOUT:format(paths, sandbox:credentials().appid,
    settings.account and "credentials of its owner's"
      or "credentials that are public examples")
end

-- Has the sandbox answer, and tells who started nginx.
local function handle(sandbox, request, say)
  local response = sandbox:handle{ method = request.method, url = request.url,
    headers = request.headers, body = request.body, source = request.source,
    too_long = request.is_long and nginx_conf.longest(request.path) or nil }
  local what = response.endpoint
  if not what then
    local kept = sandbox:request_of(response.id)
    what = kept.method .. " " .. kept.url
  end
  say(request_line.write(response, what), "request")
  return response
end

-- Answers would tell a page of another site, under a name that was turned here,
-- what only the owner of the credentials may know.
local function answer(served, text, request, say)
  local refusal = served.is_own and served.wrong_host(request.headers)
  if request.path:find("^/_wxbot/") then
    return reserved(served, request)
  elseif refusal then
    return responses.text(403, "403 " .. refusal .. "\n")
  elseif request.path == "/" and (request.method == "GET"
      or request.method == "HEAD") then
    return responses.text(200, text)
  end
  return handle(served.sandbox, request, say)
end

local function watch_skills(sandbox, path, say)
  return watch(path, function()
    local done, err = sandbox:load_skills(path)
    return done, err and err.message
  end, { taken = "the skills were read anew: ", kept = "the old skills stay: " },
    say)
end

--- Makes the sandbox.
---@param settings table host, port, tls; skills, state, callbacks (JSON: kind to URL), account (a FIFO)
---@param say fun(line: string, kind: string|nil) tells whoever started nginx
---@return function|nil answer takes a request, gives a response
---@return string|nil why with nil: a word of wxbot.serve
---@return any begin to be called in nginx's worker; with nil a text
function M.new(settings, say)
  local paths = load_all()
  local served, err = make(settings)
  if not served then
    return nil, err.code == "state" and "state" or "skills", err
  end
  if #served.sandbox:tasks() == 0 then
    served.on_reset()
  end
  local text = about_text(settings, served.sandbox, paths)
  local deliver, begin = callbacks.new(served.sandbox, say)
  return function(request)
    local response = answer(served, text, request, say)
    deliver()
    return response
  end, nil, function()
    begin()
    if settings.skills then
      ngx.timer.every(1, watch_skills(served.sandbox, settings.skills, say))
    end
  end
end

return M
