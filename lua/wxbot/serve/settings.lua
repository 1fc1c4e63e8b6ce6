--- What nginx is run with: the options, as it takes them.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local redis_url = require "wxbot.serve.redis_url"
local shell = require "wxbot.serve.shell"

local getenv, io_open = os.getenv, io.open
local ipairs, package, tonumber = ipairs, package, tonumber
local concat, min = table.concat, math.min

local M = {}

--- A path that does not depend on the folder: nginx takes relative names for ones
--- below its own.
---@return string|nil
local function absolute(path, here)
  if path == nil or path == "" or path:find("^/") then
    return path
  end
  return here .. "/" .. path
end

M.absolute = absolute

-- nginx runs LuaJIT, whose modules are in folders of that name beside ours.
local function for_luajit(path, here)
  local places = {}
  for place in path:gmatch("[^;]+") do
    places[#places + 1] = absolute(place:gsub("/5%.[345]/", "/5.1/"), here)
  end
  return concat(places, ";")
end

-- The place of a module that runs here. Ours are before nginx's own, and these
-- before all others: lua-resty-core and nginx must be made for each other.
local function own_place(name, file, path, here)
  local found = package.searchpath(name, path)
  return found and for_luajit(found:sub(1, -#file - 1), here) or ""
end

-- Why a file cannot be read; nil if it can.
local function unreadable(path)
  local file, message = io_open(path, "rb")
  if not file then
    return message
  end
  local byte, why = file:read(1)
  file:close()
  return not byte and path .. ": " .. (why or "is empty") or nil
end

local function is_ipv4(host)
  local parts = { host:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$") }
  for _, part in ipairs(parts) do
    if #part > 3 or part + 0 > 255 then
      return false
    end
  end
  return #parts == 4
end

local function is_ipv6(host)
  return host:find("^[%x:.]+$") ~= nil and host:find(":.*:") ~= nil
end

local AUTHORITIES = { "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem" }

-- Whom calls trust: what was asked for, or the system's authorities.
local function authorities(ca_file)
  for _, path in ipairs(ca_file and { ca_file } or AUTHORITIES) do
    if not unreadable(path) then
      return path
    end
  end
end

-- The system's name servers, as nginx writes them.
local function name_servers()
  local found = {}
  local file = io_open("/etc/resolv.conf", "rb")
  for line in (file and file:read("*a") or ""):gmatch("[^\n]+") do
    local address = line:match("^nameserver%s+([%x:.]+)%s*$")
    if address then
      found[#found + 1] = address:find(":", 1, true)
        and "[" .. address .. "]" or address
    end
  end
  if file then
    file:close()
  end
  return found
end

--- Looks at settings.
---@return string|nil reason why nginx cannot be run with them
function M.check(settings)
  if not is_ipv4(settings.host) and not is_ipv6(settings.host) then
    return "host must be an IP address, such as 127.0.0.1, ::1 or 0.0.0.0"
  elseif settings.port > 65535 then
    return "port must be from 0 (a free one) to 65535"
  elseif (settings.tls_cert == nil) ~= (settings.tls_key == nil) then
    return "TLS needs both, the certificate and its key"
  end
  for _, name in ipairs{ "tls_cert", "tls_key", "ca_file", "handler" } do
    local reason = settings[name] and unreadable(settings[name])
    if reason then
      return name .. ": " .. reason
    end
  end
  -- What a handler requires is looked for beside it.
  if settings.handler and settings.handler:find("[;?][^;?]*/") then
    return "handler: no folder on the way to it may have ; or ? in its name"
  end
end

local function prefix_in(here)
  local place = getenv("TMPDIR")
  return ("%s/wxbot-serve.%s"):format(absolute(place ~= nil and place ~= ""
    and place or "/tmp", here), core.hex_encode(core.random(8)))
end

-- How many files nginx shall open; fewer where it may not.
local FILES_OPEN = 4096

--- Makes the settings of a run.
---@param options table as of wxbot.serve.run
---@return table settings
function M.new(options)
  -- PWD may be that of who started us.
  local files, here = shell.output("ulimit -H -n; pwd"):match("^(.-)\n(.*)$")
  local handler = absolute(options.handler, here)
  local own = own_place("wxbot.serve.settings", "wxbot/serve/settings.lua",
    package.path, here)
  return {
    here = here, prefix = prefix_in(here),
    files = min(tonumber(files) or FILES_OPEN, FILES_OPEN),
    host = options.host, port = options.port,
    service = options.service or "sandbox", secrets = options.account,
    skills = absolute(options.skills, here), callbacks = options.callbacks,
    handler = handler, kind = options.kind, plain = options.plain,
    state = absolute(options.state, here), tls = options.tls_cert ~= nil,
    path = options.path, window = options.window,
    inbox = redis_url.is_url(options.inbox) and options.inbox
      or absolute(options.inbox, here), fsync = options.fsync,
    behind_proxy = options.behind_proxy, tls_calls = options.tls_calls,
    tls_cert = absolute(options.tls_cert, here),
    tls_key = absolute(options.tls_key, here),
    ca_file = absolute(options.ca_file, here),
    -- What a handler requires is looked for beside it first.
    own_path = (handler and handler:gsub("[^/]*$", "?.lua;") or "")
      .. ("%s?.lua;%s?/init.lua;"):format(own, own),
    own_cpath = own_place("wxbot.core", "wxbot/core.so", package.cpath, here)
      .. "?.so;",
    lua_path = for_luajit(package.path, here),
    lua_cpath = for_luajit(package.cpath, here),
  }
end

--- Adds what calls from inside need. Whom they trust is missing only where they
--- are made over TLS for certain.
---@param settings table changed
---@return true|nil, wxbot.Error|nil
function M.add_calls(settings)
  local ca_file = authorities(settings.ca_file)
  if not ca_file and settings.tls_calls then
    return errors.unavailable("ca_file", "no file of authorities to trust "
      .. "could be read", "--ca-file names one")
  end
  settings.ca_file, settings.resolvers = ca_file, name_servers()
  return true
end

return M
