--- The transport of OpenResty and nginx: cosockets, so a worker never waits.
--
-- What holds for all: see wxbot.transport.request. Connections are kept, one
-- pool for each host and trust. One deadline holds for the whole call: name
-- resolution, connecting, TLS, sending, reading.
-- By a proxy https goes through a tunnel (CONNECT).
--
-- What nginx.conf must say, in http {}, for calls to the real platform:
--   lua_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
--   lua_ssl_verify_depth 5;
--   lua_ssl_protocols TLSv1.2 TLSv1.3;
--   resolver 192.0.2.53;    # the name server of /etc/resolv.conf

local calls = require "wxbot.transport.resty.call"
local classes = require "wxbot.util.class"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local exchange = require "wxbot.transport.resty.exchange"
local hosts = require "wxbot.transport.resty.host"
local options_of = require "wxbot.util.options"
local proxies = require "wxbot.transport.proxy"
local requests = require "wxbot.transport.request"

local error, pcall, setmetatable, type = error, pcall, setmetatable, type

---@class wxbot.transport.RestyOptions
---@field ca_id string|nil any name for the authorities trusted here; when server blocks of one nginx trust different ones, it keeps their connections apart
---@field server_name string|nil the name that certificates must be for; by default the host of the URL
---@field pool_size integer|nil connections kept for a host by a worker, 30 by default
---@field idle_timeout number|nil seconds that a connection is kept unused, 60 by default
---@field proxy string|nil http://[user:password@]host:port; none without it; other kinds are for wxbot.curl and wxbot.loop only

---@class wxbot.transport.Resty
local Resty, resties = classes.class("resty", "transport")

local M = {}

-- ------------------------------------------------------------------ options

local PROXY = "a URL http://[user:password@]host:port; cosockets speak to no "
  .. "proxy by https:// or socks5://"

--- What wxbot.resty takes.
M.OPTIONS = {
  { name = "ca_id", type = "string", pattern = "^[^%z\1-\32\127]+$", max = 255,
    expected = "a short name without blanks",
    doc = "Any name for the authorities that nginx trusts here; those of "
      .. "another name share no connection" },
  { name = "server_name", type = "string", pattern = "^[A-Za-z0-9._-]+$",
    max = 255, expected = "a host name",
    doc = "Name that certificates must be for; the host of the URL" },
  { name = "pool_size", type = "number", exclusive_min = 0, max = 65535,
    whole = true, expected = "a whole number from 1 to 65535",
    doc = "Connections kept to a host by a worker (default 30)" },
  { name = "idle_timeout", type = "number", exclusive_min = 0,
    max = hosts.MAX_WAIT, expected = "a number of seconds above 0",
    doc = "Seconds that an unused connection is kept (default 60)" },
  { name = "proxy", type = "string", pattern = "^[\33-\126]+$",
    expected = PROXY,
    doc = "http://[user:password@]host:port of a proxy; without it there is "
      .. "none" },
}

-- The proxy that an option names, and what keeps its connections apart: other
-- credentials may lead elsewhere.
local function proxy_of(options, level)
  local proxy = options.proxy and proxies.read(options.proxy)
  if options.proxy and not (proxy and proxy.scheme == "http") then
    error("wxbot.resty: proxy must be " .. PROXY, level + 1)
  end
  return proxy, proxy and ":by:" .. core.hex_encode(core.sha256(proxy.url)) or ""
end

-- ------------------------------------------------------------------ requests

-- A connection may serve another call only if this one ended well on it.
local function leave(call, response)
  local sock, settings = call.sock, call.settings
  if not (response and call.parser.keep
      and sock:setkeepalive(settings.idle_timeout * 1000, settings.pool_size)) then
    sock:close()
  end
end

local function make_call(fields, req)
  local call, err = calls.new(fields.host, fields.settings, req)
  if call then
    call.sock, err = hosts.socket(fields.host)
  end
  if err then
    return nil, err
  end
  local ran, response
  ran, response, err = pcall(exchange, call)
  leave(call, ran and response)
  if not ran then
    error(response, 0)
  end
  return response, err
end

--- Lets others run until the answer is there. In a phase without sockets
--- the error is of kind "unavailable" and says what to do.
---@param req wxbot.transport.Request
---@return wxbot.transport.Response|nil response
---@return wxbot.Error|nil err
function Resty:request(req)
  local fields = resties:of(self, "request")
  requests.check("request", req, 2)
  if fields.closed then
    return nil, errors.closed "the transport"
  end
  return make_call(fields, req)
end

-- ------------------------------------------------------------------- waiting

--- Lets others run for so many seconds.
---@param seconds number
---@return boolean|nil done
---@return wxbot.Error|nil err
function Resty:sleep(seconds)
  local fields = resties:of(self, "sleep")
  if type(seconds) ~= "number" or seconds ~= seconds then
    error("sleep: expected seconds, a number", 2)
  elseif fields.closed then
    return nil, errors.closed "the transport"
  end
  return hosts.wait(fields.host, hosts.sleep, fields.host, seconds)
end

local function wait_for(fields, what, seconds)
  local waiting = fields.waiting
  local those = waiting[what]
    or { number = 0, semaphore = fields.host.semaphore() }
  waiting[what], those.number = those, those.number + 1
  local woken = those.semaphore:wait(seconds)
  if not woken and waiting[what] == those then
    those.number = those.number - 1
    waiting[what] = those.number > 0 and those or nil
  end
  return woken or false
end

--- Lets others run until somebody wakes those who wait for the same; false
--- when so many seconds are over.
---@param what any
---@param seconds number
---@return boolean|nil woken
---@return wxbot.Error|nil err
function Resty:wait(what, seconds)
  local fields = resties:of(self, "wait")
  return hosts.wait(fields.host, wait_for, fields, what, hosts.bounded(seconds))
end

--- Lets all go on that wait for it.
---@param what any
function Resty:wake(what)
  local waiting = resties:of(self, "wake").waiting
  local those = waiting[what]
  waiting[what] = nil
  if those then
    those.semaphore:post(those.number)
  end
end

--- Runs a function in a thread of its own, which the end of the request
--- does not end. It may never begin: nginx drops a timer when too many run,
--- and tells its log only.
---@param fn function
---@return boolean begun
function Resty:spawn(fn, ...)
  local begun = resties:of(self, "spawn").host.timer(0, function(_, ...)
    fn(...)
  end, ...)
  return begun and true or false
end

--- Seconds of a clock that never goes back.
---@return number
function Resty:now()
  return resties:of(self, "now").host.now()
end

--- Ends the transport; connections that are kept end when their time is
--- over. Later calls fail with kind "closed".
function Resty:close()
  resties:of(self, "close").closed = true
end

--- Makes a transport. Raises outside nginx.
---@param options wxbot.transport.RestyOptions|nil
---@param level integer|nil whose line a wrong option is reported at; 1: the caller
---@return wxbot.transport.Resty
function M.new(options, level)
  options, level = options or {}, level or 1
  options_of.check("wxbot.resty", M.OPTIONS, options, level + 1)
  local proxy, proxy_id = proxy_of(options, level + 1)
  local host = hosts.find()
  if not host then
    error("wxbot.resty: there are cosockets inside nginx only", level + 1)
  end
  return resties:new{
    host = host, closed = false,
    settings = {
      ca_id = options.ca_id or "-", server_name = options.server_name,
      pool_size = options.pool_size or 30,
      idle_timeout = options.idle_timeout or 60,
      proxy = proxy, proxy_id = proxy_id,
    },
    -- What is waited for -> a semaphore, and how many wait. Threads that were
    -- killed are still counted.
    waiting = setmetatable({}, { __mode = "k" }),
  }
end

return M
