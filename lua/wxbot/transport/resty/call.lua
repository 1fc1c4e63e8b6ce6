--- One call over cosockets: what is asked for, how long it may take, and how
--- its failures are told.

local errors = require "wxbot.util.errors"
local http1 = require "wxbot.transport.http1"
local request = require "wxbot.transport.request"
local words = require "wxbot.transport.words"

local min = math.min
local ipairs, setmetatable = ipairs, setmetatable

local M = {}

---@class wxbot.transport.resty.Call
---@field connected boolean|nil
---@field begun boolean|nil something of the request may have left
---@field sock table|nil
---@field tunnel wxbot.http1.Parser|nil of the proxy's answer to CONNECT
local Call = {}
Call.__index = Call

local function invalid(why)
  return nil, errors.new{ kind = "invalid", code = "invalid", sent = false,
    message = why }
end

-- Whatever decides that a connection may be shared is in its pool's name:
-- nginx itself looks at host and port only.
local function pool_of(url, settings, server_name)
  return ("wxbot:%s:%s:%d:%s:verified:%s%s"):format(url.scheme, url.host,
    url.port, server_name, settings.ca_id, settings.proxy_id)
end

--- Makes a call of a request; its time begins.
---@return wxbot.transport.resty.Call|nil call
---@return wxbot.Error|nil err kind "invalid"
function M.new(host, settings, req)
  local url, why = http1.url(req.url)
  if not url then
    return invalid(why)
  end
  local body, method = req.body or "", req.method or "GET"
  local head
  local proxy = settings.proxy
  head, why = http1.head(method, url, req.headers or {}, #body,
    url.scheme == "http" and proxy or nil)
  if not head then
    return invalid(url.origin .. ": " .. why)
  end
  local server_name = settings.server_name or url.host
  local timeout = req.timeout or request.TIMEOUT
  local connect_timeout = min(timeout,
    req.connect_timeout or request.CONNECT_TIMEOUT)
  local now = host.now()
  return setmetatable({
    host = host, settings = settings, url = url, head = head, body = body,
    parser = http1.parser(method, req.max_body or request.MAX_BODY),
    server_name = server_name, pool = pool_of(url, settings, server_name),
    timeout = timeout, connect_timeout = connect_timeout,
    deadline = now + timeout, connect_by = now + connect_timeout,
  }, Call)
end

--- Says how the call failed.
---@param status integer|nil of the proxy
function Call:fail(kind, why, code, status)
  local sent
  if not self.begun then
    sent = false
  elseif kind == "limit" and self.parser.status then
    sent = true
  end
  return nil, errors.new{ kind = kind, code = code or kind, sent = sent,
    status = status, message = words.message(self.url.origin, why, sent) }
end

--- Says that the call took too long.
function Call:fail_timeout()
  if self.timeout <= 0 then
    return self:fail("timeout", "there is no time left for the call")
  end
  return self:fail("timeout", words.of_timeout(self.begun, self.settings.proxy,
    self.begun and self.timeout or self.connect_timeout))
end

--- Says what a text of nginx means.
---@param rows table[] pattern, kind, what to tell, code; the last fits all
---@param text string
function Call:explain(rows, text)
  if text == "timeout" then
    return self:fail_timeout()
  end
  for _, row in ipairs(rows) do
    if text:find(row[1]) then
      return self:fail(row[2], row[3], row[4])
    end
  end
end

return M
