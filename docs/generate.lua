-- Writes the reference in each language, and types/wxbot.lua, from what is
-- described in lua/wxbot/. Run it as `make docs`, from the root of the checkout.

local bot_methods = require "wxbot.client.bot".methods
local described = require "wxbot.receive.parse".described
local endpoints = require "wxbot.api"
local inboxes = require "wxbot.receive.inbox"
local receive = require "wxbot.receive"
local reference = dofile "docs/reference.lua"
local reply = require "wxbot.receive.reply"
local rich = require "wxbot.call.rich"
local v2_methods = require "wxbot.client.v2".methods

local concat, unpack = table.concat, table.unpack or unpack

local M = {}

-- ---------------------------------------------------------------- reference

--- The languages of the reference, and where it stands in each.
M.references = { en = "docs/reference.md", ["zh-CN"] = "docs/zh-CN/reference.md" }

--- The reference in a language. It raises, naming them, where texts have no
--- translation.
---@param language string
---@return string markdown
---@return string[] unused texts of the language that nothing needs
function M.reference(language)
  local texts = language ~= "en" and dofile(("docs/%s/texts.lua"):format(
    language)) or nil
  local markdown, used = reference.write(texts)
  local unused = {}
  for text in pairs(texts or {}) do
    unused[#unused + 1] = not used[text] and text or nil
  end
  return markdown, unused
end

-- -------------------------------------------------------------------- types

local PLAIN = { string = "string", integer = "integer", number = "number",
  boolean = "boolean", object = "table", any = "any", file = "string|table",
  ["function"] = "function" }

local function lua_type(field)
  local name = field.id and "string|integer"
    or PLAIN[field.type == "list" and field.of or field.type] or "any"
  if field.type == "list" then
    name = (field.id and "(%s)[]" or "%s[]"):format(name)
  end
  return name .. (field.or_type and "|" .. PLAIN[field.or_type] or "")
end

local function class(lines, name, fields, required)
  lines[#lines + 1] = "---@class " .. name
  for _, field in ipairs(fields) do
    -- A name that is no identifier of Lua stands in brackets.
    local member = field.name:find("^[%a_][%w_]*$") and field.name ~= "end"
      and field.name or ('["%s"]'):format(field.name)
    local optional = required and field.required and "" or "?"
    if member:find("^%[") then
      lines[#lines + 1] = ("---@field %s %s%s %s"):format(member,
        lua_type(field), optional == "?" and "|nil" or "", field.doc)
    else
      lines[#lines + 1] = ("---@field %s%s %s %s"):format(member, optional,
        lua_type(field), field.doc)
    end
    -- Given with an answer, never taken with a request.
    if field.enum_names and not required then
      lines[#lines + 1] = ("---@field %s_name? string Name of %s"):format(
        field.name, field.name)
    end
  end
  lines[#lines + 1] = ""
end

local function needs_none(fields)
  for _, field in ipairs(fields) do
    if field.required then
      return false
    end
  end
  return true
end

-- What a method takes, gives and is called.
local function method(lines, object, name, of)
  local function add(...)
    lines[#lines + 1] = "---" .. ...
  end
  class(lines, of.class .. ".Request", of.request, true)
  if of.response then
    class(lines, of.class .. ".Response" .. (of.extends or ""), of.response,
      false)
  end
  add(" " .. of.summary .. ".")
  if of.source then
    add(" " .. of.source)
  end
  add(("@param params%s %s.Request"):format(needs_none(of.request) and "?"
    or "", of.class))
  add("@param options? { timeout: number }")
  add(("@return %s%s result"):format(of.result or of.class .. ".Response",
    of.result == "function" and "" or "|nil"))
  if of.result ~= "function" then
    add("@return wxbot.Error|nil err")
  end
  lines[#lines + 1] = ("function %s:%s(params, options) end"):format(object,
    name)
  lines[#lines + 1] = ""
end

local TIER = { { name = "tier", type = "string",
  doc = "answer, recommend or miss" } }

local REPAIRED = { name = "repaired", type = "boolean",
  doc = "true: something that no text may hold is U+FFFD now" }

local function response_of(endpoint)
  local fields = { unpack(endpoint.response) }
  fields[#fields + 1] = REPAIRED
  for _, field in ipairs(endpoint.envelope or {}) do
    fields[#fields + 1] = field
  end
  for _, field in ipairs(endpoint.dialogue and rich.fields or {}) do
    fields[#fields + 1] = field
  end
  return fields
end

local DONE = {
  { name = "done", type = "integer", doc = "How many are done" },
  { name = "batches", type = "integer", doc = "Requests" },
}
local OF_JOBS = {
  { name = "rejected", type = "integer", doc = "Of a job: how many were rejected" },
  { name = "rejected_file", type = "string",
    doc = "Of a job: the file that says which, and why; absent without any" },
  { name = "unknown", type = "integer",
    doc = "Of a job, in err.result: how many were sent and not confirmed" },
}
local TASK_IDS = { name = "task_ids", type = "list", of = "string",
  doc = "Tasks to follow" }

-- What a method above an endpoint gives.
local RESULTS = {
  dialogue = function(of, endpoint)
    of.response, of.extends = TIER, (": wxbot.%s.Response"):format(
      endpoint.name)
  end,
  batch = function(of, endpoint)
    of.response = { unpack(DONE) }
    of.response[3] = endpoints.field(endpoint.response, "task_id") and TASK_IDS
    for _, field in ipairs(OF_JOBS) do
      of.response[#of.response + 1] = field
    end
  end,
  waiter = function(of, endpoint)
    of.result = ("wxbot.%s.Response"):format(endpoint.name)
  end,
  pages = function(of) of.result = "function" end,
}

local function of_method(lines, name, prefix, one)
  local endpoint, kind = one.endpoint, one.kind
  local of = { class = "wxbot." .. endpoint.name, request = one.fields }
  if kind then
    of.class = prefix .. one.name
    of.summary = reference.summary(kind, endpoint)
    RESULTS[kind](of, endpoint)
  else
    of.response, of.source = response_of(endpoint), endpoint.source
    of.summary = endpoint.summary
  end
  method(lines, name, one.name, of)
end

local function object(lines, name, prefix, methods)
  lines[#lines + 1] = "---@class wxbot." .. name
  lines[#lines + 1] = ("local %s = {}"):format(name)
  lines[#lines + 1] = ""
  for _, one in ipairs(methods) do
    of_method(lines, name, prefix, one)
  end
  lines[#lines + 1] = "--- Wipe the keys; every later call is an error of "
    .. "kind \"closed\"."
  lines[#lines + 1] = ("function %s:close() end"):format(name)
  lines[#lines + 1] = ""
end

local KINDS = { "kefu", "official_account", "service", "third_party" }

-- A receiver's methods are no calls of endpoints.
local RECEIVER = [[
---@alias wxbot.receiver.Message
---| wxbot.receiver.Kefu
---| wxbot.receiver.OfficialAccount
---| wxbot.receiver.Service
---| wxbot.receiver.ThirdParty

---@class wxbot.Receiver
local Receiver = {}

--- Handle one request.
---@param request wxbot.receiver.Request
---@return table response { status, headers, body }
---@return wxbot.receiver.Message|nil message
---@return string|nil note with no message: duplicate, echo, empty, refused
function Receiver:handle(request) end

--- Let the platform's next try of a message through: its handler failed.
---@param message table as handle gave it
function Receiver:forget(message) end

--- The response that replies to a message, instead of that of handle; not of the kind kefu.
---@param message table as handle gave it
---@param answer string|wxbot.receiver.Answer|table|nil of a service also the platform's form
---@return table|nil response { status, headers, body }
---@return wxbot.Error|nil err
function Receiver:reply(message, answer) end

--- Wipe the key; every later call raises.
function Receiver:close() end]]

local INBOX = [[
---@class wxbot.Inbox
local Inbox = {}

--- Handle one request, and keep its message for take.
---@param request wxbot.receiver.Request
---@return table response { status, headers, body }; 503 if the message cannot be kept
---@return any id of the message
---@return string|nil note with no id: duplicate, echo, empty, refused; inbox: it cannot be kept
---@return wxbot.Error|nil err with inbox
function Inbox:handle(request) end

--- Take a message to be handled, the oldest of a user of whom none is in hand.
---@param id any this one, if it is its turn; nil: whichever
---@return wxbot.receiver.Message|nil message with inbox_id
---@return number|nil seconds with nil: until there may be one
---@return wxbot.Error|nil err
function Inbox:take(id) end

--- Say that a message was handled.
---@param message table as take gave it
---@param response table|nil of reply, for the process that awaits it
---@return true|nil done
---@return wxbot.Error|nil err not noted yet
function Inbox:done(message, response) end

--- Have a function called with the response that another process gives done.
---@param id any of the push
---@param deliver fun(response: table)|nil nil: it is awaited no more
function Inbox:await(id, deliver) end

--- Say that a message could not be handled.
---@param message table as take gave it
---@param reason any
---@return number|nil seconds until it is taken again; nil: it stands among the dead
---@return wxbot.Error|nil err not noted yet
function Inbox:fail(message, reason) end

--- The response that replies to a message, while the platform waits for it.
---@param message table as take gave it
---@param answer string|wxbot.receiver.Answer|table|nil
---@return table|nil response { status, headers, body }
---@return wxbot.Error|nil err code late: use sendmsg
function Inbox:reply(message, answer) end

--- What waits and what is dead: lists of { id, at, failures }.
---@return table|nil waiting
---@return table|wxbot.Error|nil dead
function Inbox:list() end

--- Have dead messages handled again.
---@param ids any[]
---@return integer count
---@return wxbot.Error|nil err
function Inbox:retry(ids) end

--- Forget dead messages.
---@param ids any[]
---@return integer count
---@return wxbot.Error|nil err
function Inbox:purge(ids) end

--- Close it, and not its receiver.
function Inbox:close() end]]

-- The end of a publication comes with what became of it.
local EXTENDS = { official_account = ": wxbot.freepublish_get.Response" }

local function receiver(lines)
  class(lines, "wxbot.receiver.Options", receive.options, true)
  class(lines, "wxbot.receiver.Request", receive.request, true)
  class(lines, "wxbot.receiver.Answer", reply.fields, true)
  for _, name in ipairs(KINDS) do
    class(lines, "wxbot.receiver." .. (("_" .. name):gsub("_(%l)",
      string.upper)) .. (EXTENDS[name] or ""),
      described(require(receive.kinds[name]).fields), false)
  end
  lines[#lines + 1] = RECEIVER
  lines[#lines + 1] = ""
  class(lines, "wxbot.inbox.Options", inboxes.options, true)
  lines[#lines + 1] = INBOX
  lines[#lines + 1] = ""
end

--- What an editor has to know of the methods, for LuaLS.
---@return string
function M.types()
  local lines = { "---@meta wxbot.Bot", "",
    "-- Made from the descriptions in lua/wxbot/api/ and receive/ by "
      .. "`make docs`.",
    "-- luacheck: ignore", "" }
  object(lines, "Bot", "wxbot.", bot_methods)
  object(lines, "V2", "wxbot.v2_", v2_methods)
  receiver(lines)
  lines[#lines] = nil
  return concat(lines, "\n") .. "\n"
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

if arg and arg[0] and arg[0]:find("generate%.lua$") then
  for language, path in pairs(M.references) do
    write(path, (M.reference(language)))
  end
  write("types/wxbot.lua", M.types())
end

return M
