--- HTTP/1.1 without a socket: reads URLs, writes requests, reads answers.
--
-- For transports whose host gives bytes only. An answer is read strictly:
-- what two readers could understand in two ways is refused, and everything
-- is bounded while it comes in.

local input = require "wxbot.transport.http1.input"
local lower = require "wxbot.util.text".lower
local read_url = require "wxbot.codec.url".read
local trim = require "wxbot.util.text".trim
local words = require "wxbot.transport.words"

local concat = table.concat
local pairs, setmetatable = pairs, setmetatable
local tonumber, tostring = tonumber, tostring
local is_token, protocol, refuse, take_line = input.is_token, input.protocol,
  input.refuse, input.take_line

local M = { url = read_url }

-- -------------------------------------------------------------- a request

-- Headers that are written here; a second one would contradict.
local OURS = { ["host"] = true, ["content-length"] = true,
  ["connection"] = true, ["transfer-encoding"] = true, ["expect"] = true,
  ["upgrade"] = true }

-- Methods whose requests have a length even without a body.
local WITH_BODY = { POST = true, PUT = true, PATCH = true }

-- Host and port as they were given.
local function place_of(url)
  return url.origin:match("://(.*)$")
end

--- Writes the head of the request to a proxy for a tunnel.
---@param url wxbot.Url where it is to lead
---@param proxy wxbot.Proxy
---@return string head
function M.connect_head(url, proxy)
  local place = ("%s:%d"):format(url.host, url.port)
  return ("CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n"):format(place, place,
    proxy.authorization
      and ("Proxy-Authorization: %s\r\n"):format(proxy.authorization) or "")
end

--- Writes the head of a request.
---@param method string
---@param url wxbot.Url
---@param headers table<string, string|number>
---@param length integer bytes of the body
---@param proxy wxbot.Proxy|nil it goes to this one, which forwards it
---@return string|nil head up to and with the empty line
---@return string|nil why it cannot be written
function M.head(method, url, headers, length, proxy)
  if not is_token(method) then
    return nil, "the method has characters that it must not have"
  elseif method == "HEAD" and length > 0 then
    return nil, "a HEAD request has no body"
  end
  local lines = { ("%s %s%s HTTP/1.1"):format(method,
    proxy and url.origin or "", url.target),
    "Host: " .. place_of(url), "Accept: */*" }
  if proxy and proxy.authorization then
    lines[#lines + 1] = "Proxy-Authorization: " .. proxy.authorization
  end
  for name, value in pairs(headers) do
    value = tostring(value)
    if not is_token(name) or value:find("[%z\1-\31\127]") then
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

-- -------------------------------------------------------------- an answer

-- Headers and trailers; libcurl takes no more.
local MAX_FIELDS = 5000

-- A parser is in one of these states, "done" or "refused".
local states = setmetatable({}, { __index = input.states })

function states.status(self)
  local line = take_line(self)
  if not line then
    return
  end
  local minor, status, rest = line:match("^HTTP/1%.([01]) ([1-5]%d%d)(.*)$")
  if not minor or rest:find("^[^ ]") or rest:find("[%z\1-\8\10-\31\127]") then
    return refuse(self, "protocol", words.NOT_HTTP)
  elseif status == "101" and self.method ~= "CONNECT" then
    return protocol(self, "it wants another protocol")
  end
  self.minor = tonumber(minor)
  -- libcurl takes an interim answer to CONNECT for the last one.
  self.status = (self.method == "CONNECT" or not status:find("^1"))
    and tonumber(status) or nil
  self.fields = {}
  self.state = "header"
end

-- Splits a line; nil: refused.
local function field_of(self, line)
  local name, value = line:match("^([^:]*):(.*)$")
  self.field_count = self.field_count + 1
  if line:find("^[ \t]") then
    protocol(self, "a header goes on in a second line")
  elseif not name or not is_token(name) then
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

-- Behind the head that lets a tunnel be, all bytes are those of the tunnel,
-- whatever the head says of a length (RFC 9110, 9.3.6).
local function is_tunnel(self)
  return self.method == "CONNECT" and self.status < 300
end

-- Decides how the body comes, from the headers.
local function expect_body(self)
  local length = self.fields["content-length"]
  local coding = self.fields["transfer-encoding"]
  length = length and tonumber(length[1]) -- imprecise, or infinite, if long
  if is_tunnel(self) then
    self.state = "done"
  elseif coding and (length or self.minor == 0) then
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
    return input.too_long(self)
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

function states.trailer(self)
  local line = take_line(self)
  if line == "" then
    self.state = "done"
  elseif line then
    field_of(self, line)
  end
end

---@class wxbot.http1.Parser
---@field status integer|nil of the answer, once it is known
---@field headers table<string, string>|nil once its head is read
---@field keep boolean|nil the connection may carry another call (when done)
---@field has_more boolean|nil bytes have come behind its end (when done)
local Parser = {}
Parser.__index = Parser

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
  self.has_more = done and self.at <= #data
  if self.has_more then
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
    return nil, "transport", words.LOST
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

--- Makes a reader of one answer.
---@param method string of the request: the answer to HEAD has no body
---@param max_body integer bytes
---@return wxbot.http1.Parser
function M.parser(method, max_body)
  return setmetatable({ method = method, max_body = max_body,
    state = "status", partial = {}, line_bytes = 0, head_bytes = 0,
    field_count = 0, body_bytes = 0, pieces = {}, data = "", at = 1 }, Parser)
end

return M
