--- The command of an endpoint, made of its description.

local api = require "wxbot.api"
local texts = require "wxbot.util.text"
local check = require "wxbot.call.schema.check"
local errors = require "wxbot.util.errors"
local follow = require "wxbot.cli.follow"
local json = require "wxbot.codec.json"
local json_file = require "wxbot.cli.json_file"
local methods = require "wxbot.cli.methods"
local output = require "wxbot.cli.output"
local shared = require "wxbot.api.fields"

local assert, ipairs, next, pairs = assert, ipairs, next, pairs
local tostring, type = tostring, type

local M = {}

-- What says of a success only that it is one.
local PLAIN = { errcode = true, errmsg = true, rid = true }

local function text_of(value)
  if type(value) == "table" then
    return next(value) ~= nil and json.encode(value) or nil
  elseif type(value) == "number" then
    return texts.of_number(value)
  end
  return value ~= nil and tostring(value) or nil
end

-- Each field of an answer on a line of its own, the state first.
local function show_fields(answer, endpoint)
  local waiter, shown = endpoint.waiter, false
  if waiter then
    output.print("state: " .. follow.text_of(waiter, answer))
  end
  for _, field in ipairs(endpoint.response) do
    local name = field.name
    local text = text_of(answer[name .. "_name"] or answer[name])
    if text and not PLAIN[name]
        and not (waiter and (name == waiter.state or name == "progress")) then
      output.labelled(name .. ": ", text)
      shown = true
    end
  end
  if not (waiter or shown) then
    output.print("done")
  end
end

-- What the command line gives a method; a list may come from a file. What is in
-- JSON there is data, whose mistakes are no program's.
local function given(session, command, method)
  local params, reads = session:params(method.fields), command.reads
  if reads then
    params[reads] = assert(json_file.read(session.options.file,
      api.field(method.fields, reads)))
  end
  for _, field in ipairs(method.fields) do
    local value = params[field.name]
    local wrong = field.type == "object" and field.fields and value ~= nil
      and check.argument_error("--" .. field.name, field.fields, value)
    if wrong then
      assert(errors.invalid(wrong, "usage"))
    end
  end
  return params
end

-- What to follow of that which a call has begun: its id is in the answer.
local function params_of(session, method, answer)
  local params = session:params(method.fields)
  for _, field in ipairs(method.fields) do
    params[field.name] = answer[field.name] or params[field.name]
  end
  return params[method.endpoint.waiter.id] ~= nil and params or nil
end

-- Takes out of a value what is sensitive.
local function hide(fields, value)
  for _, field in ipairs(fields) do
    local member = value[field.name]
    if field.sensitive then
      value[field.name] = nil
    elseif field.fields and type(member) == "table" then
      for _, one in ipairs(field.type == "list" and member or { member }) do
        hide(field.fields, one)
      end
    end
  end
end

local function has_sensitive(fields)
  for _, field in ipairs(fields or {}) do
    if field.sensitive or has_sensitive(field.fields) then
      return true
    end
  end
  return false
end

local function call_method(_, client, params, method)
  local answer, err = client[method.name](client, params)
  return answer, err
end

-- The command and the endpoint that the answer is of, and the answer.
local function call(session, command)
  local client, method = session:client(command.methods)
  local params, begun = given(session, command, method), command.begins
  if begun or not session.options.wait then
    local run = command.call or call_method
    local answer, err = run(session, client, params, method)
    if not (answer and begun and session.options.wait) then
      return command, method.endpoint, answer, err
    end
    local followed = begun.methods[session.version]
    params = params_of(session, followed, answer)
    if not params then
      return command, method.endpoint, answer
    end
    command, method = begun, followed
  end
  return command, method.endpoint,
    follow.follow(session, client, method, params, command.label)
end

local function run(session, command)
  if command.before then
    command.before(session)
  end
  local shown, endpoint, answer, err = call(session, command)
  if answer and command.is_sensitive and not session.options.secrets then
    hide(endpoint.response, answer)
  end
  local function show(result)
    shown.show(result, endpoint)
  end
  if err then
    err.hint = command.hints and command.hints[err.field]
    -- Where it was when it failed, or when nobody waited any longer.
    if type(err.result) == "table" and not session.json then
      show(err.result)
    end
  end
  session:show(answer, err, show)
end

-- The argument that names the file of a list.
local function file_of(name)
  return { name = "file", type = "string", doc = ("JSON file: an object with "
    .. "%s, as the reference has them; or such a list, or one of it; - is "
    .. "standard input"):format(name) }
end

local SECRETS = { name = "secrets", type = "boolean",
  doc = "Print the tokens, too: they are secrets" }

---@class wxbot.cli.More
---@field name string|nil "word", or "group word"; the method's
---@field doc string|nil below the summary
---@field positional string|nil the field that is no flag
---@field reads string|nil the list of objects that comes from a file
---@field defaults table|nil values of fields
---@field own table[]|nil flags beside those of the request
---@field before fun(session: wxbot.cli.Session)|nil runs before all else
---@field call nil|fun(session: wxbot.cli.Session, client: table, params: table): table|nil, wxbot.Error|nil in place of the method
---@field label string|nil what progress calls it
---@field hints table<string, string>|nil by the field of an error
---@field show fun(answer: table, endpoint: table)|nil instead of field by field
---@field prints string|false|nil what that is, for --help; false: always JSON
---@field json table[]|nil what --help says of the answer, if not all its fields
---@field begins any the command that follows what this one begins, there when this runs

--- Makes the command of an endpoint from its description alone: its flags are
-- the fields of the request, with --wait if it has a waiter; it shows the
-- fields of the response. Every endpoint of wxbot.api has its command by this
-- (wxbot.cli.command). `run` of the result runs it.
---@param endpoint table description
---@param more wxbot.cli.More|nil
---@return table command
function M.new(endpoint, more)
  local command = { name = api.method_of(endpoint):gsub("_", "-"),
    show = show_fields }
  for name, value in pairs(more or {}) do
    command[name] = value
  end
  command.summary, command.methods = endpoint.summary, methods.of(endpoint)
  command.json = command.json or shared.list(endpoint.response,
    endpoint.envelope or {})
  if command.prints == nil then
    command.prints = (endpoint.waiter and "the state, then " or "")
      .. "each member of the answer on a line of its own"
  end
  local own = shared.list(command.own or {},
    { (endpoint.waiter or command.begins) and follow.WAIT or nil })
  command.is_sensitive = has_sensitive(endpoint.response)
  own[#own + 1] = command.is_sensitive and SECRETS or nil
  if command.reads then
    command.positional, own[#own + 1] = "file", file_of(command.reads)
  end
  command.fields = shared.list(endpoint.request, own,
    { [command.reads or ""] = true })
  function command.run(session)
    run(session, command)
  end
  return command
end

return M
