--- The context of calls: what a bot, a client of v2 and a token source are made
--- of, and what they hold.

local api = require "wxbot.api"
local base_url = require "wxbot.call.base_url"
local credentials = require "wxbot.call.credentials"
local errors = require "wxbot.util.errors"
local memory = require "wxbot.store.memory"
local retry = require "wxbot.call.retry"
local check = require "wxbot.call.schema.check"

local ipairs = ipairs
local require, setmetatable = require, setmetatable
local time = os.time

local M = {}

-- ------------------------------------------------------------------ options

-- What all have.
local OPTIONS = {
  { name = "appid", type = "string", doc = "The bot's APPID" },
  { name = "token", type = "string", doc = "The bot's TOKEN" },
  { name = "aes_key", type = "string", doc = "The bot's EncodingAESKey" },
  { name = "base_url", type = "string", or_type = "object",
    fields = api.services,
    doc = "http(s)://host[:port] of every service, or of some" },
  { name = "timeout", type = "number", exclusive_min = 0,
    doc = "Seconds of a whole call, repeats included (default 10)" },
  { name = "transport", type = "object", methods = { "request" },
    doc = "What reaches the network; libcurl, inside nginx cosockets" },
  { name = "retry", type = "object", or_type = "boolean",
    fields = retry.OPTIONS, doc = "What is repeated how; false: nothing" },
  { name = "on_call", type = "function",
    doc = "Told of every attempt: endpoint, attempt, status, milliseconds, "
      .. "bytes, kind, code, date" },
  { name = "clock", type = "function", doc = "Returns unix seconds" },
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

-- --------------------------------------------------------------- the context

---@class wxbot.Context
---@field name string what a sentence calls its client: "the bot"
---@field made_by string the function that takes its options: "wxbot.new"
---@field closed boolean|nil
---@field appid string|nil
---@field token string|nil the bot's TOKEN
---@field aes_key string|nil
---@field access_token string|nil|fun(rejected: string|nil, seconds: number): string|nil, any
---@field report_token nil|fun(token: string, accepted: boolean) what the platform thinks of an access token
---@field quota wxbot.Quota|nil what is known of quotas that are used up
---@field hs256 userdata|nil signs with the aes_key
---@field crypt userdata|nil encrypts messages; there is an appid
---@field raw userdata|nil encrypts bodies of v2
---@field sign string "local" | "remote": where signatures are made
---@field signatures wxbot.MemoryStore those that were fetched (wxbot.call.signature)
---@field base_url table<string, string> service -> where it is
---@field addresses table<table, string> endpoint -> its URL
---@field transport table what reaches the network
---@field timeout number seconds of a call
---@field retry wxbot.RetryPolicy
---@field newest table<string, wxbot.Call> what is set -> the newest call that does
---@field on_call nil|fun(attempt: wxbot.Attempt) told of every attempt
---@field now fun(): number seconds, of the transport
---@field clock fun(): number unix seconds

local function set_clocks(context, options)
  local transport = context.transport
  context.now = transport.now and function()
    return transport:now()
  end or time
  -- A transport that brings its own time (the sandbox) is believed.
  context.clock = options.clock or transport.time and function()
    return transport:time()
  end or time
  context.signatures = memory.new{ clock = context.clock }
end

local function context_of(options, urls, noun)
  return {
    name = "the " .. noun, made_by = "wxbot.new",
    appid = options.appid, token = options.token,
    aes_key = options.aes_key, access_token = options.access_token,
    base_url = urls, timeout = options.timeout or 10,
    transport = options.transport or require "wxbot.transport.default",
    retry = retry.new(options.retry), sign = options.sign or "local",
    on_call = options.on_call, addresses = {},
    -- One that was forgotten where it waited is not kept.
    newest = setmetatable({}, { __mode = "v" }),
  }
end

--- Makes the context of calls (wxbot.call).
---@param fields table[] the options that there are
---@param options table without an argument error
---@param noun string|nil what a sentence calls its client, the bot
---@return wxbot.Context|nil context
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(fields, options, noun)
  local err = check.invalid_value(fields, options)
  local message = credentials.invalid_value(options)
  if err then
    return nil, err
  elseif message then
    return errors.invalid(message, "value")
  end
  local urls
  urls, err = base_url.read(options.base_url)
  if not urls then
    return nil, err
  end
  local context = context_of(options, urls, noun or "bot")
  set_clocks(context, options)
  err = credentials.make_keys(context)
  return not err and context or nil, err
end

-- ----------------------------------------------------------------- its end

local function close(context)
  credentials.wipe(context)
  context.signatures, context.addresses = memory.new(), {}
  context.closed = true
end

--- Gives a class close, __close and __tostring. To close wipes the keys; every
--- later call is an error of kind "closed". The transport is left open: it may
--- serve others.
---@param objects wxbot.Class
function M.closes(objects)
  local class, kind = objects.class, objects.kind
  function class.close(client)
    close(objects:of(client, "close"))
  end
  class.__close = class.close
  function class.__tostring(client)
    local context = objects.hidden[client]
    return ("wxbot.%s (%s%s)"):format(kind, context.appid or "no appid",
      context.closed and ", closed" or "")
  end
end

return M
