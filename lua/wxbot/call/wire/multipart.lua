--- A form with a file in it (multipart/form-data); answered in plain JSON.
--
-- The platform looks for a file by its part's name, and for the name of the
-- file: both are quoted. The boundary in the header is not: otherwise it finds
-- no file (41005).

local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local media = require "wxbot.codec.media"
local plain = require "wxbot.call.wire.json"
local texts = require "wxbot.util.text"

local concat, gsub = table.concat, string.gsub
local find, match, sub = string.find, string.match, string.sub
local ipairs = ipairs

local M = {}

M.encode_answer = plain.encode_answer
M.decode_answer = plain.decode_answer

local MEDIA_TYPE = "multipart/form-data"
local UNKNOWN = "application/octet-stream"

-- Parts that a request is read for; no endpoint has as many.
local MOST_PARTS = 16
-- The longest head of a part, and the longest media type, bytes.
local LONGEST_HEAD, LONGEST_TYPE = 4096, 256

-- ---------------------------------------------------------------- writing

local ESCAPED = { ['"'] = "%22", ["\r"] = "%0D", ["\n"] = "%0A" }

local function disposition(name, file)
  return ('Content-Disposition: form-data; name="%s"'):format(name)
    .. (file and ('; filename="%s"'):format((gsub(file.name or "media",
      '["\r\n]', ESCAPED))) or "")
end

-- A part without the lines around it.
local function part_of(field, value)
  if field.type == "file" then
    local format = media.format_of(value.data)
    return disposition(field.name, value) .. "\r\nContent-Type: "
      .. (format and format.type or UNKNOWN) .. "\r\n\r\n" .. value.data
  end
  local text, message = value, nil
  if field.type ~= "string" then
    text, message = json.encode(value, field.fields)
  end
  return text and disposition(field.name) .. "\r\n\r\n" .. text, message
end

--- The body of a request (client). What is neither a file nor a text travels as
--- JSON.
---@param endpoint table description
---@param params table checked; a file is { name, data }
---@return string|nil body
---@return string|nil message
function M.encode_request(endpoint, params)
  -- Nobody can guess it, so no file holds it.
  local boundary = "wxbot-" .. core.hex_encode(core.random(16))
  local lines = {}
  for _, field in ipairs(endpoint.request) do
    local value = params[field.name]
    if value ~= nil and not field.location then
      local part, message = part_of(field, value)
      if not part then
        return nil, message
      end
      lines[#lines + 1] = "--" .. boundary .. "\r\n"
      lines[#lines + 1] = part
      lines[#lines + 1] = "\r\n"
    end
  end
  lines[#lines + 1] = "--" .. boundary .. "--\r\n"
  return concat(lines)
end

--- Headers of a request (client): the body begins with its boundary.
---@param _ wxbot.Context
---@param body string
---@return table headers
function M.headers(_, body)
  return { ["content-type"] = MEDIA_TYPE .. "; boundary="
    .. match(body, "^%-%-([^\r]*)") }
end

-- ---------------------------------------------------------------- reading

-- What the head of a part says of it: its name, and that of its file.
local function names_of(head)
  local line = match(head, "[Cc]ontent%-[Dd]isposition:([^\r\n]*)") or ""
  return match(line, '; *name="([^"]*)"'), match(line, '; *filename="([^"]*)"')
end

-- The head and the content of a part.
local function split(part)
  local stop, from = find(part, "\r\n\r\n", 1, true)
  if stop and stop <= LONGEST_HEAD then
    return sub(part, 1, stop - 1), sub(part, from + 1)
  end
end

-- What stands between the boundaries; nil where they are not as they should be.
local function parts_of(body, boundary)
  local mark, parts = "--" .. boundary, {}
  local _, at = find(body, mark, 1, true)
  while at and sub(body, at + 1, at + 2) == "\r\n" and #parts < MOST_PARTS do
    local stop, after = find(body, "\r\n" .. mark, at + 1, true)
    if not stop then
      return nil
    end
    parts[#parts + 1] = sub(body, at + 3, stop - 1)
    at = after
  end
  return at and sub(body, at + 1, at + 2) == "--" and parts or nil
end

local function value_of(field, content, file_name)
  if field.type == "file" then
    return file_name and { name = file_name, data = content } or nil
  end
  return field.type == "string" and content or (json.decode(content))
end

-- The boundary that the headers name; nil, and why not.
local function boundary_of(headers)
  local kind = plain.media_type(headers)
  if kind ~= MEDIA_TYPE then
    return nil, { "not_multipart", kind }
  end
  local given = texts.within(headers["content-type"], LONGEST_TYPE) or ""
  local _, stop = find(given, "boundary=", 1, true)
  local boundary = stop
    and match(given, "^[A-Za-z0-9'()+_,./:=?-]+$", stop + 1)
  return boundary, { "boundary", given }
end

local function value_in(fields, params, part)
  local head, content = split(part)
  local name, file_name = names_of(head or "")
  for _, field in ipairs(fields) do
    if field.name == name and not field.location then
      params[name] = value_of(field, content, file_name)
    end
  end
end

-- The platform's code where it finds no file.
local NO_FILE = 41005

--- The fields of a request (platform).
---@param endpoint table description
---@param body string
---@param headers table lower-case names
---@return table|nil params as sent, not checked
---@return integer|nil code the platform's error
---@return table|nil reason why: a word and strings
function M.decode_request(endpoint, body, headers)
  local boundary, reason = boundary_of(headers)
  local parts = boundary and parts_of(body, boundary)
  if not parts then
    return nil, NO_FILE, boundary and { "no_parts" } or reason
  end
  local params = {}
  for _, part in ipairs(parts) do
    value_in(endpoint.request, params, part)
  end
  return params
end

return M
