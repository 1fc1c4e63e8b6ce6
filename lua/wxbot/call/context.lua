--- What makes calls: its options, its private side, its methods. A bot and a
--- client of the second generation are made of this.

local core = require "wxbot.core"
local endpoints = require "wxbot.api"
local errors = require "wxbot.util.errors"
local retry = require "wxbot.call.retry"
local check = require "wxbot.call.schema.check"
local fields_of = require "wxbot.call.schema.fields"
local options_of = require "wxbot.call.schema.options"
local signature = require "wxbot.call.signature"

local error, ipairs, pairs = error, ipairs, pairs
local require, setmetatable = require, setmetatable
local time, tonumber, type = os.time, tonumber, type

local M = {}

local made = 0 -- private sides, so far

-- ------------------------------------------------------------------ options

-- What all have.
local OPTIONS = {
  { name = "appid", type = "string", doc = "the bot's APPID" },
  { name = "token", type = "string", doc = "the bot's TOKEN" },
  { name = "aes_key", type = "string", doc = "the bot's EncodingAESKey" },
  { name = "base_url", type = "string", or_type = "object", fields = {
    { name = "chatbot", type = "string" }, { name = "v2", type = "string" },
    { name = "api", type = "string" },
  }, doc = "where the services are" },
  { name = "timeout", type = "number", exclusive_min = 0,
    doc = "seconds of a whole call" },
  { name = "transport", type = "object", methods = { "request" },
    doc = "what reaches the network" },
  { name = "retry", type = "object", or_type = "boolean",
    fields = retry.OPTIONS, doc = "policy of repeats, or false" },
  { name = "on_call", type = "function", doc = "told of every attempt" },
  { name = "clock", type = "function", doc = "returns unix seconds" },
}

local CALL_OPTIONS = {
  { name = "timeout", type = "number", exclusive_min = 0,
    doc = "seconds of the whole call" },
}

--- The options that all have, or some of them, and some more.
---@param more table[]
---@param names table<string, boolean>|nil of those that are wanted
---@return table[] fields
function M.options(more, names)
  local fields = {}
  for _, field in ipairs(OPTIONS) do
    fields[#fields + 1] = (not names or names[field.name]) and field or nil
  end
  for _, field in ipairs(more) do
    fields[#fields + 1] = field
  end
  return fields
end

local function is_host(host)
  if host:find("^%[%x*:[%x:.]+%]$") then
    return true
  elseif not host:find("^[A-Za-z0-9.-]+$") or #host > 253 then
    return false
  end
  for label in (host .. "."):gmatch("([^.]*)%.") do
    if not label:find("^[A-Za-z0-9]") or label:find("-$") then
      return false
    end
  end
  return true
end

-- Scheme, host and optional port; nothing that could change a path.
local function is_base_url(url)
  local rest = url:match("^https://(.+)$") or url:match("^http://(.+)$")
  if not rest then
    return false
  end
  local host, port = rest:match("^(.-):(%d+)/?$")
  port = tonumber(port or 443)
  return port > 0 and port < 65536
    and is_host(host or rest:match("^(.-)/?$"))
end

local function base_urls(given)
  local urls = {}
  for name, default in pairs(endpoints.hosts) do
    local url = type(given) == "table" and given[name]
      or type(given) == "string" and given or default
    if not is_base_url(url) then
      return errors.invalid("base_url must be http(s)://host[:port] "
        .. "and nothing more", "value")
    end
    urls[name] = url:gsub("/$", "")
  end
  return urls
end

-- What a credential may look like; the messages never show it.
local function credential_fault(options)
  local token, appid, access = options.token, options.appid,
    options.access_token
  if token and not (token:find("^[A-Za-z0-9_-]+$") and #token <= 128) then
    return "token must be 1 to 128 letters, digits, _ or -"
  elseif appid and not (appid:find("^[A-Za-z0-9_-]+$") and #appid <= 128) then
    return "appid must be 1 to 128 letters, digits, _ or -"
  elseif type(access) == "string"
      and (access:find("[%z\1-\32\127]") or access == "" or #access > 4096) then
    return "access_token must not be empty or hold white space"
  end
end

-- The keys are made once; the bot owns them.
local function make_keys(state, options)
  local aes_key = options.aes_key
  if not aes_key then
    return true
  end
  local crypt, message = core.msgcrypt(aes_key, options.appid or "-")
  if not crypt then
    return errors.invalid("aes_key: " .. message, "aes_key")
  end
  state.hs256 = core.hs256(aes_key)
  if options.appid then
    state.crypt = crypt
  else
    crypt:close()
  end
  return true
end

local function clocks(state, options)
  local transport = state.transport
  state.now = transport.now and function()
    return transport:now()
  end or time
  -- A transport that brings its own time (the sandbox) is believed.
  state.clock = options.clock or transport.time and function()
    return transport:time()
  end or time
end

local function state_from(options, urls, noun)
  made = made + 1
  return {
    number = made, name = "the " .. noun, made_by = "wxbot.new",
    appid = options.appid, token = options.token,
    aes_key = options.aes_key, access_token = options.access_token,
    base_url = urls, timeout = options.timeout or 10,
    transport = options.transport or require "wxbot.transport.default",
    retry = retry.new(options.retry), sign = options.sign or "local",
    on_call = options.on_call, addresses = {},
    -- What is set -> the newest call that does; one that was forgotten where
    -- it waited is not kept.
    newest = setmetatable({}, { __mode = "v" }),
    signatures = signature.cache(),
  }
end

--- Makes the private side of what makes calls (wxbot.call).
---@param fields table[] the options that there are
---@param options table without an argument error
---@param noun string|nil what a sentence calls it, the bot
---@return table|nil state
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.state(fields, options, noun)
  local err = check.invalid_value(fields, options)
  local message = credential_fault(options)
  if err then
    return nil, err
  elseif message then
    return errors.invalid(message, "value")
  end
  local urls, ok
  urls, err = base_urls(options.base_url)
  if not urls then
    return nil, err
  end
  local state = state_from(options, urls, noun or "bot")
  clocks(state, options)
  ok, err = make_keys(state, options)
  return ok and state, err
end

-- ------------------------------------------------------------------ methods

-- An argument error: a message to raise.
local function argument_error(what, fields, params, options)
  return check.argument_error(what, fields, params)
    or options ~= nil and options_of.argument_error(what .. ": options",
      CALL_OPTIONS, options) or nil
end

-- What is wrong before anything is sent.
local function refused(state, fields, params)
  local err = check.invalid_value(fields, params)
  if state.closed then
    err = errors.new{ kind = "closed",
      message = state.name .. " is closed" }
  end
  return err
end

---@class wxbot.Method
---@field what string|nil what the message of an argument error begins with; the name
---@field endpoint string|nil what an error names; the name
---@field sleeps boolean|nil it cannot do without the transport's sleep
---@field failed (fun(err: wxbot.Error): wxbot.Error)|nil what more an error says

--- Gives a class a method that looks at its parameters, then runs.
---@param private wxbot.Private
---@param name string
---@param fields table[] of its parameters
---@param run fun(state: table, params: table, options: table): any, wxbot.Error|nil
---@param more wxbot.Method|nil
function M.method(private, name, fields, run, more)
  more = more or {}
  local what = more.what or name
  private.class[name] = function(client, params, options)
    params = params or {}
    local state = private:of(client, name)
    local message = argument_error(what, fields, params, options)
    if not message and more.sleeps and not state.transport.sleep then
      message = what .. ": the transport has no sleep"
    end
    if message then
      error(message, 2)
    end
    params = fields_of.with_ids(fields, params)
    local result
    local err = refused(state, fields, params)
    if err then
      err.endpoint, err.sent = more.endpoint or name, false
      return nil, more.failed and more.failed(err) or err
    end
    -- Not a tail call: the position of a mistake would be lost.
    result, err = run(state, params, options or {})
    return result, err
  end
end

--- The fields of some endpoints, without those that are filled in by a method;
--- what two of them have is there once.
---@param names string[] of endpoints
---@param without table<string, boolean>
---@param more table[]|nil fields
---@return table[] fields
function M.fields(names, without, more)
  local fields, left_out = {}, {}
  for name in pairs(without) do
    left_out[name] = true
  end
  for _, name in ipairs(names) do
    for _, field in ipairs(endpoints.by_name[name].request) do
      if not left_out[field.name] then
        fields[#fields + 1], left_out[field.name] = field, true
      end
    end
  end
  for _, field in ipairs(more or {}) do
    fields[#fields + 1] = field
  end
  return fields
end

local WAIT_FIELDS = {
  { name = "timeout", type = "number", exclusive_min = 0,
    doc = "seconds to wait at most" },
  { name = "interval", type = "number", exclusive_min = 0,
    doc = "seconds before the second query" },
  { name = "max_interval", type = "number", exclusive_min = 0,
    doc = "longest pause, seconds" },
  { name = "max_attempts", type = "integer", exclusive_min = 0,
    doc = "queries at most, repeats included" },
  { name = "on_progress", type = "function",
    doc = "called with each answer" },
}

--- The fields of a method that follows what an endpoint tells of.
---@param name string endpoint
---@return table[] fields
function M.waiting(name)
  return M.fields({ name }, {}, WAIT_FIELDS)
end

local TIERS = { FAQ = "answer", CONTEXT_FAQ = "answer",
  GENERAL_FAQ = "answer", FAQ_RECOMMEND = "recommend", NOMATCH = "miss" }

--- How good an answer is.
---@param reply table with status, options and text
---@return string tier "answer" | "recommend" | "miss"
function M.tier_of(reply)
  if TIERS[reply.status] then
    return TIERS[reply.status]
  elseif #reply.options > 0 then
    return "recommend"
  end
  return reply.text ~= "" and "answer" or "miss"
end

-- ----------------------------------------------------------------- its end

local KEYS = { "crypt", "hs256", "raw" }

local function close(state)
  for _, name in ipairs(KEYS) do
    if state[name] then
      state[name]:close()
      state[name] = nil
    end
  end
  state.token, state.aes_key, state.access_token = nil, nil, nil
  state.report_token = nil
  state.signatures, state.addresses = signature.cache(), {}
  state.closed = true
end

--- Gives a class close, __close and __tostring. To close wipes the keys; every
--- later call is an error of kind "closed". The transport is left open: it may
--- serve others.
---@param private wxbot.Private
function M.closes(private)
  local class, kind = private.class, private.kind
  function class.close(client)
    close(private:of(client, "close"))
  end
  class.__close = class.close
  function class.__tostring(client)
    local state = private.sides[client]
    return ("wxbot.%s (%s%s)"):format(kind, state.appid or "no appid",
      state.closed and ", closed" or "")
  end
end

return M
