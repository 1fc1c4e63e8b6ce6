-- Writes docs/reference.md and types/wxbot.lua from the descriptions of the
-- endpoints. Run it as `make docs`, from the root of the checkout.

local codes = require "wxbot.code"
local endpoints = require "wxbot.endpoint"

local concat = table.concat

local M = {}

-- ---------------------------------------------------------------- reference

local WIRES = {
  json = "JSON",
  encrypted_xml = "XML, encrypted, in `{\"encrypt\": …}`; answered in JSON",
  query = "none: everything stands in the address; answered in JSON",
  v2 = "JSON, signed in the headers",
  v2_query = "JSON, encrypted whole, both ways; signed in the headers",
  signed_query = "JSON in a signed token, `query=…`; answered in JSON",
}

local REPEATS = {
  read = "a read: repeated after failures that may pass",
  setting = "a setting: repeated, unless a newer call sets the same",
  act = "an act: repeated only when it was certainly not received",
}

local function type_of(field)
  if field.type == "list" then
    return "list of " .. (field.of or "any")
  end
  return field.type
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
  if field.values then
    parts[#parts + 1] = "one of `" .. concat(field.values, "`, `") .. "`"
  end
  if field.names then
    parts[#parts + 1] = names_of(field.names)
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
end

local function errors_of(endpoint)
  local parts = {}
  for i, code in ipairs(endpoint.errors or {}) do
    parts[i] = ("%d %s"):format(code, codes[code] or "(not described)")
  end
  return concat(parts, "; ")
end

local function section(lines, endpoint)
  local function add(line)
    lines[#lines + 1] = line
  end
  add("## " .. endpoint.name)
  add("")
  add(endpoint.summary .. ".")
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
  if #(endpoint.errors or {}) > 0 then
    add("Errors: " .. errors_of(endpoint) .. ".")
    add("")
  end
end

--- The reference of all endpoints, in Markdown.
---@return string
function M.reference()
  local lines = { "# Endpoints", "",
    "Made from the descriptions in `lua/wxbot/endpoint/` by `make docs`; "
      .. "change those, not this file.",
    "Each is a method of a bot, called as `bot:name{…}`, and returns a result "
      .. "or `nil, err` (README, Errors),",
    "unless the README says who else calls it.", "" }
  for _, endpoint in ipairs(endpoints.all) do
    section(lines, endpoint)
  end
  lines[#lines] = nil
  return concat(lines, "\n") .. "\n"
end

-- -------------------------------------------------------------------- types

local PLAIN = { string = "string", integer = "integer", number = "number",
  boolean = "boolean", object = "table", any = "any" }

local function lua_type(field)
  if field.type == "list" then
    return (PLAIN[field.of or "any"] or "any") .. "[]"
  end
  return PLAIN[field.type] or "any"
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
    if field.names then
      lines[#lines + 1] = ("---@field %s_name? string Name of %s"):format(
        field.name, field.name)
    end
  end
  lines[#lines + 1] = ""
end

local function method(lines, endpoint)
  local name = endpoint.name
  class(lines, "wxbot." .. name .. ".Request", endpoint.request, true)
  class(lines, "wxbot." .. name .. ".Response", endpoint.response, false)
  lines[#lines + 1] = "--- " .. endpoint.summary .. "."
  lines[#lines + 1] = "--- " .. endpoint.source
  lines[#lines + 1] = ("---@param params wxbot.%s.Request"):format(name)
  lines[#lines + 1] = "---@param options? { timeout: number }"
  lines[#lines + 1] = ("---@return wxbot.%s.Response|nil result"):format(name)
  lines[#lines + 1] = "---@return wxbot.Error|nil err"
  lines[#lines + 1] = ("function Bot:%s(params, options) end"):format(name)
  lines[#lines + 1] = ""
end

--- What an editor has to know of the endpoints, for LuaLS.
---@return string
function M.types()
  local lines = { "---@meta wxbot.Bot", "",
    "-- Made from the descriptions in lua/wxbot/endpoint/ by `make docs`.",
    "-- luacheck: ignore", "", "---@class wxbot.Bot", "local Bot = {}", "" }
  for _, endpoint in ipairs(endpoints.list) do
    method(lines, endpoint)
  end
  lines[#lines] = nil
  return concat(lines, "\n") .. "\n"
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

if arg and arg[0] and arg[0]:find("generate%.lua$") then
  write("docs/reference.md", M.reference())
  write("types/wxbot.lua", M.types())
end

return M
