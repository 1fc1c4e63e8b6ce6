--- The methods of a bot and of a client of v2, made of descriptions: one for
--- each endpoint, and those above them.

local api = require "wxbot.api"
local ask = require "wxbot.client.ask"
local batch = require "wxbot.client.batch"
local call = require "wxbot.call"
local check = require "wxbot.call.schema.check"
local closed = require "wxbot.call.request".closed
local options_of = require "wxbot.call.schema.options"
local pages = require "wxbot.client.pages"
local poll = require "wxbot.client.poll"
local shared = require "wxbot.api.fields"

local error, ipairs = error, ipairs

local M = {}

local NONE = {}

local OPTIONS = {
  { name = "timeout", type = "number", exclusive_min = 0,
    doc = "Seconds of the whole call" },
}

-- Members of a description that stand for a method above its endpoint, and what
-- runs it. Each has run(context, endpoint, params, options) and fields(endpoint):
-- of its own, which take the place of those of the request, and the names of
-- those that it fills in; and may have sleeps(endpoint), misuse(context,
-- endpoint, params), which says what is wrong, and refused(endpoint, err), which
-- adds to an error before anything is sent.
local ABOVE = {
  { "dialogue", ask }, { "batch", batch }, { "waiter", poll },
  { "pages", pages },
}

-- Fields of the request that remain, then those of the method's own.
local function fields_above(endpoint, own, filled_in)
  local without = {}
  for _, field in ipairs(own) do
    without[field.name] = true
  end
  return shared.list(shared.list(endpoint.request, {}, filled_in), own, without)
end

---@class wxbot.Method
---@field name string
---@field endpoint table description
---@field fields table[] of its parameters
---@field kind string|nil "dialogue" | "batch" | "waiter" | "pages": it is above its endpoint
---@field own table[]|nil those of the fields that the endpoint has not

local function add(methods, method)
  for _, other in ipairs(methods) do
    if other.name == method.name then
      error(("%s and %s: two methods are called %s"):format(other.endpoint.name,
        method.endpoint.name, method.name), 0)
    end
  end
  methods[#methods + 1] = method
end

--- All methods of some endpoints. Two of one name are an error.
---@param endpoints table[]
---@return wxbot.Method[]
function M.of(endpoints)
  local methods = {}
  for _, endpoint in ipairs(endpoints) do
    add(methods, { name = api.method_of(endpoint),
      endpoint = endpoint, fields = endpoint.request, runner = call })
  end
  for _, above in ipairs(ABOVE) do
    local kind, runner = above[1], above[2]
    for _, endpoint in ipairs(endpoints) do
      if endpoint[kind] and endpoint[kind].name then
        local own, filled_in = runner.fields(endpoint)
        add(methods, { name = endpoint[kind].name, kind = kind,
          endpoint = endpoint, own = own, runner = runner,
          fields = fields_above(endpoint, own, filled_in) })
      end
    end
  end
  return methods
end

local function define(objects, method, prefix)
  local name, endpoint, fields = method.name, method.endpoint, method.fields
  local runner = method.runner
  local run, refused, misuse = runner.run, runner.refused, runner.misuse
  local hidden = objects.hidden
  local sleeps = runner.sleeps and runner.sleeps(endpoint)
  local what = prefix .. name
  local called = method.kind and name or endpoint.name
  objects.class[name] = function(client, params, options)
    local context = hidden[client] or objects:of(client, name)
    local checked, err, message = check.params(what, fields, params or {})
    if not message and options ~= nil then
      message = options_of.argument_error(what .. ": options", OPTIONS,
        options)
    end
    if not message and sleeps and not context.transport.sleep then
      message = what .. ": the transport has no sleep"
    end
    if misuse and checked then
      local reason = misuse(context, endpoint, checked)
      message = message or reason and what .. ": " .. reason
    end
    if message then
      error(message, 2)
    elseif context.closed then
      err = closed(context)
    end
    local result
    if err then
      err.endpoint, err.sent = called, false
      return nil, refused and refused(endpoint, err) or err
    end
    -- Not a tail call: the position of an argument error would be lost.
    result, err = run(context, endpoint, checked, options or NONE)
    return result, err
  end
end

--- Gives a class methods, which check their parameters and then run.
---@param objects wxbot.Class
---@param methods wxbot.Method[]
---@param prefix string what the message of an argument error begins with
function M.define(objects, methods, prefix)
  for _, method in ipairs(methods) do
    define(objects, method, prefix)
  end
end

return M
