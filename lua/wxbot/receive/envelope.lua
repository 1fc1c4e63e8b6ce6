--- The envelope of an official account's push, XML or JSON: what it seals, or that
-- it seals nothing.

local json = require "wxbot.codec.json"
local parse = require "wxbot.receive.parse"

local pairs, type = pairs, type

local M = {}

-- Formats give the values of a document by name. Their names are also the
-- reasons of refusals.
local XML = { name = "xml" }
local JSON = { name = "json" }

-- What a reader of text between elements could take for something.
local function is_blank(node)
  return not node.text:find("[^ \t\r\n]")
end

function XML.envelope(text, caps)
  local root = parse.xml(text, caps)
  return root and is_blank(root) and parse.values(root) or nil
end

function XML.message(text, caps)
  local root, marked = parse.xml(text, caps)
  return root and parse.values(root), marked
end

function JSON.message(text)
  local values, marked = json.decode(text, true)
  if type(values) == "table" then
    return values, marked
  end
end

JSON.envelope = JSON.message

--- The format of a body: the same inside as outside.
---@return table format { name, message = function(text, caps) -> values, marked }
function M.format_of(body)
  return json.is_object(body) and JSON or XML
end

-- How often a name comes, at any depth.
local function count(values, name)
  local n = values[name] ~= nil and 1 or 0
  for _, value in pairs(values) do
    n = n + (type(value) == "table" and count(value, name) or 0)
  end
  return n
end

-- Exactly one Encrypt in all of it, a text right below the root.
local function is_envelope(outside)
  return type(outside.Encrypt) == "string" and count(outside, "Encrypt") == 1
end

-- Pushes of accounts without encryption: test accounts have none.
local function is_plain(outside)
  return type(outside.FromUserName) == "string"
    and type(outside.MsgType) == "string" and count(outside, "Encrypt") == 0
end

--- Reads an envelope.
---@param body string
---@param caps table for the envelope
---@return table format { name, message = function(text, caps) -> values, marked }
---@return table|nil outside its values; nil: it is none
---@return boolean plain it is no envelope but a message in the clear
function M.read(body, caps)
  local format = M.format_of(body)
  local outside = format.envelope(body, caps)
  local plain = outside ~= nil and is_plain(outside)
  return format, outside and (plain or is_envelope(outside)) and outside or nil,
    plain
end

return M
