--- The platform itself, in Lua: a request goes in, a response comes out.
--
-- It speaks the same bytes as the real one and is a transport, so that a bot
-- can be given it instead of a network. Its clock moves by itself and when
-- its `sleep` is called, which returns at once: nothing here ever waits.
--
-- It tells why a message does not decrypt: keys that are in use elsewhere belong
-- here only where nobody else can ask.

local as_transport = require "wxbot.sandbox.as_transport"
local delivery = require "wxbot.sandbox.delivery"
local manage = require "wxbot.sandbox.manage"
local parts = require "wxbot.sandbox.parts"
local platforms = require "wxbot.sandbox.platform"
local classes = require "wxbot.util.class"
local check = require "wxbot.call.schema.check"
local fields_of = require "wxbot.call.schema.fields"
local inspect = require "wxbot.sandbox.inspect"
local pushes = require "wxbot.sandbox.push"
local requests = require "wxbot.sandbox.requests"
local responses = require "wxbot.util.response"
local router = require "wxbot.sandbox.router"

local clock = os.clock
local error, ipairs, pairs, type = error, ipairs, pairs, type
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

--- Answers a request as the platform would, and keeps it in its record. Beside
-- what goes over the wire the response has its number there, the name of the
-- endpoint, what was decrypted, warnings, and of a refusal its code, cause_id,
-- cause, cure and values; delay (seconds) or cut (true) where a fault says so.
---@param request table { method, url, headers, body, source = who sent it, too_long = bytes that its body may have, where it has more and was not read }
---@return table response { status, headers, body, id, endpoint, decrypted, warnings, code, cause_id, cause, cure, values, delay, cut }
function Sandbox:handle(request)
  local platform = sandboxes:of(self, "handle")
  if type(request) ~= "table" or type(request.url) ~= "string"
      or type(request.headers or {}) ~= "table"
      or type(request.body or "") ~= "string" then
    error("sandbox:handle: expected { method, url, headers, body }", 2)
  end
  local began = clock()
  local response, call = router.handle(platform, request)
  local written, err = parts.commit(platform)
  response = written and response or unwritten(err)
  requests.keep(platform, request, response, call, clock() - began)
  return response
end

as_transport(Sandbox, sandboxes)

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

--- What a third-party platform is given: what its access token is fetched with,
--- and what pushes to it are sealed with.
---@return table component { appid, secret, token, aes_key }
function Sandbox:component()
  local platform = sandboxes:of(self, "component")
  local component = platform.component
  return { appid = component.appid, secret = component.secret,
    token = platform.token, aes_key = platform.aes_key }
end

--- All that is kept of a request; of texts the first 16 KiB.
---@param id integer
---@param options table|nil { secrets = true: do not mask them }
---@return table|nil request as in the list, with request_headers, body, body_bytes, decrypted, answer, answer_bytes, answer_decrypted; nil: it is not kept
function Sandbox:request_of(id, options)
  local platform = sandboxes:of(self, "request_of")
  if type(id) ~= "number" then
    error("sandbox:request_of: id must be a number (got " .. type(id) .. ")", 2)
  end
  local entry = platform.requests:get(id)
  return entry and inspect.whole(platform, entry, (options or {}).secrets)
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
    local given, err = parts.committed(platform, result)
    if err then
      return nil, err
    end
    return given
  end
end

for name, run in pairs(manage.plain) do
  Sandbox[name] = function(self, argument)
    local platform = sandboxes:of(self, name)
    local given, err = parts.committed(platform, run(platform, argument))
    if err then
      return nil, err
    end
    return given
  end
end

--- Pushes to a receiver, as the platform does: what a user, the bot or an agent
-- says (kind "kefu"), what happens at an official account, a question of a skill
-- ("service"). One try: what is pushed without being asked for, see deliver, is
-- repeated as the real one repeats it.
---@param params table kind, url, transport, timeout, late, times, and what the kind takes
---@return table|nil response { status, headers, body }
---@return any err as the transport returns it; kind "protocol" with a response whose reply the platform would not take
---@return table|nil reply what the receiver replied to the user
function Sandbox:push(params)
  local platform = sandboxes:of(self, "push")
  local reason = pushes.argument_error("sandbox:push", params)
  local response, err, reply
  if not reason then
    response, err, reply, reason = delivery.push(platform, params)
    reason = reason and "sandbox:push: " .. reason
  end
  if reason then
    error(reason, 2)
  end
  parts.commit(platform)
  return response, err, reply
end

-- A receiver that answers a push with another is not followed for ever.
local MOST = 10000

--- Delivers what the platform has to push by itself and what is due by its
-- clock, to the option callbacks: one request after another, through the option
-- transport. What was not answered with 200 is due again 5 s later, three
-- times in all; what is due together with it to the same user waits for it.
---@param most integer|nil no more requests than this
---@return integer requests that were made
function Sandbox:deliver(most)
  local platform = sandboxes:of(self, "deliver")
  if most ~= nil and type(most) ~= "number" then
    error("sandbox:deliver: most must be a number (got " .. type(most) .. ")", 2)
  end
  local count = 0
  while count < (most or MOST) and delivery.deliver(platform) do
    parts.commit(platform)
    count = count + 1
  end
  return count
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
