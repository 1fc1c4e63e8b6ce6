--- HTTP/1.1 without a socket: reads URLs, writes requests, reads answers.
--
-- For transports whose host gives bytes only. An answer is read strictly:
-- what two readers could understand in two ways is refused, and everything
-- is bounded while it comes in.

local is_token = require "wxbot.transport.http1.input".is_token
local lower = require "wxbot.util.text".lower
local parser = require "wxbot.transport.http1.parser"
local read_url = require "wxbot.codec.url".read

local concat, pairs = table.concat, pairs

local M = { parser = parser, url = read_url }

-- Headers that are written here; a second one would contradict.
local OURS = { ["host"] = true, ["content-length"] = true,
  ["connection"] = true, ["transfer-encoding"] = true, ["expect"] = true,
  ["upgrade"] = true }

-- Methods whose requests have a length even without a body.
local WITH_BODY = { POST = true, PUT = true, PATCH = true }

--- Writes the head of a request.
---@param method string
---@param url wxbot.Url
---@param headers table<string, string>
---@param length integer bytes of the body
---@return string|nil head up to and with the empty line
---@return string|nil why it cannot be written
function M.head(method, url, headers, length)
  if not is_token(method) then
    return nil, "the method has characters that it must not have"
  elseif method == "HEAD" and length > 0 then
    return nil, "a HEAD request has no body"
  end
  local host = url.origin:match("://(.*)$")
  local lines = { method .. " " .. url.target .. " HTTP/1.1",
    "Host: " .. host, "Accept: */*" }
  for name, value in pairs(headers) do
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

return M
