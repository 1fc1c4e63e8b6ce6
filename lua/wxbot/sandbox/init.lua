--- The platform itself, in Lua: a request goes in, a response comes out.
--
-- It speaks the same bytes as the real one and is a transport, so that a bot
-- can be given it instead of a network. Its clock moves by itself and when
-- its `sleep` is called, which returns at once: nothing here ever waits.
--
-- It tells callers apart who seal for another bot, as the real platform does;
-- so never give it keys that are in use elsewhere, and keep it on loopback.

local errors = require "wxbot.util.errors"
local manage = require "wxbot.sandbox.manage"
local parts = require "wxbot.sandbox.parts"
local platforms = require "wxbot.sandbox.platform"
local classes = require "wxbot.util.class"
local check = require "wxbot.call.schema.check"
local fields_of = require "wxbot.call.schema.fields"
local responses = require "wxbot.util.response"
local router = require "wxbot.sandbox.router"

local error, ipairs, pairs, require = error, ipairs, pairs, require
local type = type
local getmetatable, setmetatable = getmetatable, setmetatable

local M = {}

---@class wxbot.Sandbox
local Sandbox, sandboxes = classes.class("sandbox")

--- Makes an embedded platform.
---@param options table|nil appid, token, aes_key, access_token, secret, expires, skills, admins, apps, approved, authorised, clock, random
---@return wxbot.Sandbox|nil sandbox
---@return wxbot.Error|nil err kind "invalid"
function M.new(options)
  options = options or {}
  local reason = check.argument_error("wxbot.sandbox", platforms.options, options)
  if reason then
    error(reason, 3)
  end
  local platform, err = platforms.new(fields_of.with_ids(platforms.options,
    options))
  if not platform then
    return nil, err
  end
  return sandboxes:new(platform)
end

--- Names the endpoints that a sandbox has no answer for, and says why.
M.unanswered = router.unanswered

-- The platform remembers what it has not written down: better that nobody
-- relies on it.
local function unwritten(err)
  return responses.text(503, "503 the state could not be kept: "
    .. err.message .. "\n")
end

--- Answers a request as the platform would.
---@param request table { method, url, headers, body }
---@return table response { status, headers, body }, and delay (seconds) or cut (true) where a fault says so
function Sandbox:handle(request)
  local platform = sandboxes:of(self, "handle")
  if type(request) ~= "table" or type(request.url) ~= "string"
      or type(request.headers or {}) ~= "table"
      or type(request.body or "") ~= "string" then
    error("sandbox:handle: expected { method, url, headers, body }", 2)
  end
  local response = router.handle(platform, request)
  local written, err = parts.commit(platform)
  return written and response or unwritten(err)
end

-- Gives what a method has to say, true if nothing, once what it changed is
-- written down.
local function committed(platform, result)
  local written, err = parts.commit(platform)
  if not written then
    return nil, err
  end
  return result == nil and true or result
end

-- ------------------------------------------------------------- as a transport

-- What a caller hears of a connection that was cut, or of an answer that comes
-- too late: whether the platform got the call is unknown.
local function lost(kind, message)
  return nil, errors.new{ kind = kind, code = kind == "timeout" and "timeout"
    or "reset", message = message }
end

--- Transport: answers in process. A late answer moves the clock.
---@param request table
---@return table|nil response
---@return wxbot.Error|nil err
function Sandbox:request(request)
  local response = self:handle(request)
  local delay, timeout = response.delay, request.timeout
  if delay and timeout and delay >= timeout then
    self:sleep(timeout)
    return lost("timeout", "no answer in time")
  elseif delay then
    self:sleep(delay)
  end
  if response.cut then
    return lost("transport", "the connection was cut")
  end
  return response
end

--- Transport: moves the platform's clock; returns at once.
---@param seconds number
function Sandbox:sleep(seconds)
  local platform = sandboxes:of(self, "sleep")
  platform.clock:skip(seconds)
  local done, err = committed(platform)
  return done, err
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

-- ------------------------------------------------------------ for who runs it

--- The credentials of its bot, to be given to wxbot.new.
---@return table credentials { appid, token, aes_key, access_token }
function Sandbox:credentials()
  local platform, credentials = sandboxes:of(self, "credentials"), {}
  for name in pairs(platforms.credentials) do
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

manage.copy = copy

--- What methods take, by name.
M.options = {}

for _, entry in ipairs(manage.methods) do
  local name, fields, run = entry[1], entry[2], entry[3]
  M.options[name] = fields
  Sandbox[name] = function(self, options)
    local reason = check.argument_error("sandbox:" .. name, fields, options or {})
    if reason then
      error(reason, 2)
    end
    local platform = sandboxes:of(self, name)
    local result, message = run(platform, fields_of.with_ids(fields,
      copy(options or {})))
    if message then
      error("sandbox:" .. name .. ": " .. message, 2)
    end
    local given, err = committed(platform, result)
    if err then
      return nil, err
    end
    return given
  end
end

for name, run in pairs(manage.plain) do
  Sandbox[name] = function(self, argument)
    local platform = sandboxes:of(self, name)
    local given, err = committed(platform, run(platform, argument))
    if err then
      return nil, err
    end
    return given
  end
end

--- Pushes what a user, the bot or an agent says to a receiver, as the platform
-- does to the callback address. One try: the real one repeats what fails.
---@param params table url, userid, msg, msgtype, event, from, kfstate, channel, appid, assessment, customer_info, createtime, transport, timeout
---@return table|nil response { status, headers, body }
---@return any err as the transport returns it
function Sandbox:push(params)
  local platform, push = sandboxes:of(self, "push"), require "wxbot.sandbox.push"
  local reason = check.argument_error("sandbox:push", push.fields, params)
  local request
  if not reason then
    request, reason = push.request(platform, params)
  end
  if reason then
    error(reason, 2)
  end
  local response, err = push.send(request, params)
  return response, err
end

--- Has it talk about other skills from now on. What is wrong with them is
--- named, with the line in a file, and the old ones stay. What was imported
--- stays.
---@param source string|table path of a skills file, or what one holds
---@return true|nil done
---@return wxbot.Error|nil err kind "invalid"
function Sandbox:load_skills(source)
  local platform = sandboxes:of(self, "load_skills")
  if type(source) ~= "string" and type(source) ~= "table" then
    error("sandbox:load_skills: expected a path or a table, got "
      .. type(source), 2)
  end
  local skillset, err = require "wxbot.sandbox.skills".load(source)
  if not skillset then
    return nil, err
  end
  parts.renew_skills(platform, skillset)
  return true
end

--- Closes the state file, if it has one; the sandbox is of no use afterwards.
function Sandbox:close()
  local platform = sandboxes:shut(self)
  if platform and platform.journal then
    platform.journal:close()
  end
end

function Sandbox:__tostring()
  return "wxbot.sandbox (" .. sandboxes:of(self, "tostring").appid .. ")"
end

return M
