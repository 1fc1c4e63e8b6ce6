--- HTTP/1.1 without a socket: reads URLs, writes requests, reads answers.
--
-- For transports whose host gives bytes only. An answer is read strictly:
-- what two readers could understand in two ways is refused, and everything
-- is bounded while it comes in.

local ascii = require "wxbot.util.text"
local trim = require "wxbot.util.text".trim

local concat, min = table.concat, math.min
local lower = ascii.lower
local pairs, setmetatable, tonumber, type = pairs, setmetatable, tonumber, type

local M = {}

local MAX_URL = 8 * 1024
local MAX_HOST = 255

-- ---------------------------------------------------------------------- URL

---@class wxbot.http1.Url
---@field scheme string "https" | "http"
---@field host string in lower case, an IPv6 address in its brackets
---@field port integer
---@field target string path and query: secret, never for an error
---@field origin string scheme, host and port as they were given
---@field is_name boolean the host is a name, not an address

local PORTS = { https = 443, http = 80 }

local function port_of(text, scheme)
  if text == "" then
    return PORTS[scheme]
  end
  local port = tonumber(text:match("^:(%d+)$"))
  return port and port >= 1 and port <= 65535 and port or nil
end

--- Reads a URL. Only ASCII, no user, no fragment.
---@param text string
---@return wxbot.http1.Url|nil url
---@return string|nil why the URL cannot be used; does not repeat it
function M.url(text)
  if #text > MAX_URL then
    return nil, "the URL is too long"
  elseif text:find("[^\33-\126]") or text:find("[\\#]") then
    return nil, "the URL has characters that it must not have"
  end
  local scheme, rest = text:match("^(https?)://(.*)$")
  if not scheme then
    return nil, "the URL must begin with https:// or http://"
  end
  local authority, target = rest:match("^([^/?]*)(.*)$")
  local host, tail = authority:match("^([A-Za-z0-9._-]+)(.*)$")
  if not host then
    host, tail = authority:match("^(%[[%x:.]+%])(.*)$")
  end
  local port = host and port_of(tail, scheme)
  if not port or #host > MAX_HOST then
    return nil, "the URL has no usable host"
  end
  return {
    scheme = scheme, host = lower(host), port = port,
    target = target:sub(1, 1) == "/" and target or "/" .. target,
    origin = scheme .. "://" .. authority,
    is_name = not host:find("^%[") and not host:find("^%d+%.%d+%.%d+%.%d+$"),
  }
end

-- ------------------------------------------------------------------ request

local TOKEN = "^[A-Za-z0-9!#$%%&'*+.^_`|~-]+$"

-- Headers that are written here; a second one would contradict.
local OURS = { ["host"] = true, ["content-length"] = true,
  ["connection"] = true, ["transfer-encoding"] = true, ["expect"] = true,
  ["upgrade"] = true }

-- Methods whose requests have a length even without a body.
local WITH_BODY = { POST = true, PUT = true, PATCH = true }

--- Writes the head of a request.
---@param method string
---@param url wxbot.http1.Url
---@param headers table<string, string>
---@param length integer bytes of the body
---@return string|nil head up to and with the empty line
---@return string|nil why it cannot be written
function M.head(method, url, headers, length)
  if not method:find(TOKEN) then
    return nil, "the method has characters that it must not have"
  elseif method == "HEAD" and length > 0 then
    return nil, "a HEAD request has no body"
  end
  local host = url.origin:match("://(.*)$")
  local lines = { method .. " " .. url.target .. " HTTP/1.1",
    "Host: " .. host, "Accept: */*" }
  for name, value in pairs(headers) do
    if not name:find(TOKEN) or value:find("[%z\1-\31\127]") then
      return nil, "a header has characters that it must not have"
    elseif OURS[lower(name)] then
      return nil, "a header is one that the transport writes itself"
    end
    lines[#lines + 1] = name .. ": " .. value
  end
  if length > 0 or WITH_BODY[method] then
    lines[#lines + 1] = ("Content-Length: %d"):format(length)
  end
  return concat(lines, "\r\n") .. "\r\n\r\n"
end

-- ------------------------------------------------------------------- answer

-- Bytes that are not body: status lines, headers, interim answers, what is
-- said about chunks beyond their sizes, trailers; and of one line of these.
local MAX_HEAD = 64 * 1024
local MAX_LINE = 8 * 1024
local MAX_TRAILER = 4000
-- Headers and trailers; libcurl takes no more.
local MAX_FIELDS = 5000
-- More digits than any length that could be meant; few enough for a double.
local MAX_DIGITS = 13

local NOT_HTTP = "what answers there does not speak HTTP; check the port"
local LOST = "the connection was lost before the answer was complete"

---@class wxbot.http1.Parser
---@field status integer|nil of the answer, once it is known
---@field keep boolean|nil the connection may carry another call (when done)
local Parser = {}
Parser.__index = Parser

--- Makes a reader of one answer.
---@param method string of the request: the answer to HEAD has no body
---@param max_body integer bytes
---@return wxbot.http1.Parser
function M.parser(method, max_body)
  return setmetatable({ method = method, max_body = max_body,
    state = "status", partial = {}, line_bytes = 0, head_bytes = 0,
    field_count = 0, body_bytes = 0, pieces = {}, data = "", at = 1 }, Parser)
end

-- Ends the reading; what feed and finish return from now on.
local function refuse(self, kind, why)
  self.state, self.kind, self.why = "refused", kind, why
end

local function protocol(self, why)
  return refuse(self, "protocol", "the answer is not HTTP as it should be: "
    .. why)
end

local function too_long(self)
  return refuse(self, "limit", ("the answer is larger than %d bytes")
    :format(self.max_body))
end

-- Counts bytes of a line; false: too many.
local function count_line(self, n)
  self.head_bytes = self.head_bytes + n
  self.line_bytes = self.line_bytes + n
  if self.head_bytes > MAX_HEAD then
    refuse(self, "limit", "the answer has more than 64 KiB of headers")
  elseif self.state == "trailer" and self.line_bytes > MAX_TRAILER then
    refuse(self, "limit", "the answer has a trailer of more than 4000 bytes")
  elseif self.line_bytes > MAX_LINE then
    refuse(self, "limit", "the answer has a header line of more than 8 KiB")
  end
  return self.state ~= "refused"
end

-- What is no HTTP at all should not have to end its line to be known.
local function begins_as_http(self)
  local begun = concat(self.partial):sub(1, 5)
  self.seen_http = #begun == 5
  return begun == ("HTTP/"):sub(1, #begun)
end

-- The next line without its end; nil: not all there yet, or refused. The
-- parts of a line are joined once, however many they are.
local function take_line(self)
  local stop = self.data:find("\n", self.at, true)
  local part = self.data:sub(self.at, stop or -1)
  self.at = self.at + #part
  self.partial[#self.partial + 1] = part
  if self.state == "status" and not self.seen_http
      and not begins_as_http(self) then
    refuse(self, "protocol", NOT_HTTP)
    return nil
  elseif not count_line(self, #part) or not stop then
    return nil
  end
  local line = concat(self.partial)
  self.partial, self.line_bytes = {}, 0
  if line:sub(-2) ~= "\r\n" then
    protocol(self, "a line ends without a carriage return")
    return nil
  end
  return line:sub(1, -3)
end

local states = {}

function states.status(self)
  local line = take_line(self)
  if not line then
    return
  end
  local minor, status, rest = line:match("^HTTP/1%.([01]) ([1-5]%d%d)(.*)$")
  if not minor or rest:find("^[^ ]") or rest:find("[%z\1-\8\10-\31\127]") then
    return refuse(self, "protocol", NOT_HTTP)
  elseif status == "101" then
    return protocol(self, "it wants another protocol")
  end
  self.minor = tonumber(minor)
  self.status = not status:find("^1") and tonumber(status) or nil
  self.fields = {}
  self.state = "header"
end

-- Splits a line; nil: refused.
local function field_of(self, line)
  local name, value = line:match("^([^:]*):(.*)$")
  self.field_count = self.field_count + 1
  if line:find("^[ \t]") then
    protocol(self, "a header goes on in a second line")
  elseif not name or not name:find(TOKEN) then
    protocol(self, "a header has no proper name")
  elseif value:find("[%z\1-\8\10-\31\127]") then
    protocol(self, "a header holds a control character")
  elseif self.field_count > MAX_FIELDS then
    refuse(self, "limit", "the answer has more than 5000 headers")
  else
    return lower(name), trim(value)
  end
end

local function is_bodiless(self)
  return self.method == "HEAD" or self.status == 204 or self.status == 304
end

-- Decides how the body comes, from the headers.
local function expect_body(self)
  local length = self.fields["content-length"]
  local coding = self.fields["transfer-encoding"]
  length = length and tonumber(length[1]) -- imprecise, or infinite, if long
  if coding and (length or self.minor == 0) then
    return protocol(self, "its length is told in two ways")
  elseif coding and lower(concat(coding, ",")) ~= "chunked" then
    return protocol(self, "it comes in an encoding that was not asked for")
  elseif is_bodiless(self) then
    -- Somebody who announces a body here may go on to send it.
    self.keep = self.keep and not coding
      and not (self.status == 204 and (length or 0) > 0)
    self.state = "done"
  elseif coding then
    self.state = "chunk_size"
  elseif not length then
    self.keep = false
    self.state = "until_close"
  elseif length > self.max_body then
    return too_long(self)
  else
    self.rest = length
    self.state = length > 0 and "counted" or "done"
  end
end

local function end_of_head(self)
  if not self.status then -- an interim answer
    self.seen_http, self.state = nil, "status"
    return
  end
  self.headers = {}
  for name, values in pairs(self.fields) do
    self.headers[name] = concat(values, ", ")
  end
  local connection = "," .. lower(self.headers.connection or "")
    :gsub("[ \t]", "") .. ","
  self.keep = self.minor == 1 and not connection:find(",close,", 1, true)
  return expect_body(self)
end

function states.header(self)
  local line = take_line(self)
  if line == "" then
    return end_of_head(self)
  elseif line then
    local name, value = field_of(self, line)
    local values = self.fields[name] or {}
    if name == "content-length" and (values[1] or not value:find("^[0-9]+$")) then
      return protocol(self, "its Content-Length is not one number")
    elseif name then
      values[#values + 1] = value
      self.fields[name] = values
    end
  end
end

-- Takes what is there of the bytes that are due; true: all have come. No
-- position goes far beyond the data: LuaJIT knows none from 2^31 on.
local function take_counted(self)
  local due = min(self.rest, #self.data)
  local piece = self.data:sub(self.at, self.at + due - 1)
  self.at = self.at + #piece
  self.rest = self.rest - #piece
  self.body_bytes = self.body_bytes + #piece
  self.pieces[#self.pieces + 1] = piece
  return self.rest == 0
end

function states.counted(self)
  if take_counted(self) then
    self.state = "done"
  end
end

function states.until_close(self)
  self.rest = self.max_body - self.body_bytes
  if take_counted(self) and self.at <= #self.data then
    return too_long(self)
  end
end

function states.chunk_size(self)
  local line = take_line(self)
  if not line then
    return
  end
  local digits, extension = line:match("^(%x+)(.*)$")
  if not digits or extension:find("^[ \t]*[^ \t;]")
      or extension:find("[%z\1-\8\10-\31\127]") then
    return protocol(self, "the size of a chunk is none")
  end
  -- Sizes alone do not count: a body may come in a great many chunks.
  self.head_bytes = self.head_bytes - #digits - 2
  local size = #digits <= MAX_DIGITS and tonumber(digits, 16)
  if not size or size > self.max_body - self.body_bytes then
    return too_long(self)
  end
  self.rest = size
  self.state = size > 0 and "chunk" or "trailer"
end

function states.chunk(self)
  if take_counted(self) then
    self.state = "chunk_end"
  end
end

function states.chunk_end(self)
  local line = take_line(self)
  if line == "" then
    self.head_bytes = self.head_bytes - 2
    self.state = "chunk_size"
  elseif line then
    return protocol(self, "a chunk is longer than its size")
  end
end

function states.trailer(self)
  local line = take_line(self)
  if line == "" then
    self.state = "done"
  elseif line then
    field_of(self, line)
  end
end

--- Takes the next bytes of the answer.
---@param data string
---@return boolean|nil done false: more must come; nil: the answer is refused
---@return string|nil kind "protocol" | "limit" (with nil)
---@return string|nil why a sentence (with nil)
function Parser:feed(data)
  self.data, self.at = data, 1
  while states[self.state] and self.at <= #data do
    states[self.state](self)
  end
  if self.state == "refused" then
    return nil, self.kind, self.why
  end
  local done = self.state == "done"
  if done and self.at <= #data then
    self.keep = false
  end
  return done
end

--- Says that no further bytes will come.
---@return boolean|nil done nil: the answer is not whole
---@return string|nil kind "transport" (with nil)
---@return string|nil why a sentence (with nil)
function Parser:finish()
  if self.state == "until_close" then
    self.state = "done"
  elseif self.state == "refused" then
    return nil, self.kind, self.why
  elseif self.state ~= "done" then
    return nil, "transport", LOST
  end
  self.keep = false
  return true
end

--- The answer, when it is done.
---@return table response { status, headers, body }; names of headers in lower case, repeated ones joined by ", "
function Parser:response()
  return { status = self.status, headers = self.headers,
    body = concat(self.pieces) }
end

local TYPES = { url = "string", method = "string", body = "string",
  headers = "table", timeout = "number", connect_timeout = "number",
  max_body = "number" }

--- What a request must look like. Wrong types are a programming mistake.
---@param req table
---@return string|nil message
function M.misuse(req)
  if type(req) ~= "table" then
    return "expected a table { method, url, headers, body, … }"
  end
  for name, wanted in pairs(TYPES) do
    local value = req[name]
    if value == nil and name == "url" or value ~= nil and type(value) ~= wanted then
      return ("field '%s' must be a %s, not a %s"):format(name, wanted, type(value))
    elseif wanted == "number" and value ~= value then
      return ("field '%s' is not a number"):format(name)
    end
  end
  if req.max_body and not (req.max_body >= 0 and req.max_body < 2 ^ 31) then
    return "field 'max_body' must be from 0 to 2^31 - 1"
  end
  for name, value in pairs(req.headers or {}) do
    if type(name) ~= "string" or type(value) ~= "string" and type(value) ~= "number" then
      return "headers must be strings named by strings"
    end
  end
end

return M
