--- A client of the platform's second generation. Its access token is kept as
--- those of accounts are.

local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local clients = require "wxbot.call.context"
local core = require "wxbot.core"
local endpoints = require "wxbot.api"
local import = require "wxbot.client.import"
local mutex = require "wxbot.util.mutex"
local private = require "wxbot.util.class"
local schema = require "wxbot.call.schema"
local sources = require "wxbot.auth.source"
local stores = require "wxbot.store"
local tokens = require "wxbot.auth.v2"
local wait = require "wxbot.client.wait"

local error, ipairs = error, ipairs

local M = {}

---@class wxbot.V2
local _, v2 = private.class("v2", "client")

local OPTIONS = clients.options{
  { name = "account", type = "string", id = true,
    doc = "id of an administrator" },
  { name = "store", type = "object", doc = "where access tokens are shared" },
}

--- Makes a client.
---@param options table|nil appid, token, aes_key, account, store, base_url, timeout, transport, retry, on_call, clock
---@return wxbot.V2|nil client
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options)
  options = options or {}
  local misuse = clients.misuse("wxbot.v2", OPTIONS, options)
    or stores.misuse("wxbot.v2", options.store, sources.uses)
  if misuse then
    error(misuse, 3)
  end
  options = schema.with_ids(OPTIONS, options)
  local state, err = clients.state(OPTIONS, options, v2.noun)
  if not state then
    return nil, err
  end
  state.raw = options.aes_key and core.rawcrypt(options.aes_key) or nil
  state.made_by = "wxbot.v2"
  tokens.attach(state, options)
  return v2:new(state)
end

-- ------------------------------------------------------------------ methods

--- Fields of the methods above the endpoints; the reference reads them.
M.fields = {
  import_all = clients.fields({ "v2_import" }, { data = true }, {
    { name = "data", type = "list", of = "object", or_type = "function",
      fields = import.kinds.v2_import.field.fields, required = true,
      doc = "questions with their answers, or a function that returns the next" },
    import.batch, import.on_progress,
  }),
  wait = clients.waiting("v2_fetch"),
  wait_publish = clients.waiting("v2_progress"),
}

local function method(endpoint, name, fields, run, sleeps)
  clients.method(v2, name, fields, run, { what = "v2:" .. name,
    endpoint = endpoint.name, sleeps = sleeps })
end

local function query(state, params, options)
  local reply, err = call.run(state, by_name.v2_query, params, options)
  if not reply then
    return nil, err
  end
  reply.tier = clients.tier_of(reply)
  return reply
end

-- The dialogue has a context: the calls of one user do not overlap.
local function ask(state, params, options)
  if not params.userid then
    local reply, err = query(state, params, options)
    return reply, err
  end
  local reply, err = mutex.run(state, "user " .. params.userid, "v2_query",
    options.timeout or state.timeout, query, state, params, options)
  return reply, err
end

--- v2:import{ mode, data }, v2:fetch{ task_id }, v2:publish(),
-- v2:progress{ env }: as the endpoints.
for _, endpoint in ipairs(endpoints.v2) do
  method(endpoint, endpoints.method_of(endpoint), endpoint.request,
    function(state, params, options)
      return call.run(state, endpoint, params, options)
    end)
end

--- Asks the bot.
-- Result: as the endpoint, and tier: "answer" | "recommend" | "miss".
method(by_name.v2_query, "query", by_name.v2_query.request, ask)

--- Imports any number of questions, request by request.
-- Result: { done, batches, task_ids }. A failure has done (how many were handed
-- over), next (number of the question to go on with), batch (the questions of
-- the request that failed, and what else an iterator has given) and task_ids.
method(by_name.v2_import, "import_all", M.fields.import_all,
  function(state, params, options)
    local result, err = import.run(state, "v2_import", params, options)
    return result, err
  end, true)

--- Follows a task until it has ended in success.
-- Result: as v2:fetch. A task that failed is an error with `result`.
method(by_name.v2_fetch, "wait", M.fields.wait,
  wait.following("v2_fetch"), true)

--- Follows the publishing of the bot until it has ended in success.
-- Result: as v2:progress.
method(by_name.v2_progress, "wait_publish", M.fields.wait_publish,
  wait.following("v2_progress"), true)

clients.closes(v2)

return M
