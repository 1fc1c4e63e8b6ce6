--- Lists of described fields: their names, their types, and the values that
--- they describe.

local floor, math_type = math.floor, math.type
local ipairs, pairs, setmetatable, type = ipairs, pairs, setmetatable, type

local M = {}

local MAX_EXACT = 2 ^ 53

---@class wxbot.FieldNames
---@field [integer] string every name, in their order
---@field field table<string, table> the fields by their names
---@field required string[]
---@field ids string[]
---@field lists string[]
---@field enums table[] the fields with enum_names
---@field files table[] the fields that are files
---@field is_plain boolean none depends on another
---@field outside string[] those that do not stand in the body

--- List of fields -> its names, made when they are first asked for.
---@type table<table, wxbot.FieldNames>
M.names = setmetatable({}, { __mode = "k", __index = function(known, fields)
  local names = { field = {}, required = {}, ids = {}, lists = {}, enums = {},
    files = {}, outside = {}, is_plain = true }
  local function add(list, name)
    list[#list + 1] = name
  end
  for _, field in ipairs(fields) do
    local name = field.name
    names.field[name] = field
    add(names, name)
    add(names.required, field.required and name or nil)
    add(names.ids, field.id and name or nil)
    add(names.lists, field.type == "list" and name or nil)
    add(names.enums, field.enum_names and field or nil)
    add(names.outside, field.location and name or nil)
    add(names.files, field.type == "file" and field or nil)
    names.is_plain = names.is_plain and not (field.required_unless
      or field.required_for or field.type == "file")
  end
  known[fields] = names
  return names
end })

local names_of = M.names

--- The values of described fields, without all else.
---@param fields table[]
---@param values table
---@return table picked
function M.pick(fields, values)
  local picked, names = {}, names_of[fields]
  for i = 1, #names do
    picked[names[i]] = values[names[i]]
  end
  return picked
end

--- May an id be this number? No digit of it was lost on the way here.
---@param value any
---@return boolean
function M.is_id(value)
  return type(value) == "number" and value > -MAX_EXACT and value < MAX_EXACT
    and floor(value) == value
end

local function is_integer(value)
  return M.is_id(value) or math_type ~= nil and math_type(value) == "integer"
end

-- Described types that Lua calls otherwise.
local IN_LUA = { list = "table", object = "table" }

--- Is a value of a described type?
---@param kind string
---@param value any
---@return boolean
function M.is_of(kind, value)
  if kind == "integer" then
    return is_integer(value)
  end
  local type_of = type(value)
  return kind == "any" or type_of == (IN_LUA[kind] or kind) and value == value
    or kind == "file" and (type_of == "string" or type_of == "table")
end

local ARTICLES = { integer = "an integer", object = "a table",
  any = "a value", file = "the path of a file, or { name, data }" }

--- "a string", "a list of strings", "a string or a function"
---@param field table
---@return string
function M.describe_type(field)
  if field.type == "list" then
    return "a list of " .. (field.of or "value") .. "s"
  end
  local text = ARTICLES[field.type] or ("a " .. field.type)
  if field.or_type then
    text = text .. " or " .. M.describe_type{ type = field.or_type }
  end
  return text
end

--- An id as a text: of an integer all its digits. What is none stays as it is.
---@param value any
---@return any
function M.id(value)
  return M.is_id(value) and ("%d"):format(value) or value
end

local function as_texts(ids)
  local texts, has_number = {}, false
  for i = 1, #ids do
    texts[i] = M.id(ids[i])
    has_number = has_number or texts[i] ~= ids[i]
  end
  return has_number and texts or ids
end

--- Parameters with their ids as texts; what the caller gave is not changed.
---@param fields table[]
---@param params table without an argument error
---@return table params
function M.with_ids(fields, params)
  local given, ids = params, names_of[fields].ids
  for i = 1, #ids do
    local value = given[ids[i]]
    if type(value) ~= "string" then
      local text = type(value) == "table" and as_texts(value) or M.id(value)
      if text ~= value then
        params = params == given and M.pick(fields, given) or params
        params[ids[i]] = text
      end
    end
  end
  return params
end

--- What of the parameters stands in the body.
---@param fields table[]
---@param params table
---@return table params without those of fields with a location
function M.body(fields, params)
  local outside = names_of[fields].outside
  if #outside == 0 then
    return params
  end
  local body = {}
  for name, value in pairs(params) do
    body[name] = value
  end
  for i = 1, #outside do
    body[outside[i]] = nil
  end
  return body
end

return M
