--- The transport of plain scripts: blocking calls through libcurl.
--
-- What holds for all: see wxbot.transport.request. No proxy is taken from the
-- environment. Connections are kept; after a fork they are the parent's, and
-- the child makes its own.

local core = require "wxbot.curl"
local failure = require "wxbot.transport.curl_failure"
local options_of = require "wxbot.util.options"
local proxies = require "wxbot.transport.proxy"
local request = require "wxbot.transport.request"

local error, pcall = error, pcall

---@class wxbot.transport.CurlOptions
---@field ca_file string|nil PEM file of the authorities to trust
---@field proxy string|nil http://[user:password@]host:port, or https, socks4, socks4a, socks5 or socks5h; none without it
---@field max_connections integer|nil kept or open at once, 64 by default

local M = {}

local TEXT = "^[^%z\1-\31\127]+$" -- %c goes by the locale

-- What wxbot.curl and wxbot.loop take.
M.OPTIONS = {
  { name = "ca_file", type = "string", pattern = TEXT,
    expected = "a file name", doc = "PEM file of the authorities to trust" },
  { name = "proxy", type = "string", pattern = TEXT, expected = "a URL",
    doc = "URL of a proxy; without it there is none" },
  { name = "max_connections", type = "number", exclusive_min = 0, max = 65535,
    whole = true, expected = "a whole number from 1 to 65535",
    doc = "Connections kept or open at once (default 64)" },
}

local function checked(what, level, req, ok, ...)
  if not ok then
    request.check(what, req, level + 1) -- M.call has left no frame
    error(..., 0)
  end
  return ...
end

--- Calls a method of the client below with a request. It checks the request
--- itself; only when it has raised are words looked for.
---@param what string the caller's name
---@param level integer 1: the caller's line
function M.call(what, level, method, client, req, ...)
  return checked(what, level, req, pcall(method, client, req, ...))
end

--- Makes the client of options that were checked.
---@param options wxbot.transport.CurlOptions
---@param threaded boolean|nil its calls go on in a thread of its own
---@return userdata
function M.client(options, threaded)
  return core.client(options.ca_file, proxies.for_curl(options.proxy),
    options.max_connections, threaded)
end

--- Blocks for so many seconds.
function M.sleep(client, seconds)
  local done, message, code = client:sleep(seconds)
  if done then
    return true
  end
  return nil, failure(nil, nil, message, code)
end

--- A function that makes a result of what the client below returns.
---@param options wxbot.transport.CurlOptions
---@return fun(...): wxbot.transport.Response|nil, wxbot.Error|nil
function M.reader(options)
  local ca_file, proxied = options.ca_file, options.proxy ~= nil
  return function(status, headers, body, sent, facts)
    if status then
      return { status = status, headers = headers, body = body }
    end
    return nil, failure(ca_file, proxied, headers, body, sent, facts)
  end
end

--- Makes a transport. A `ca_file` that cannot be read is the error (kind
--- "tls") of the first call that needs it; where no file descriptor is left,
--- each call says so (kind "unavailable") until there are some again.
---@param options wxbot.transport.CurlOptions|nil
---@param level integer|nil whose line a wrong option is reported at; 1: the caller
---@return wxbot.transport.Curl
function M.new(options, level)
  options = options or {}
  options_of.check("wxbot.curl", M.OPTIONS, options, (level or 1) + 1)
  local client = M.client(options)
  local result = M.reader(options)
  ---@class wxbot.transport.Curl
  local transport = {}

  --- Blocks until the answer is there. Ctrl-C ends it (lua.c's handler).
  ---@param req wxbot.transport.Request
  ---@return wxbot.transport.Response|nil response
  ---@return wxbot.Error|nil err
  function transport.request(_, req)
    return result(M.call("request", 2, client.request, client, req))
  end

  --- Blocks for so many seconds.
  function transport.sleep(_, seconds)
    local done, err = M.sleep(client, seconds)
    return done, err
  end

  --- Seconds of a clock that never goes back.
  function transport.now()
    return core.now()
  end

  --- Do others go on while a call or a sleep waits? They do not.
  function transport.inside()
    return false
  end

  --- Closes the connections. Later calls fail with kind "closed".
  function transport.close()
    client:close()
  end

  return transport
end

return M
