--- A client of the platform's second generation. Its access token is kept as
--- those of accounts are.

local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local clients = require "wxbot.call.context"
local core = require "wxbot.core"
local endpoints = require "wxbot.api"
local import = require "wxbot.client.import"
local mutex = require "wxbot.util.mutex"
local options_of = require "wxbot.call.schema.options"
local private = require "wxbot.util.class"
local fields_of = require "wxbot.call.schema.fields"
local sources = require "wxbot.auth.source"
local tokens = require "wxbot.auth.v2"
local wait = require "wxbot.client.wait"

local ipairs = ipairs

local M = {}

---@class wxbot.V2
local _, v2 = private.class("v2", "client")

local OPTIONS = clients.options{
  { name = "account", type = "string", id = true,
    doc = "id of an administrator" },
  sources.STORE,
}

--- Makes a client.
---@param options table|nil appid, token, aes_key, account, store, base_url, timeout, transport, retry, on_call, clock
---@return wxbot.V2|nil client
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options)
  options = options or {}
  options_of.check("wxbot.v2", OPTIONS, options, 3)
  options = fields_of.with_ids(OPTIONS, options)
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
  ask = by_name.v2_query.request,
  import = clients.fields({ "v2_import_json" }, { data = true }, {
    { name = "data", type = "list", of = "object", or_type = "function",
      fields = import.kinds.v2_import_json.field.fields, required = true,
      doc = "questions with their answers, or a function that returns the next" },
    import.batch, import.on_progress,
  }),
  wait_task = clients.waiting("v2_fetch"),
  wait_bot_publish = clients.waiting("v2_progress"),
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

--- v2:query{ query }, v2:import_json{ mode, data }, v2:fetch{ task_id },
-- v2:publish(), v2:progress{ env }: as the endpoints.
for _, endpoint in ipairs(endpoints.v2) do
  method(endpoint, endpoints.method_of(endpoint), endpoint.request,
    function(state, params, options)
      return call.run(state, endpoint, params, options)
    end)
end

--- Asks the bot.
-- Result: as v2:query, and tier: "answer" | "recommend" | "miss".
method(by_name.v2_query, "ask", M.fields.ask, ask)

--- Imports any number of questions, request by request.
-- Result: { done, batches, task_ids }. A failure has done (how many were handed
-- over), next (number of the question to go on with), batch (the questions of
-- the request that failed, and what else an iterator has given) and task_ids.
method(by_name.v2_import_json, "import", M.fields.import,
  function(state, params, options)
    local result, err = import.run(state, "v2_import_json", params, options)
    return result, err
  end, true)

--- Follows a task until it has ended in success.
-- Result: as v2:fetch. A task that failed is an error with `result`.
method(by_name.v2_fetch, "wait_task", M.fields.wait_task,
  wait.following("v2_fetch"), true)

--- Follows the publishing of the bot until it has ended in success.
-- Result: as v2:progress.
method(by_name.v2_progress, "wait_bot_publish", M.fields.wait_bot_publish,
  wait.following("v2_progress"), true)

clients.closes(v2)

return M
