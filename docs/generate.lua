-- Writes docs/reference.md, types/wxbot.lua and the README's table of endpoints
-- from the descriptions of the endpoints and of pushes. Run it as `make docs`,
-- from the root of the checkout.

local bot_methods = require "wxbot.client.bot".methods
local codes = require "wxbot.api.errcode"
local described = require "wxbot.receive.parse".described
local endpoints = require "wxbot.api"
local receive = require "wxbot.receive"
local rich = require "wxbot.call.rich"
local v2_methods = require "wxbot.client.v2".methods

local concat, unpack = table.concat, table.unpack or unpack

local M = {}

-- ---------------------------------------------------------------- reference

local WIRES = {
  json = "JSON",
  json_or_form = "JSON; the platform takes a form as well",
  encrypted_xml = "XML, encrypted, in `{\"encrypt\": …}`; answered in JSON",
  query = "none: everything stands in the address; answered in JSON",
  v2 = "JSON, signed in the headers",
  v2_query = "JSON, encrypted whole, both ways; signed in the headers",
  signed_query = "JSON in a signed token, `query=…`; answered in JSON",
}

local REPEATS = {
  always = "`always`, after failures that may pass",
  unless_newer = "`unless_newer`: unless a newer call sets the same",
  never = "`never`, but when it was certainly not received",
}

local function type_of(field)
  local name = field.type == "list" and "list of " .. (field.of or "any")
    or field.type
  return field.id and name .. " or integer" or name
end

-- 0 = success, 1 = publishing, …
local function names_of(names)
  local numbers, parts = {}, {}
  for number in pairs(names) do
    numbers[#numbers + 1] = number
  end
  table.sort(numbers)
  for i, number in ipairs(numbers) do
    parts[i] = ("%d = %s"):format(number, names[number])
  end
  return concat(parts, ", ")
end

local function meaning(field)
  local parts = { field.doc }
  if field.enum then
    parts[#parts + 1] = "one of `" .. concat(field.enum, "`, `") .. "`"
  end
  if field.enum_names then
    parts[#parts + 1] = names_of(field.enum_names)
  end
  return (concat(parts, "; "):gsub("|", "\\|"):gsub("\n", " "))
end

-- One row for a field, and one for each field inside it.
local function rows(lines, fields, prefix, required)
  for _, field in ipairs(fields or {}) do
    local name = prefix .. field.name
    local row = { "`" .. name .. "`", type_of(field) }
    if required then
      row[#row + 1] = field.required and "yes" or ""
    end
    row[#row + 1] = meaning(field)
    lines[#lines + 1] = "| " .. concat(row, " | ") .. " |"
    rows(lines, field.fields,
      name .. (field.type == "list" and "[]." or "."), required)
  end
end

local function request_table(lines, endpoint)
  if #endpoint.request == 0 then
    lines[#lines + 1] = "No parameters."
    return
  end
  lines[#lines + 1] = "| parameter | type | required | meaning |"
  lines[#lines + 1] = "|---|---|---|---|"
  rows(lines, endpoint.request, "", true)
end

local function response_table(lines, endpoint)
  lines[#lines + 1] = "| result | type | meaning |"
  lines[#lines + 1] = "|---|---|---|"
  rows(lines, endpoint.response, "", false)
  rows(lines, endpoint.envelope, "", false)
  rows(lines, endpoint.dialogue and rich.fields, "", false)
end

local function errors_of(endpoint)
  local parts = {}
  for i, code in ipairs(endpoint.errors or {}) do
    parts[i] = ("%d %s"):format(code, codes[code] or "(not described)")
  end
  return concat(parts, "; ")
end

-- What users call, with the variable of the README before it: endpoint -> its
-- method, and those above it.
local CALLS, ABOVE = {}, {}
for variable, methods in pairs{ bot = bot_methods, v2 = v2_methods } do
  for _, method in ipairs(methods) do
    local call, endpoint = variable .. ":" .. method.name, method.endpoint
    if method.kind then
      ABOVE[endpoint] = { call = call, method = method }
    else
      CALLS[endpoint] = call
    end
  end
end

-- What the methods above an endpoint do, in a line.
local SUMMARIES = {
  dialogue = function()
    return "Ask the bot as a user; questions of one user go one after another"
  end,
  batch = function(endpoint)
    return ("As `%s`, for any number of %s, request by request"):format(
      endpoints.method_of(endpoint), endpoint.batch.what)
  end,
  waiter = function(endpoint)
    local waiter = endpoint.waiter
    local field = endpoints.field(endpoint.response, waiter.state)
    return ("Call `%s` again, ever less often, until `%s_name` is %s"):format(
      endpoints.method_of(endpoint), waiter.state,
      field.enum_names[waiter.success])
  end,
  pages = function(endpoint)
    return ("Iterate over %s: for item, err in …; item is false for a failure")
      :format(endpoint.pages.what)
  end,
}

local function above_section(lines, endpoint)
  local above = ABOVE[endpoint]
  if not above then
    return
  end
  lines[#lines + 1] = ("`%s{…}`: %s."):format(above.call,
    SUMMARIES[above.method.kind](endpoint))
  lines[#lines + 1] = ""
  if #above.method.own > 0 then
    lines[#lines + 1] = "| parameter of its own | type | meaning |"
    lines[#lines + 1] = "|---|---|---|"
    for _, field in ipairs(above.method.own) do
      lines[#lines + 1] = ("| `%s` | %s | %s |"):format(field.name,
        type_of(field), meaning(field))
    end
    lines[#lines + 1] = ""
  end
end

local function section(lines, endpoint)
  local function add(line)
    lines[#lines + 1] = line
  end
  add("## " .. (CALLS[endpoint] or endpoint.name))
  add("")
  add(endpoint.summary .. "."
    .. (CALLS[endpoint] and "" or " The library calls it for itself."))
  add("")
  add(("- Address: `%s %s` (%s)"):format(endpoint.method or "POST",
    endpoint.path, endpoint.service))
  add("- Body: " .. (WIRES[endpoint.wire] or endpoint.wire))
  add("- Needs: " .. (#endpoint.needs > 0
    and "`" .. concat(endpoint.needs, "`, `") .. "`" or "nothing"))
  add("- Repeats: " .. REPEATS[endpoint.repeats])
  add("- Source: <" .. endpoint.source .. ">")
  add("")
  request_table(lines, endpoint)
  add("")
  response_table(lines, endpoint)
  add("")
  above_section(lines, endpoint)
  if #(endpoint.errors or {}) > 0 then
    add("Errors: " .. errors_of(endpoint) .. ".")
    add("")
  end
end

-- ------------------------------------------------------------------- pushes

local KINDS = { "kefu", "official_account", "service" }

local function pushes(lines)
  local function add(...)
    for _, line in ipairs{ ... } do
      lines[#lines + 1] = line
    end
  end
  add("# Pushes", "", "What `wxbot.receiver{…}` takes, and what messages "
    .. "`receiver:handle{…}` gives (README, Receiving", "pushes). What a push "
    .. "has besides keeps its name; what it has not, or is empty, is absent.",
    "", "## wxbot.receiver", "", "| option | type | required | meaning |",
    "|---|---|---|---|")
  rows(lines, receive.options, "", true)
  add("", "## receiver:handle", "", "| request | type | required | meaning |",
    "|---|---|---|---|")
  rows(lines, receive.request, "", true)
  for _, name in ipairs(KINDS) do
    local kind = require(receive.kinds[name])
    add("", "## A message of the kind " .. name, "", kind.summary .. ".", "",
      "- Needs: " .. (#kind.needs > 0 and "`"
        .. concat(kind.needs, "`, `") .. "`" or "`token` or `aes_key`"),
      "- Source: <" .. kind.source .. ">", "", "| field | type | meaning |",
      "|---|---|---|")
    rows(lines, described(kind.fields), "", false)
  end
  add("")
end

--- The reference of all endpoints and pushes, in Markdown.
---@return string
function M.reference()
  local lines = { "# Endpoints", "",
    "Made from the descriptions in `lua/wxbot/api/` by `make docs`; "
      .. "change those, not this file.",
    "Each is a method of a bot, or of a client of v2, called as `bot:name{…}` "
      .. "and `v2:name{…}`,",
    "and returns a result or `nil, err` (README, Errors). Errors of v2 name the "
      .. "endpoint `v2_name`;",
    "what a method above an endpoint refuses before it calls names that method.",
    "`repaired` is true in a result where something that no text may hold is "
      .. "U+FFFD now.", "" }
  for _, endpoint in ipairs(endpoints.all) do
    section(lines, endpoint)
  end
  pushes(lines)
  lines[#lines] = nil
  return concat(lines, "\n") .. "\n"
end

-- --------------------------------------------------------------- the README

local TABLE = "\n| method | what it does | needs | repeated |\n|---|---|---|---|\n"

--- The rows of the README's table of endpoints.
---@return string
function M.endpoints()
  local rows_of = {}
  for i, endpoint in ipairs(endpoints.list) do
    rows_of[i] = ("| `%s` | %s | `%s` | `%s` |\n"):format(endpoint.name,
      (endpoint.summary:gsub("^%u", string.lower)),
      concat(endpoint.needs, "`, `"), endpoint.repeats)
  end
  return concat(rows_of)
end

--- A README with that table as it is now.
---@param text string
---@return string
function M.readme(text)
  local _, last = text:find(TABLE, 1, true)
  return text:sub(1, last) .. M.endpoints()
    .. text:sub((text:find("\n\n", last, true)) + 1)
end

-- -------------------------------------------------------------------- types

local PLAIN = { string = "string", integer = "integer", number = "number",
  boolean = "boolean", object = "table", any = "any",
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
    of.summary = SUMMARIES[kind](endpoint)
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

-- A receiver's methods are no calls of endpoints.
local RECEIVER = [[
---@class wxbot.Receiver
local Receiver = {}

--- Handle one request.
---@param request wxbot.receiver.Request
---@return table response { status, headers, body }
---@return wxbot.receiver.Kefu|wxbot.receiver.OfficialAccount|wxbot.receiver.Service|nil message
---@return string|nil note with no message: duplicate, echo, empty, refused
function Receiver:handle(request) end

--- Let the platform's next try of a message through: its handler failed.
---@param message table as handle gave it
function Receiver:forget(message) end

--- The response that answers a question, of the kind service only.
---@param answer string|table
---@return table|nil response
---@return wxbot.Error|nil err
function Receiver:reply(answer) end

--- Wipe the key; every later call raises.
function Receiver:close() end]]

-- The end of a publication comes with what became of it.
local EXTENDS = { official_account = ": wxbot.freepublish_get.Response" }

local function receiver(lines)
  class(lines, "wxbot.receiver.Options", receive.options, true)
  class(lines, "wxbot.receiver.Request", receive.request, true)
  for _, name in ipairs(KINDS) do
    class(lines, "wxbot.receiver." .. (("_" .. name):gsub("_(%l)",
      string.upper)) .. (EXTENDS[name] or ""),
      described(require(receive.kinds[name]).fields), false)
  end
  lines[#lines + 1] = RECEIVER
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

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = assert(file:read("*a"))
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

if arg and arg[0] and arg[0]:find("generate%.lua$") then
  write("docs/reference.md", M.reference())
  write("README.md", M.readme(read("README.md")))
  write("types/wxbot.lua", M.types())
end

return M
