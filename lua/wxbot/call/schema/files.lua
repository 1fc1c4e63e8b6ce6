--- Files that a call sends: by their path, or by their bytes.
--
-- A file is read whole, and blocks as long as that takes; nothing is read of it
-- beyond the most that may be sent.

local media = require "wxbot.codec.media"
local open_file = require "wxbot.util.open_file"
local value = require "wxbot.call.schema.value"

local concat = table.concat
local has_files = io ~= nil
local type = type

local M = {}

--- What a file is that is given by its bytes.
M.fields = {
  { name = "name", type = "string", doc = "Its name, which the platform keeps" },
  { name = "data", type = "string", required = true, doc = "Its bytes" },
}

-- What a file may be: that depends on the value of another field.
local function accepted(field, params)
  local accepts = field.accepts
  return accepts.kinds[params[accepts.by]], params[accepts.by]
end

local function name_of(path)
  return (path:gsub("^.*[/\\]", ""))
end

local function read_path(path, max_bytes)
  if path == "" or path:find("\0", 1, true) then
    return nil, "is no path; bytes are given as { name = …, data = … }"
  elseif not has_files then
    return nil, "cannot be read, for this host has no files: give its bytes"
  end
  local file, message = open_file(path)
  local data
  if file then
    data, message = file:read(max_bytes + 1)
    file:close()
  end
  if not data and message then
    return nil, "cannot be read: " .. message
  end
  return { name = name_of(path), data = data or "" }
end

local NAME = { name = "name" }

local function open(given, max_bytes)
  if type(given) == "string" then
    return read_path(given, max_bytes)
  end
  local reason = value.string_reason(NAME, given.name or "")
  return not reason and { name = name_of(given.name or ""),
    data = given.data } or nil, reason and "has a name that " .. reason
end

-- A name without an extension gets that of what the bytes are.
local function add_extension(file, format)
  local extension = media.extension_of(file.name)
  if extension and not format.extensions[extension] then
    return ("is named .%s, but is %s by its first bytes"):format(extension,
      format.name)
  end
  file.name = (file.name == "" and "media" or file.name)
    .. (extension and "" or "." .. format.name)
end

local function is_among(names, format)
  for i = 1, #names do
    if format and names[i] == format.name then
      return true
    end
  end
end

-- What is wrong with a file, as the end of a sentence.
local function reason_of(file, accepts, kind)
  local format = media.format_of(file.data)
  if file.data == "" then
    return "is empty"
  elseif #file.data > accepts.max_bytes then
    return ("has more than %d bytes, the most of type %s"):format(
      accepts.max_bytes, kind)
  elseif not is_among(accepts.formats, format) then
    return ("is %s %s, by its first bytes"):format(
      #accepts.formats == 1 and "no" or "none of",
      concat(accepts.formats, ", "))
  end
  return add_extension(file, format)
end

--- Reads a file, and looks whether it may be sent.
---@param field table of type "file"
---@param params table without an argument error or another invalid value
---@return table|nil file { name, data }; nil: none was given
---@return string|nil reason why it cannot be sent, as the end of a sentence
function M.read(field, params)
  local given = params[field.name]
  if given == nil then
    return nil
  end
  local accepts, kind = accepted(field, params)
  local file, reason = open(given, accepts.max_bytes)
  reason = reason or reason_of(file, accepts, kind)
  return not reason and file or nil, reason
end

return M
