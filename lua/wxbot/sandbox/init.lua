--- The platform itself, in Lua: a request goes in, a response comes out.
--
-- It speaks the same bytes as the real one and is a transport, so that a bot
-- can be given it instead of a network. Its clock moves by itself and when
-- its `sleep` is called, which returns at once: nothing here ever waits.
--
-- It tells callers apart who seal for another bot, as the real platform does;
-- so never give it keys that are in use elsewhere, and keep it on loopback.

local ascii = require "wxbot.util.text"
local core = require "wxbot.core"
local demo = require "wxbot.sandbox.demo"
local endpoints = require "wxbot.api"
local errors = require "wxbot.util.errors"
local private = require "wxbot.util.class"
local query_wire = require "wxbot.call.wire.query"
local schema = require "wxbot.call.schema"
local services = require "wxbot.sandbox.service"

local error, ipairs, pairs, require = error, ipairs, pairs, require
local getmetatable, setmetatable = getmetatable, setmetatable
local pcall, tostring, type = pcall, tostring, type
local clock, time = os.clock, os.time

local M = {}

---@class wxbot.Sandbox
local Sandbox, sandboxes = private.class("sandbox")

-- The examples of the platform's own documents.
local DEFAULTS = {
  appid = "Gg8HejYTkUsEIlG",
  token = "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  aes_key = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz",
  access_token = "SANDBOX_ACCESS_TOKEN",
}

local OPTIONS = {
  { name = "appid", type = "string", required = false,
    doc = "the bot's APPID" },
  { name = "token", type = "string", doc = "the bot's TOKEN" },
  { name = "aes_key", type = "string", doc = "the bot's EncodingAESKey" },
  { name = "access_token", type = "string",
    doc = "access token of the publishing interfaces" },
  { name = "secret", type = "string",
    doc = "AppSecret with which access tokens are fetched" },
  { name = "expires", type = "number",
    doc = "when the access token expires, unix seconds; nil: never" },
  { name = "skills", type = "string", or_type = "object",
    doc = "path of a skills file, or its content as a table" },
  { name = "admins", type = "list", of = "string", id = true,
    doc = 'ids of the administrators, { "admin" }' },
  { name = "apps", type = "list", of = "string",
    doc = "appids bound to the bot; nil: all that begin with wx" },
  { name = "approved", type = "boolean", doc = "the bot is approved" },
  { name = "authorised", type = "boolean",
    doc = "the account may use the publishing interfaces" },
  { name = "clock", type = "function", doc = "returns unix seconds" },
  { name = "random", type = "function", doc = "random(n) returns 1 … n" },
}

local function set_of(list)
  local set = {}
  for _, value in ipairs(list) do
    set[value] = true
  end
  return set
end

local function option(options, name, default)
  if options[name] == nil then
    return default
  end
  return options[name]
end

-- Wall clock and monotonic clock, both moved by what `sleep` has skipped.
local function add_clocks(platform, options)
  platform.skipped = 0
  local wall, steady = options.clock or time, options.clock or clock
  platform.time = function()
    return wall() + platform.skipped
  end
  platform.now = function()
    return steady() + platform.skipped
  end
end

local function add_checks(platform, options)
  local admins = set_of(options.admins or { "admin" })
  local apps = options.apps and set_of(options.apps)
  platform.is_admin = function(id)
    return id ~= nil and admins[id] == true
  end
  platform.is_bound = function(appid)
    if apps then
      return apps[appid] == true
    end
    return appid:find("^wx") ~= nil
  end
  platform.serial = function()
    platform.count = platform.count + 1
    return platform.count
  end
  platform.rid = function()
    return ("%08x"):format(platform.serial())
  end
end

local function add_keys(platform)
  local message
  for _, name in ipairs{ "appid", "token" } do
    if not platform[name]:find("^[A-Za-z0-9_-]+$") then
      return errors.invalid(name .. " must be letters, digits, _ or -",
        "value")
    end
  end
  -- Without an appid it opens what was sealed for others, to say so.
  platform.crypt, message = core.msgcrypt(platform.aes_key)
  if not platform.crypt then
    return errors.invalid("aes_key: " .. message, "aes_key")
  end
  platform.raw = core.rawcrypt(platform.aes_key)
  platform.hs256 = core.hs256(platform.aes_key)
  return true
end

local function add_dialogue(platform, options)
  local loader = require "wxbot.sandbox.skills"
  local skills, err = loader.load(options.skills
    or require "wxbot.sandbox.default_skills")
  if not skills then
    return nil, err
  end
  platform.dialogue = require "wxbot.sandbox.dialogue".new(skills, {
    random = options.random or math.random })
  platform.content = require "wxbot.sandbox.content".new(platform.time, skills,
    platform.dialogue, platform.jobs)
  return true
end

--- Makes an embedded platform.
---@param options table|nil appid, token, aes_key, access_token, secret, expires, skills, admins, apps, approved, authorised, clock, random
---@return wxbot.Sandbox|nil sandbox
---@return wxbot.Error|nil err kind "invalid"
function M.new(options)
  options = options or {}
  local misuse = schema.misuse("wxbot.sandbox", OPTIONS, options)
  if misuse then
    error(misuse, 3)
  end
  options = schema.with_ids(OPTIONS, options)
  local platform = { faults = {}, count = 0 }
  for name, value in pairs(DEFAULTS) do
    platform[name] = option(options, name, value)
  end
  platform.expires = options.expires
  platform.approved = option(options, "approved", true)
  platform.authorised = option(options, "authorised", true)
  add_clocks(platform, options)
  add_checks(platform, options)
  platform.tags = require "wxbot.sandbox.tags".new()
  platform.jobs = require "wxbot.sandbox.tasks".new(platform.time)
  platform.v2 = require "wxbot.sandbox.v2_tokens".new(platform.time)
  platform.kefu = require "wxbot.sandbox.kefu".new(platform.time)
  platform.access = require "wxbot.sandbox.access".new(platform.time,
    options.secret or "SANDBOX_SECRET")
  platform.account = (options.apps or {})[1] or demo.account
  local ok, err = add_keys(platform)
  if ok then
    ok, err = add_dialogue(platform, options)
  end
  if not ok then
    return nil, err
  end
  return sandboxes:new(platform)
end

-- ---------------------------------------------------------------- answering

local function respond(status, body, content_type)
  return { status = status, body = body, headers = {
    ["content-type"] = content_type or "application/json; charset=utf-8" } }
end

local function failure(platform, endpoint, code, text)
  return respond(services[endpoint.service].failure(platform, code, text))
end

local function parse_url(url)
  local path, query = url:gsub("^[A-Za-z]+://[^/]*", ""):match("^([^?#]*)%??([^#]*)")
  return path, query_wire.decode_request(nil, query) or {}
end

-- Path templates as patterns: a credential is one segment, the last; a part of
-- the request is another.
local patterns = setmetatable({}, { __index = function(known, endpoint)
  known[endpoint] = "^" .. endpoint.path:gsub("[%-.]", "%%%0")
    :gsub("{[a-z_]+}", "([^/]+)") .. "$"
  return known[endpoint]
end })

local function route(path)
  for _, endpoint in ipairs(endpoints.all) do
    local first, second = path:match(patterns[endpoint])
    if first then
      return endpoint, query_wire.unescape(second or first),
        second and query_wire.unescape(first)
    end
  end
end

local function injected(platform, endpoint)
  for i, fault in ipairs(platform.faults) do
    if fault.endpoint == endpoint.name or fault.endpoint == nil then
      fault.times = fault.times - 1
      if fault.times <= 0 then
        table.remove(platform.faults, i)
      end
      if fault.code then
        return failure(platform, endpoint, fault.code, fault.message)
      end
      local response = respond(fault.status or 200, fault.body or "",
        fault.body and "text/plain" or nil)
      for name, value in pairs(fault.headers or {}) do
        response.headers[ascii.lower(name)] = value
      end
      return response
    end
  end
end

local function answer_fields(endpoint)
  if not endpoint.payload then
    return endpoint.response
  end
  local fields = { { name = "code" }, { name = endpoint.payload,
    type = "object", fields = endpoint.response }, { name = "msg" } }
  for _, field in ipairs(endpoint.envelope or {}) do
    fields[#fields + 1] = field
  end
  return fields
end

-- What answers an endpoint; nil, and why, where nothing does.
local function answering(endpoint)
  local loaded, found = pcall(require, "wxbot.sandbox.answer." .. endpoint.name)
  if loaded and type(found) == "function" then
    return found
  end
  return nil, loaded and "the module returns no function"
    or tostring(found):match("^[^\n]*"):gsub(":$", "")
end

--- Names the endpoints that a sandbox has no answer for, and says why.
---@return table[] missing { name, why }
function M.unanswered()
  local missing = {}
  for _, endpoint in ipairs(endpoints.all) do
    local found, why = answering(endpoint)
    missing[#missing + 1] = not found and { endpoint.name, why } or nil
  end
  return missing
end

local function answer(platform, endpoint, request, headers, part)
  local run, why = answering(endpoint)
  if not run then
    return respond(501, ("501 the sandbox has no answer for %s: %s"):format(
      endpoint.name, why), "text/plain")
  end
  local wire = require("wxbot.call.wire." .. endpoint.wire)
  local sent = wire.in_url and request.url:match("%?([^#]*)") or request.body
  local params, code = wire.decode_request(endpoint, sent or "", headers,
    platform)
  local result, text
  if not params and not code then
    local unreadable = services[endpoint.service].unreadable
    code = unreadable and unreadable(sent or "")
    params = not code and {} or nil
  end
  if params and endpoint.part then
    params[endpoint.part] = part
  end
  if params then
    result, code, text = run(platform, params)
  end
  if not result then
    return failure(platform, endpoint, code, text)
  end
  local complete = services[endpoint.service].complete
  if complete then
    complete(platform, result)
  end
  return respond(200, wire.encode_answer(answer_fields(endpoint), result,
    platform))
end

-- A request of a method that the endpoint has not.
local function misplaced(platform, endpoint)
  local code = services[endpoint.service].misplaced
  if code and not endpoint.method then
    return failure(platform, endpoint, code)
  end
  return respond(405, "405 method not allowed", "text/plain")
end

local function lower_headers(headers)
  local lower = {}
  for name, value in pairs(headers or {}) do
    lower[ascii.lower(name)] = tostring(value)
  end
  return lower
end

--- Answers a request as the platform would.
---@param request table { method, url, headers, body }
---@return table response { status, headers, body }
function Sandbox:handle(request)
  local platform = sandboxes:of(self, "handle")
  if type(request) ~= "table" or type(request.url) ~= "string"
      or type(request.headers or {}) ~= "table"
      or type(request.body or "") ~= "string" then
    error("sandbox:handle: expected { method, url, headers, body }", 2)
  end
  local path, arguments = parse_url(request.url)
  local endpoint, token, part = route(path)
  if not endpoint then
    return respond(404, "404 page not found", "text/plain")
  elseif (request.method or "POST") ~= (endpoint.method or "POST") then
    return misplaced(platform, endpoint)
  end
  platform.content:settle()
  local headers = lower_headers(request.headers)
  platform.request_id = headers.request_id or ""
  local code = services[endpoint.service].refusal(platform, endpoint, {
    token = token, arguments = arguments, headers = headers,
    body = request.body or "" })
  local response = injected(platform, endpoint)
    or code and failure(platform, endpoint, code)
    or answer(platform, endpoint, request, headers, part)
  return response
end

-- ------------------------------------------------------------- as a transport

--- Transport: answers in process.
function Sandbox:request(request)
  return self:handle(request)
end

--- Transport: moves the platform's clock; returns at once.
---@param seconds number
function Sandbox:sleep(seconds)
  local platform = sandboxes:of(self, "sleep")
  platform.skipped = platform.skipped + seconds
end

--- Transport: monotonic seconds.
---@return number
function Sandbox:now()
  return sandboxes:of(self, "now").now()
end

--- Transport: the platform's wall clock; bots sign by it.
---@return number unix seconds
function Sandbox:time()
  return sandboxes:of(self, "time").time()
end

-- ------------------------------------------------------- for who owns it

--- The credentials of its bot, to be given to wxbot.new.
---@return table credentials { appid, token, aes_key, access_token }
function Sandbox:credentials()
  local platform, credentials = sandboxes:of(self, "credentials"), {}
  for name in pairs(DEFAULTS) do
    credentials[name] = platform[name]
  end
  return credentials
end

--- What access tokens are fetched with, to be given to wxbot.access_token.
---@return table account { appid, secret }
function Sandbox:account()
  local platform = sandboxes:of(self, "account")
  return { appid = platform.account, secret = platform.access.secret }
end

--- The tags of a user, newest first.
---@param openid string|integer
---@return table[] tags { appid, category, label, desc }
function Sandbox:tags(openid)
  return sandboxes:of(self, "tags").tags:of(schema.id(openid))
end

--- How many users have a tag.
---@return integer
function Sandbox:tagged()
  return sandboxes:of(self, "tagged").tags.count
end

--- The messages that sendmsg has sent to a user, the newest 100, oldest first.
---@param openid string|integer
---@return table[] messages { appid, openid, msg, channel, event, kefuname, kefuavatar, ans_node_name, time }
function Sandbox:messages(openid)
  return sandboxes:of(self, "messages").kefu:sent(schema.id(openid))
end

-- The caller may change what it gave, and what is kept here changes too.
local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local copied, meta = {}, getmetatable(value) -- a list may be marked as one
  for name, member in pairs(value) do
    copied[name] = copy(member)
  end
  return type(meta) == "table" and setmetatable(copied, meta) or copied
end

local function method(name, fields, run)
  Sandbox[name] = function(self, options)
    local misuse = schema.misuse("sandbox:" .. name, fields, options or {})
    if misuse then
      error(misuse, 2)
    end
    local result, message = run(sandboxes:of(self, name),
      schema.with_ids(fields, copy(options or {})))
    if message then
      error("sandbox:" .. name .. ": " .. message, 2)
    end
    return result
  end
end

--- Starts a task, to be followed by task_fetch.
-- Result: the task_id.
method("add_task", {
  { name = "task_id", type = "string", id = true, doc = "made when nil" },
  { name = "prepare", type = "number", doc = "seconds in state 0, 2" },
  { name = "duration", type = "number", doc = "seconds in state 1, 8" },
  { name = "failure", type = "string", doc = "message of a task that fails" },
  { name = "url", type = "string", doc = "download link of an export" },
  { name = "success_skill_info", type = "list", of = "object",
    doc = "imported skills" },
  { name = "fail_skill_info", type = "list", of = "object",
    doc = "skills that failed" },
}, function(platform, options)
  return platform.jobs:add_task(options)
end)

--- Starts a publication, to be followed by freepublish_get.
-- Result: the publish_id.
method("add_publication", {
  { name = "publish_id", type = "string", id = true, doc = "made when nil" },
  { name = "duration", type = "number", doc = "seconds in state 1, 10" },
  { name = "publish_status", type = "integer", doc = "final state, 0" },
  { name = "article_id", type = "string", id = true,
    doc = "id of the article" },
  { name = "articles", type = "list", of = "string", doc = "URLs" },
  { name = "fail_idx", type = "list", of = "integer",
    doc = "numbers of the articles that fail" },
}, function(platform, options)
  return platform.jobs:add_publication(options)
end)

--- Makes the next calls fail as told.
method("fail", {
  { name = "endpoint", type = "string", doc = "its name; nil: any" },
  { name = "code", type = "integer", doc = "error code of the platform" },
  { name = "message", type = "string", doc = "text that goes with the code" },
  { name = "status", type = "integer", doc = "HTTP status" },
  { name = "headers", type = "object", doc = "headers of the response" },
  { name = "body", type = "string", doc = "body of the response" },
  { name = "times", type = "integer", doc = "how often, 1" },
}, function(platform, options)
  if options.endpoint and not endpoints.by_name[options.endpoint] then
    return nil, "endpoint: there is none named " .. options.endpoint
  end
  if not (options.code or options.status or options.body) then
    return nil, "expected code, status or body"
  elseif (options.times or 1) < 1 then
    return nil, "times must be 1 or more"
  end
  options.times = options.times or 1
  platform.faults[#platform.faults + 1] = options
end)

--- Pushes what a user, the bot or an agent says to a receiver, as the platform
-- does to the callback address. One try: the real one repeats what fails.
---@param params table url, userid, msg, msgtype, event, from, kfstate, channel, appid, assessment, customer_info, createtime, transport, timeout
---@return table|nil response { status, headers, body }
---@return any err as the transport returns it
function Sandbox:push(params)
  local platform, push = sandboxes:of(self, "push"), require "wxbot.sandbox.push"
  local misuse = schema.misuse("sandbox:push", push.fields, params)
  local request
  if not misuse then
    request, misuse = push.request(platform, params)
  end
  if misuse then
    error(misuse, 2)
  end
  local response, err = push.send(request, params)
  return response, err
end

function Sandbox:__tostring()
  return "wxbot.sandbox (" .. sandboxes:of(self, "tostring").appid .. ")"
end

return M
