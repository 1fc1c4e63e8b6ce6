--- A bot: credentials, a transport, and one method per endpoint.

local call = require "wxbot.call"
local core = require "wxbot.core"
local endpoints = require "wxbot.endpoint"
local errors = require "wxbot.error"
local import = require "wxbot.import"
local publications = require "wxbot.publications"
local retry = require "wxbot.retry"
local schema = require "wxbot.schema"
local signature = require "wxbot.signature"
local tag = require "wxbot.tag"
local turn = require "wxbot.turn"
local wait = require "wxbot.wait"

local error, ipairs, pairs = error, ipairs, pairs
local require = require
local setmetatable, time = setmetatable, os.time
local tonumber, tostring, type = tonumber, tostring, type

local M = {}

---@class wxbot.Bot
local Bot = { __name = "wxbot.bot" }
Bot.__index = Bot
Bot.__metatable = "wxbot.bot"

-- The private side of every bot. Kept apart, so that no walk through a bot's
-- fields meets a credential.
local states = setmetatable({}, { __mode = "k" })
local made = 0 -- bots, so far

-- ------------------------------------------------------------------ options

local SERVICES = {
  chatbot = "https://chatbot.weixin.qq.com",
  v2 = "https://openaiapi.weixin.qq.com",
  api = "https://api.weixin.qq.com",
}

local OPTIONS = {
  { name = "appid", type = "string", doc = "the bot's APPID" },
  { name = "token", type = "string", doc = "the bot's TOKEN" },
  { name = "aes_key", type = "string", doc = "the bot's EncodingAESKey" },
  { name = "access_token", type = "string", or_type = "function",
    doc = "access token of api.weixin.qq.com, or what gets one" },
  { name = "base_url", type = "string", or_type = "object",
    doc = "where the services are" },
  { name = "timeout", type = "number", doc = "seconds of a whole call" },
  { name = "transport", type = "object", doc = "what reaches the network" },
  { name = "retry", type = "object", or_type = "boolean",
    doc = "policy of repeats, or false" },
  { name = "sign", type = "string", values = { "local", "remote" },
    doc = "where signatures are made" },
  { name = "on_call", type = "function", doc = "told of every attempt" },
  { name = "clock", type = "function", doc = "returns unix seconds" },
}

local CALL_OPTIONS = {
  { name = "timeout", type = "number", doc = "seconds of the whole call" },
}

local function base_url_misuse(urls)
  for name, url in pairs(urls) do
    if not SERVICES[name] then
      return "base_url: unknown name " .. tostring(name)
        .. ": expected chatbot, v2, api"
    elseif type(url) ~= "string" then
      return ("base_url.%s must be a string (got %s)"):format(name, type(url))
    end
  end
end

--- Names what is wrong with options of what makes calls.
---@param what string what the message begins with
---@param fields table[] the options that there are
---@param options any
---@return string|nil message
function M.misuse(what, fields, options)
  local message = schema.misuse(what, fields, options)
  if message then
    return message
  end
  local transport = options.transport
  if transport and type(transport.request) ~= "function" then
    message = "transport must have a method request"
  elseif options.timeout and options.timeout <= 0 then
    message = "timeout must be greater than 0"
  end
  message = message or retry.misuse(options.retry)
  if not message and type(options.base_url) == "table" then
    message = base_url_misuse(options.base_url)
  end
  return message and what .. ": " .. message
end

-- A keeper of access tokens is asked by its method get.
local function with_function(options)
  local keeper = options.access_token
  if type(keeper) ~= "table" or type(keeper.get) ~= "function" then
    return options
  end
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.access_token = function(rejected)
    return keeper:get(rejected)
  end
  return copy
end

local function is_host(host)
  if host:find("^%[%x*:[%x:.]+%]$") then
    return true
  elseif not host:find("^[%w.-]+$") or #host > 253 then
    return false
  end
  for label in (host .. "."):gmatch("([^.]*)%.") do
    if not label:find("^%w") or label:find("-$") then
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
  for name, default in pairs(SERVICES) do
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
  if token and not (token:find("^[%w_-]+$") and #token <= 128) then
    return "token must be 1 to 128 letters, digits, _ or -"
  elseif appid and not (appid:find("^[%w_-]+$") and #appid <= 128) then
    return "appid must be 1 to 128 letters, digits, _ or -"
  elseif type(access) == "string"
      and (access:find("[%c%s]") or access == "" or #access > 4096) then
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

-- What is wrong with the values of options.
local function value_fault(options)
  local _, err = schema.fault(OPTIONS, options)
  local message = credential_fault(options)
  if not err and message then
    _, err = errors.invalid(message, "value")
  end
  return err
end

local function state_from(options, urls)
  made = made + 1
  return {
    number = made,
    appid = options.appid, token = options.token,
    aes_key = options.aes_key, access_token = options.access_token,
    base_url = urls, timeout = options.timeout or 10,
    transport = options.transport or require "wxbot.transport.default",
    retry = retry.new(options.retry), sign = options.sign or "local",
    on_call = options.on_call, settings = {}, addresses = {},
    signatures = signature.cache(),
  }
end

--- Makes the private side of what makes calls (wxbot.call).
---@param options table without misuse
---@return table|nil state
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.state(options)
  local err = value_fault(options)
  if err then
    return nil, err
  end
  local urls, ok
  urls, err = base_urls(options.base_url)
  if not urls then
    return nil, err
  end
  local state = state_from(options, urls)
  clocks(state, options)
  ok, err = make_keys(state, options)
  return ok and state, err
end

--- Makes a bot.
---@param options table|nil see README, Options
---@return wxbot.Bot|nil bot
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options)
  options = options or {}
  if type(options) == "table" then
    options = with_function(options)
  end
  local message = M.misuse("wxbot.new", OPTIONS, options)
  if message then
    error(message, 3)
  end
  local state, err = M.state(options)
  if not state then
    return nil, err
  end
  local bot = setmetatable({}, Bot)
  states[bot] = state
  return bot
end

function Bot:__tostring()
  local state = states[self]
  return "wxbot.bot (" .. (state.appid or "no appid")
    .. (state.closed and ", closed" or "") .. ")"
end

-- ------------------------------------------------------------------ methods

local function state_of(bot, name)
  local state = states[bot]
  if not state then
    error(("%s: call it with a colon: bot:%s{…}"):format(name, name), 3)
  end
  return state
end

--- What is wrong before anything is sent: a message to raise, or an error.
---@param state table
---@param name string endpoint
---@param fields table[] of its parameters
---@param params any
---@param options any of the call
---@return string|nil misuse
---@return wxbot.Error|nil err
function M.refused(state, name, fields, params, options)
  local misuse = schema.misuse(name, fields, params)
    or options ~= nil and schema.misuse(name .. ": options", CALL_OPTIONS,
      options) or nil
  if misuse then
    return misuse
  elseif options and options.timeout and options.timeout <= 0 then
    return name .. ": options: timeout must be greater than 0"
  end
  local _, err = schema.fault(fields, params)
  if state.closed then
    err = errors.new{ kind = "closed", sent = false,
      message = "the bot is closed" }
  end
  if err then
    err.endpoint, err.sent = name, false
  end
  return nil, err
end

-- `more` may name what else is misuse, and what else an error has to say.
local function method(name, fields, run, more)
  more = more or {}
  Bot[name] = function(bot, params, options)
    local state = state_of(bot, name)
    local misuse, err = M.refused(state, name, fields, params, options)
    misuse = misuse or more.misuse and more.misuse(state, name)
    if misuse then
      error(misuse, 2)
    elseif err then
      return nil, more.failed and more.failed(err) or err
    end
    -- Not a tail call: the position of a mistake would be lost.
    local result
    result, err = run(state, params, options or {})
    return result, err
  end
end

for _, endpoint in ipairs(endpoints.list) do
  method(endpoint.name, endpoint.request, function(state, params, options)
    return call.run(state, endpoint, params, options)
  end)
end

-- Of what imports any number of questions.
local IMPORTING = {
  { name = "batch", type = "integer", above = 0,
    doc = "questions in one request, 100" },
  { name = "on_progress", type = "function",
    doc = "called with (done, total, task_ids) after each request" },
}

-- The fields of some endpoints, without those that are filled in here.
local function fields_of(names, without, more)
  local fields = {}
  for _, name in ipairs(names) do
    for _, field in ipairs(endpoints.by_name[name].request) do
      if not without[field.name] then
        fields[#fields + 1] = field
      end
    end
  end
  for _, field in ipairs(more or {}) do
    fields[#fields + 1] = field
  end
  return fields
end

--- Fields of the methods above the endpoints; the command line reads them.
M.fields = {
  ask = fields_of({ "sign", "aibot" }, { signature = true }),
  tag = fields_of({ "label_batchset" }, { list = true }, {
    { name = "list", type = "list", of = "string", or_type = "function",
      required = true, doc = "openids, or a function that returns the next" },
    { name = "batch", type = "integer", above = 0,
      doc = "openids in one call, 50" },
    { name = "on_progress", type = "function",
      doc = "called with (done, total) after each batch" },
    { name = "parallel", type = "integer", above = 0,
      doc = "batches on their way at once, in a loop; 4" },
  }),
  import = fields_of({ "batchimportskill" }, { skill = true }, {
    { name = "skill", type = "list", of = "object", or_type = "function",
      fields = import.kinds.batchimportskill.fields, required = true,
      doc = "questions with their answers, or a function that returns the next" },
    IMPORTING[1], IMPORTING[2],
  }),
  v2_import = fields_of({ "v2_import" }, { data = true }, {
    { name = "data", type = "list", of = "object", or_type = "function",
      fields = import.kinds.v2_import.fields, required = true,
      doc = "questions with their answers, or a function that returns the next" },
    IMPORTING[1], IMPORTING[2],
  }),
  publications = {
    { name = "offset", type = "integer", least = 0,
      doc = "how many to leave out, 0" },
    { name = "count", type = "integer", least = 1, most = 20,
      doc = "how many to get at once, 20" },
    { name = "no_content", type = "integer", least = 0, most = 1,
      doc = "1: without the content of the articles" },
  },
}

local WAIT_FIELDS = {
  { name = "timeout", type = "number", above = 0,
    doc = "seconds to wait at most" },
  { name = "interval", type = "number", above = 0,
    doc = "seconds before the second query" },
  { name = "max_interval", type = "number", above = 0,
    doc = "longest pause, seconds" },
  { name = "max_attempts", type = "integer", above = 0,
    doc = "queries at most, repeats included" },
  { name = "on_progress", type = "function",
    doc = "called with each answer" },
}

--- The fields of a method that follows what an endpoint tells of.
---@param name string endpoint
---@return table[] fields
function M.waiting(name)
  return fields_of({ name }, {}, WAIT_FIELDS)
end

M.fields.wait_task = M.waiting("task_fetch")
M.fields.wait_publish = M.waiting("freepublish_get")
M.fields.wait_publish_progress = M.waiting("publish_progress")

local TIERS = { FAQ = "answer", CONTEXT_FAQ = "answer",
  GENERAL_FAQ = "answer", FAQ_RECOMMEND = "recommend", NOMATCH = "miss" }

--- How good an answer is.
---@param reply table with status, options and answer
---@return string tier "answer" | "recommend" | "miss"
function M.tier_of(reply)
  if TIERS[reply.status] then
    return TIERS[reply.status]
  elseif #reply.options > 0 then
    return "recommend"
  end
  return (reply.answer or "") ~= "" and "answer" or "miss"
end

local function question(params, signed)
  return { signature = signed, query = params.query, env = params.env,
    first_priority_skills = params.first_priority_skills,
    second_priority_skills = params.second_priority_skills }
end

local function ask_by(ends, state, params)
  local signed, err = signature.of(state, params,
    { timeout = ends - state.now() })
  if not signed then
    return nil, err
  end
  local reply
  reply, err = call.run(state, endpoints.by_name.aibot,
    question(params, signed), {
      timeout = ends - state.now(),
      -- A wrong clock is the usual cause; the platform's own is right.
      renew = function()
        local fresh, why = signature.fetch(state, params,
          { timeout = ends - state.now() })
        if fresh then
          return question(params, fresh)
        end
        return nil, why
      end,
    })
  if not reply then
    return nil, err
  end
  reply.tier = M.tier_of(reply)
  return reply
end

-- The dialogue has a context: where calls may overlap, those of one user
-- go one after another.
local function ask(state, params, options)
  local timeout = options.timeout or state.timeout
  local reply, err = turn.take(state, params.userid, "aibot", timeout, ask_by,
    state.now() + timeout, state, params)
  return reply, err
end

local function cannot_sleep(state, name)
  return not state.transport.sleep
    and name .. ": the transport has no sleep" or nil
end

--- Asks the bot as a user; the signature is made on the way.
---@class wxbot.Ask
---@field userid string id of the user, any value
---@field query string message of the user
---@field username string|nil nickname of the user
---@field avatar string|nil URL of the user's avatar
---@field env string|nil "online" (default) | "debug"
---@field first_priority_skills string[]|nil match only content of these skills
---@field second_priority_skills string[]|nil the same, with lower priority
-- Result: the fields of aibot, and tier: "answer" | "recommend" | "miss".
method("ask", M.fields.ask, ask)

--- Tags any number of users, batch by batch.
-- Result: { done, batches }. A failure has done (how many are tagged), next
-- (number of the openid to go on with) and batch (the openids that failed).
method("tag", M.fields.tag, tag.run, { failed = tag.failed })

--- Imports any number of questions, request by request.
-- Result: { done, batches, task_ids }. A failure has done (how many were handed
-- over), next (number of the question to go on with), batch (the questions of
-- the request that failed) and task_ids.
method("import", M.fields.import, function(state, params, options)
  return import.run(state, "batchimportskill", params, options)
end, { misuse = cannot_sleep })

--- Iterates over everything that was published, newest or oldest first as the
-- platform has it: for item, err in bot:publications{} do … end. A failure comes
-- as false, err and ends it.
method("publications", M.fields.publications, publications.each)

--- Follows the publishing of the bot until it has ended in success.
-- Result: as publish_progress.
method("wait_publish_progress", M.fields.wait_publish_progress,
  function(state, params, options)
    return wait.run(state, "publish_progress", params, options)
  end, { misuse = cannot_sleep })

--- Follows a task until it has ended in success.
-- Result: as task_fetch. A task that failed is an error with `result`.
method("wait_task", M.fields.wait_task, function(state, params, options)
  return wait.run(state, "task_fetch", params, options)
end, { misuse = cannot_sleep })

--- Follows a publication until it has ended in success.
-- Result: as freepublish_get. A publication that failed is an error with
-- `result`.
method("wait_publish", M.fields.wait_publish, function(state, params, options)
  return wait.run(state, "freepublish_get", params, options)
end, { misuse = cannot_sleep })

--- Wipes the keys; every later call is an error of kind "closed".
-- The transport is left open: it may serve others.
function Bot:close()
  local state = state_of(self, "close")
  for _, key in ipairs{ "crypt", "hs256" } do
    if state[key] then
      state[key]:close()
      state[key] = nil
    end
  end
  state.token, state.aes_key, state.access_token = nil, nil, nil
  state.signatures, state.addresses = signature.cache(), {}
  state.closed = true
end

Bot.__close = Bot.close

return M
