--- What the answers of a sandbox share: credentials, clocks, checks and all
-- that the platform remembers.

local callbacks = require "wxbot.sandbox.callbacks"
local core = require "wxbot.core"
local demo = require "wxbot.sandbox.demo"
local errors = require "wxbot.util.errors"
local parts = require "wxbot.sandbox.parts"

local ipairs, pairs, require = ipairs, pairs, require
local clock, random, time = os.clock, math.random, os.time

local M = {}

--- The credentials of a bot that is told of none: the examples of the
-- platform's own documents.
M.credentials = {
  appid = "Gg8HejYTkUsEIlG",
  token = "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  aes_key = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz",
  access_token = "SANDBOX_ACCESS_TOKEN",
}

--- What wxbot.sandbox takes.
M.options = {
  { name = "appid", type = "string", required = false,
    doc = "The bot's APPID" },
  { name = "token", type = "string", doc = "The bot's TOKEN" },
  { name = "aes_key", type = "string", doc = "The bot's EncodingAESKey" },
  { name = "access_token", type = "string",
    doc = "Access token of the publishing interfaces" },
  { name = "secret", type = "string",
    doc = "AppSecret with which access tokens are fetched" },
  { name = "expires", type = "number",
    doc = "When the access token expires, unix seconds; nil: never" },
  { name = "skills", type = "string", or_type = "object",
    doc = "Path of a skills file, or its content as a table" },
  { name = "admins", type = "list", of = "string", id = true,
    doc = 'Ids of the administrators (default { "admin" })' },
  { name = "apps", type = "list", of = "string",
    doc = "Appids bound to the bot; nil: all that begin with wx" },
  { name = "approved", type = "boolean", doc = "Is the bot approved? (default true)" },
  { name = "authorised", type = "boolean",
    doc = "May the account use the publishing interfaces? (default true)" },
  { name = "callbacks", type = "object",
    doc = "Where it pushes to by itself: kind to URL; see deliver" },
  { name = "transport", type = "object",
    doc = "What reaches the receivers (default libcurl)" },
  { name = "state", type = "string",
    doc = "Path of a file that keeps what the platform remembers; made when "
      .. "there is none" },
  { name = "on_event", type = "function",
    doc = "Hears of each change: on_event(name, data)" },
  { name = "clock", type = "function", doc = "Returns unix seconds" },
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

-- The secrets that somebody has given, as no public examples are.
local function own_secrets(options)
  local own = { secret = options.secret }
  for _, name in ipairs{ "token", "aes_key", "access_token" } do
    if options[name] ~= M.credentials[name] then
      own[name] = options[name]
    end
  end
  return own
end

-- Wall clock and monotonic clock, both moved by what `sleep` has skipped.
local function add_clocks(platform, options)
  local wall, steady = options.clock or time, options.clock or clock
  platform.time = function()
    return wall() + platform.clock.skipped
  end
  platform.now = function()
    return steady() + platform.clock.skipped
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

local function load_skills(platform, source)
  local skillset, err = require "wxbot.sandbox.skills".load(source
    or require "wxbot.sandbox.default_skills")
  platform.skillset = skillset
  return skillset, err
end

-- Takes what a state file has, or makes one.
local function open_state(platform, path)
  local err
  platform.journal, err = require "wxbot.sandbox.state".open(platform, path)
  if platform.journal then
    callbacks.resume(platform)
  end
  return platform.journal, err
end

-- What is pushed to whom by itself.
local function add_callbacks(platform, options)
  platform.callbacks, platform.transport = {}, options.transport
  local reason = callbacks.set(platform, options.callbacks or {})
  if reason then
    return errors.invalid("callbacks: " .. reason, "callbacks")
  end
  return true
end

--- Makes the platform of a sandbox.
---@param options table checked, as described by M.options
---@return table|nil platform
---@return wxbot.Error|nil err kind "invalid"
function M.new(options)
  local platform = {}
  for name, value in pairs(M.credentials) do
    platform[name] = option(options, name, value)
  end
  platform.own = own_secrets(options)
  platform.expires = options.expires
  platform.approved = option(options, "approved", true)
  platform.authorised = option(options, "authorised", true)
  add_clocks(platform, options)
  add_checks(platform, options)
  platform.secret = options.secret or "SANDBOX_SECRET"
  platform.random = options.random or random
  platform.on_event = options.on_event
  platform.requests = require "wxbot.sandbox.requests".new()
  require "wxbot.sandbox.warnings".add(platform)
  platform.account = (options.apps or {})[1] or demo.account
  local ok, err = add_keys(platform)
  if ok then
    ok, err = load_skills(platform, options.skills)
  end
  if ok then
    ok, err = add_callbacks(platform, options)
  end
  if ok then
    parts.make(platform)
  end
  if ok and options.state then
    ok, err = open_state(platform, options.state)
  end
  return ok and platform, err
end

return M
