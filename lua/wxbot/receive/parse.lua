--- What the kinds of pushes share: reading what was sent.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local repair = require "wxbot.codec.repair"
local shape = require "wxbot.call.schema.shape"
local url = require "wxbot.codec.url"
local xml = require "wxbot.codec.xml"

local floor = math.floor
local concat = table.concat
local ipairs, pairs, tonumber, type = ipairs, pairs, tonumber, type

local M = {}

--- The result of a push that is refused (wxbot.receive.handle).
---@param reason string
---@param field string|nil the one that is to blame
---@return table result
function M.refused(reason, field)
  return { tag = "refused", reason = reason, field = field }
end

-- ---------------------------------------------------------------------- key

--- Takes the key of messages that end in the APPID.
---@param context wxbot.receive.Context
---@param options table { aes_key, appid }
---@return true|nil, wxbot.Error|nil
function M.open(context, options)
  local key, message = core.msgcrypt(options.aes_key, options.appid)
  if not key then
    return errors.invalid("aes_key: " .. message, "aes_key")
  end
  context.key = key
  return true
end

-- -------------------------------------------------------------------- times

--- What was sent as a text, or in JSON as a number, as a text.
---@return string|nil
function M.text(value)
  if type(value) == "number" then
    return ("%.0f"):format(value)
  end
  return type(value) == "string" and value or nil
end

--- A time as unix seconds. Some channels send milliseconds, of 13 digits.
---@return integer|nil seconds
function M.seconds(text)
  if type(text) ~= "string" or not text:find("^%d+$") then
    return nil
  elseif #text == 13 then
    return floor(tonumber(text) / 1000)
  elseif #text <= 12 then
    return tonumber(text)
  end
end

--- Tells whether a time is near enough to now.
---@param context wxbot.receive.Context
---@param seconds integer|nil nil: no
---@param age number|nil how old it may be, in seconds; nil: the window
function M.near(context, seconds, age)
  local off = seconds and context.clock() - seconds
  return off ~= nil and off <= (age or context.window) and off >= -context.window
end

--- Tells whether a signed time is near enough to now.
---@param context wxbot.receive.Context
---@param text any must be exactly ten digits: the signature does not say
--- where the time ends and the nonce begins
function M.fresh(context, text)
  return type(text) == "string" and #text == 10
    and text:find("^%d+$") ~= nil and M.near(context, tonumber(text))
end

-- -------------------------------------------------------------------- query

--- The parameters of a query; nil if one came twice, is badly written, or if
-- there are too many.
---@param query string|table|nil raw (as after the `?`), or name to value
---@return table|nil
function M.query(query)
  if type(query) == "table" then
    return query
  end
  query = (query or ""):gsub("^%?", "")
  return url.decode_query(query)
end

-- ------------------------------------------------------------------- values

--- Takes out what is empty, at every depth.
---@param values table
---@param lists table<string, boolean>|nil names of what is always a list
---@return table values the same
function M.tidy(values, lists)
  local is_list = values[1] ~= nil
  for name, value in pairs(values) do
    if value == "" and not is_list then
      values[name] = nil
    else
      if type(value) == "table" then
        M.tidy(value, lists)
      end
      if lists and lists[name] then
        values[name] = shape.as_list(value)
      end
    end
  end
  return values
end

-- A node's value: its text, or a table when it has children; names that come
-- more than once become lists.
local function value_of(node)
  if not node[1] then
    return node.text
  end
  local values, lists = {}, {}
  for _, child in ipairs(node) do
    local name, value = child.name, value_of(child)
    if lists[name] then
      lists[name][#lists[name] + 1] = value
    elseif values[name] ~= nil then
      lists[name] = { values[name], value }
      values[name] = lists[name]
    else
      values[name] = value
    end
  end
  return values
end

--- Reads an `<xml>` document, tightly: see the caps.
---@param text string
---@param caps table of wxbot.codec.xml
---@return table|nil root nil: refused
---@return boolean|nil marked
function M.xml(text, caps)
  local root, marked = xml.decode(text, caps)
  if root and root.name == "xml" then
    return root, marked
  end
end

--- The values of a document by name.
---@return table values
function M.values(root)
  local values = value_of(root)
  return type(values) == "table" and values or {}
end

-- ----------------------------------------------------------------- messages

--- What all messages have; each kind has more.
M.fields = {
  { name = "kind", type = "string", doc = "As the receiver's" },
  { name = "createtime", type = "integer",
    doc = "Unix seconds, by the platform's clock" },
  { name = "repaired", type = "boolean",
    doc = "true: something that no text may hold is U+FFFD now" },
}

--- The fields of a kind with what all messages have.
---@return table[]
function M.described(fields)
  local all = {}
  for _, list in ipairs{ M.fields, fields } do
    for _, field in ipairs(list) do
      all[#all + 1] = field
    end
  end
  return all
end

--- Values under the names that messages have. What was sent under such a name
--- itself gives way: it may be what a signature does not cover.
---@param values table
---@param names table<string, string> what was sent to how it is called
---@return table
function M.renamed(values, names)
  local message = {}
  for name, value in pairs(values) do
    if not names[name] then
      message[name] = value
    end
  end
  for from, to in pairs(names) do
    message[to] = values[from]
  end
  return message
end

--- Makes a message of its values, in place.
---@param kind string
---@param fields table[] as `described` gives them
---@param values table by the names that messages have
---@param marked boolean|nil there are marks in them
---@return table|nil message
---@return string|nil odd with nil, the field that should have been repaired but may not be
function M.message(kind, fields, values, marked)
  local repaired, odd = false, nil
  if marked then
    repaired, odd = repair.values(fields, values)
  end
  if odd then
    return nil, odd
  end
  values.kind, values.repaired = kind, repaired or nil
  values.createtime = M.seconds(M.text(values.createtime))
  return shape.object(fields, values)
end

--- What a message says, as one key: no two lists of parts share one.
---@param parts table[] strings, or false for what is absent
---@return string
function M.key(parts)
  local out = {}
  for i, part in ipairs(parts) do
    out[i] = part and ("%d:%s"):format(#part, part) or "-"
  end
  return core.sha256(concat(out, ","))
end

return M
