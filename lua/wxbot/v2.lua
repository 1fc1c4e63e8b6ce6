--- A client of the platform's second generation.
--
-- The access token is fetched when it is first needed and kept; a token that
-- was refused, or is old, is replaced, by one fetch for all who wait.

local bots = require "wxbot.bot"
local call = require "wxbot.call"
local core = require "wxbot.core"
local endpoints = require "wxbot.endpoint"
local import = require "wxbot.import"
local schema = require "wxbot.schema"
local turn = require "wxbot.turn"
local wait = require "wxbot.wait"

local error, ipairs = error, ipairs
local setmetatable = setmetatable

local M = {}

---@class wxbot.V2
local V2 = { __name = "wxbot.v2" }
V2.__index = V2
V2.__metatable = "wxbot.v2"

local states = setmetatable({}, { __mode = "k" })

-- The documents say two hours.
local LIFE = 100 * 60

local OPTIONS = {
  { name = "appid", type = "string", doc = "the bot's APPID" },
  { name = "token", type = "string", doc = "the bot's TOKEN" },
  { name = "aes_key", type = "string", doc = "the bot's EncodingAESKey" },
  { name = "account", type = "string", doc = "id of an administrator" },
  { name = "base_url", type = "string", or_type = "object",
    doc = "where the service is" },
  { name = "timeout", type = "number", doc = "seconds of a whole call" },
  { name = "transport", type = "object", doc = "what reaches the network" },
  { name = "retry", type = "object", or_type = "boolean",
    doc = "policy of repeats, or false" },
  { name = "on_call", type = "function", doc = "told of every attempt" },
  { name = "clock", type = "function", doc = "returns unix seconds" },
}

-- The current access token, unless it is the rejected one or too old.
local function usable(state, rejected)
  if state.kept and state.kept ~= rejected
      and state.now() - state.fetched < LIFE then
    return state.kept
  end
end

local function fetch(state, timeout)
  local result, err = call.run(state, endpoints.by_name.v2_token,
    { account = state.account }, { timeout = timeout })
  if not result then
    return nil, err
  end
  state.kept, state.fetched = result.access_token, state.now()
  return state.kept
end

local function keeper(state)
  return function(rejected, timeout)
    local token, err = usable(state, rejected), nil
    if not token then
      timeout = timeout or state.timeout
      token, err = turn.share(state, state, "v2_token", timeout, fetch, state,
        timeout)
    end
    return token, err
  end
end

-- Options as the private side of a bot takes them.
local function for_state(options)
  local copy = {}
  for _, field in ipairs(OPTIONS) do
    copy[field.name] = options[field.name]
  end
  copy.account = nil -- v2's own
  return copy
end

--- Makes a client.
---@param options table|nil appid, token, aes_key, account, base_url, timeout, transport, retry, on_call, clock
---@return wxbot.V2|nil client
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options)
  options = options or {}
  local misuse = bots.misuse("wxbot.v2", OPTIONS, options)
  if misuse then
    error(misuse, 3)
  end
  local _, err = schema.fault(OPTIONS, options)
  if err then
    return nil, err
  end
  local state
  state, err = bots.state(for_state(options))
  if not state then
    return nil, err
  end
  state.raw = options.aes_key and core.rawcrypt(options.aes_key) or nil
  state.account = options.account
  state.access_token = keeper(state)
  local client = setmetatable({}, V2)
  states[client] = state
  return client
end

function V2:__tostring()
  local state = states[self]
  return "wxbot.v2 (" .. (state.appid or "no appid")
    .. (state.closed and ", closed" or "") .. ")"
end

local function state_of(client, name)
  local state = states[client]
  if not state then
    error(("v2:%s: call it with a colon: v2:%s{…}"):format(name, name), 3)
  end
  return state
end

local function method(name, endpoint, fields, run, needs_sleep)
  V2[name] = function(client, params, options)
    params = params or {}
    local state = state_of(client, name)
    local misuse, err = bots.refused(state, endpoint.name, fields, params,
      options)
    if not misuse and needs_sleep and not state.transport.sleep then
      misuse = "v2:" .. name .. ": the transport has no sleep"
    end
    if misuse then
      error(misuse, 2)
    elseif err then
      return nil, err
    end
    -- Not a tail call: the position of a mistake would be lost.
    local result
    result, err = run(state, endpoint, params, options or {})
    return result, err
  end
end

local function query(state, endpoint, params, options)
  local reply, err = call.run(state, endpoint, params, options)
  if not reply then
    return nil, err
  end
  reply.tier = bots.tier_of(reply)
  return reply
end

-- The dialogue has a context: the calls of one user do not overlap.
local function ask(state, endpoint, params, options)
  if not params.userid then
    local reply, err = query(state, endpoint, params, options)
    return reply, err
  end
  local timeout = options.timeout or state.timeout
  local reply, err = turn.take(state, "user " .. params.userid, endpoint.name,
    timeout, query, state, endpoint, params, options)
  return reply, err
end

local function run(state, endpoint, params, options)
  local result, err = call.run(state, endpoint, params, options)
  return result, err
end

local function follow(state, endpoint, params, options)
  local result, err = wait.run(state, endpoint.name, params, options)
  return result, err
end

--- v2:import{ mode, data }, v2:fetch{ task_id }, v2:publish(),
-- v2:progress{ env }: as the endpoints.
for _, endpoint in ipairs(endpoints.v2) do
  method(endpoint.name:sub(#"v2_" + 1), endpoint, endpoint.request, run)
end

V2.token = nil -- the client's own business

--- Asks the bot.
-- Result: as v2_query, and tier: "answer" | "recommend" | "miss".
method("query", endpoints.by_name.v2_query,
  endpoints.by_name.v2_query.request, ask)

--- Imports any number of questions, request by request.
-- Result: { done, batches, task_ids }. A failure has done (how many were handed
-- over), next (number of the question to go on with), batch (the questions of
-- the request that failed) and task_ids.
method("import_all", endpoints.by_name.v2_import, bots.fields.v2_import,
  function(state, endpoint, params, options)
    local result, err = import.run(state, endpoint.name, params, options)
    return result, err
  end, true)

--- Follows a task until it has ended in success.
-- Result: as v2_fetch. A task that failed is an error with `result`.
method("wait", endpoints.by_name.v2_fetch,
  bots.waiting("v2_fetch"), follow, true)

--- Follows the publishing of the bot until it has ended in success.
-- Result: as v2_progress.
method("wait_publish", endpoints.by_name.v2_progress,
  bots.waiting("v2_progress"), follow, true)

--- Wipes the keys; every later call is an error of kind "closed".
function V2:close()
  local state = state_of(self, "close")
  for _, key in ipairs{ "crypt", "hs256", "raw" } do
    if state[key] then
      state[key]:close()
      state[key] = nil
    end
  end
  state.token, state.aes_key, state.kept = nil, nil, nil
  state.access_token, state.addresses = nil, {}
  state.closed = true
end

V2.__close = V2.close

return M
