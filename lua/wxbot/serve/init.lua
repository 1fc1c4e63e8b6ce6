--- The sandbox or a receiver over HTTP: nginx, started here and ended with us.

local conf = require "wxbot.serve.conf"
local core = require "wxbot.core"
local errors = require "wxbot.error"
local program = require "wxbot.serve.program"

local error, execute, getenv, ipairs = error, os.execute, os.getenv, ipairs
local io_open, popen = io.open, io.popen
local package, pcall = package, pcall
local concat = table.concat
local quote = program.quote

local M = {}

-- Ports for who does not care: below those that connections going out get.
local FIRST_PORT, PORTS, TRIES = 20000, 12000, 20

local function ignore()
end

local function unavailable(code, message, hint)
  return nil, errors.new{ kind = "unavailable", code = code,
    message = message, hint = hint }
end

-- ------------------------------------------------------------------ settings

local function output_of(command)
  local pipe = popen(command)
  local line = pipe:read("*l")
  pipe:close()
  return line
end

-- nginx takes relative names for ones below its own folder.
local function absolute(path, here)
  if path == nil or path:find("^/") then
    return path
  end
  return here .. "/" .. path
end

-- nginx runs LuaJIT, whose modules are in folders of that name beside ours.
local function for_luajit(path, here)
  local places = {}
  for place in path:gmatch("[^;]+") do
    places[#places + 1] = absolute(place:gsub("/5%.4/", "/5.1/"), here)
  end
  return concat(places, ";") .. ";;"
end

local function is_readable(path)
  local file = io_open(path, "rb")
  local readable = file ~= nil and file:read(1) ~= nil
  if file then
    file:close()
  end
  return readable
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
    if is_readable(path) then
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

local function fault_of(options)
  if not is_ipv4(options.host) and not is_ipv6(options.host) then
    return "host must be an IP address, such as 127.0.0.1, ::1 or 0.0.0.0"
  elseif options.port > 65535 then
    return "port must be from 0 (a free one) to 65535"
  elseif (options.tls_cert == nil) ~= (options.tls_key == nil) then
    return "TLS needs both, the certificate and its key"
  end
  for _, name in ipairs{ "tls_cert", "tls_key", "handler" } do
    if options[name] and not is_readable(options[name]) then
      return ("%s: %s cannot be read, or is empty"):format(name, options[name])
    end
  end
end

--- Tells whether only programs of this machine can reach an address.
---@param host string
---@return boolean
function M.is_loopback(host)
  return host:find("^127%.") ~= nil or host == "::1"
end

local function url_of(settings)
  local host = settings.host
  host = host == "0.0.0.0" and "127.0.0.1" or host == "::" and "::1" or host
  return (settings.tls_cert and "https://" or "http://")
    .. conf.address(host, settings.port) .. (settings.path or "")
end

-- -------------------------------------------------------------------- nginx

local function make_prefix()
  local prefix = output_of(
    "umask 077; mktemp -d \"${TMPDIR:-/tmp}/wxbot-serve.XXXXXX\" 2>&1")
  if not prefix or not prefix:find("^/") then
    return unavailable("folder", "no folder of its own could be made for "
      .. "nginx: " .. (prefix or "mktemp failed"), "TMPDIR says where")
  end
  return prefix
end

local function write_file(path, text)
  local file, message = io_open(path, "wb")
  if not file then
    return nil, message
  end
  local ok
  ok, message = file:write(text)
  file:close()
  return ok, message
end

local function prepare(settings)
  execute("mkdir -p " .. quote(settings.prefix .. "/tmp"))
  local ok, message = write_file(settings.prefix .. "/nginx.conf",
    conf.text(settings))
  if ok and settings.account then
    ok, message = write_file(settings.account, settings.secrets)
  end
  if not ok then
    return unavailable("folder", "nginx.conf could not be written: " .. message)
  end
  return true
end

-- The shell becomes nginx: it must be our own child to end with us.
local COMMAND = "echo $$; ulimit -n 2048 2>/dev/null; unset NGINX; "
  .. "WXBOT_SERVE_PARENT=$PPID exec %s -p %s/ -c nginx.conf -e stderr "
  .. "</dev/null 2>&1"

local function start(settings)
  local pipe = popen(COMMAND:format(quote(settings.nginx),
    quote(settings.prefix)))
  local child = { pipe = pipe, said = {} }
  child.pid = pipe:read("*l")
  return child
end

-- The lines that it says. Not pipe:lines(): that raises when a signal ends the
-- wait, before Ctrl-C has had a chance to.
local function lines_of(child)
  return function()
    return (child.pipe:read("*l"))
  end
end

-- Ends nginx, if it has not ended, hears its last words and waits for its end.
local function stop(child, on_line)
  if child.pid then
    execute("kill -TERM " .. child.pid .. " 2>/dev/null")
  end
  for line in lines_of(child) do
    on_line(line)
  end
  child.pipe:close()
end

-- Reads what it says until it takes connections. Otherwise why it does not.
local function wait_until_ready(child)
  for line in lines_of(child) do
    local why, text = line:match("^failed (%l+) ?(.*)$")
    if line == "ready" then
      return true
    elseif why then
      return nil, why, text
    end
    child.said[#child.said + 1] = line
  end
  return nil, "nginx", concat(child.said, " ")
end

local FAILURES = {
  busy = function(settings)
    return unavailable("port", ("port %d of %s is in use"):format(
      settings.port, settings.host), "--port N chooses another, --port 0 "
      .. "one that is free")
  end,
  denied = function(settings)
    return unavailable("port", ("port %d may not be used by this user")
      :format(settings.port), "ports from 1024 on are for everybody")
  end,
  address = function(settings)
    return errors.invalid(settings.host .. " is not an address of this "
      .. "machine", "host")
  end,
  load = function(_, text)
    return unavailable("luajit", "nginx runs LuaJIT, and wxbot does not load "
      .. "there: " .. text, "build for LuaJIT too: `make` where its headers "
      .. "are (libluajit2-5.1-dev), with lua-cjson and lua-expat for it")
  end,
  skills = function(_, text)
    return errors.invalid(text, "skills")
  end,
  handler = function(_, text)
    return errors.invalid(text, "handler")
  end,
  nginx = function(_, text)
    if text:find("resty.core", 1, true) then
      return program.missing("lua-resty-core is not installed")
    elseif text:find("init_by_lua_block", 1, true) then
      return program.missing("nginx has no Lua module")
    end
    local file = text:match('cannot load certificate k?e?y? ?"([^"]*)"')
    if file then
      return errors.invalid(file .. ": no certificate or key that nginx can "
        .. "use", "tls")
    end
    return unavailable("start", "nginx did not start: " .. text)
  end,
}

local function random_port()
  local high, low = core.random(2):byte(1, 2)
  return FIRST_PORT + (high * 256 + low) % PORTS
end

-- Starts nginx; tries other ports for who does not care.
local function begin(settings, chosen)
  for try = 1, TRIES do
    settings.port = chosen > 0 and chosen or random_port()
    local ok, err = prepare(settings)
    if not ok then
      return nil, err
    end
    local child = start(settings)
    settings.child = child
    local ready, why, text = wait_until_ready(child)
    if ready then
      return child
    end
    stop(child, ignore)
    settings.child = nil
    if not (why == "busy" and chosen == 0 and try < TRIES) then
      return FAILURES[why](settings, text)
    end
  end
end

local function serve(settings, chosen, events)
  local child, err = begin(settings, chosen)
  if not child then
    return nil, err
  end
  events.on_ready(url_of(settings))
  for line in lines_of(child) do
    events.on_line(line)
  end
  -- Unless interrupted, this is the end that nothing here asked for.
  return unavailable("ended", "nginx has ended")
end

local function settings_of(options, found)
  local here = getenv("PWD") or output_of("pwd")
  local handler = absolute(options.handler, here)
  local lua_path = for_luajit(package.path, here)
  return {
    host = options.host, service = options.service or "sandbox",
    skills = absolute(options.skills, here), handler = handler,
    path = options.path, window = options.window,
    behind_proxy = options.behind_proxy,
    tls_cert = absolute(options.tls_cert, here),
    tls_key = absolute(options.tls_key, here),
    ca_file = absolute(options.ca_file, here),
    nginx = found.path, modules = found.modules,
    -- What a handler requires is looked for beside it first.
    lua_path = handler and handler:gsub("[^/]*$", "?.lua;") .. lua_path
      or lua_path,
    lua_cpath = for_luajit(package.cpath, here),
  }
end

-- What only a service that makes calls needs.
local function add_calls(settings, options)
  local ca_file = authorities(settings.ca_file)
  if not ca_file then
    return unavailable("ca_file", "no file of authorities to trust could be "
      .. "read", "--ca-file names one")
  end
  settings.ca_file, settings.resolvers = ca_file, name_servers()
  settings.secrets = options.account
  settings.account = settings.prefix .. "/account.json"
  return true
end

local function clean(settings, on_line)
  if settings.child then
    stop(settings.child, on_line)
    settings.child = nil
  end
  execute("rm -rf " .. quote(settings.prefix))
end

local function serve_in(settings, options, events)
  if options.account then
    local ok, err = add_calls(settings, options)
    if not ok then
      return nil, err
    end
  end
  return serve(settings, options.port, events)
end

--- Serves until nginx ends or Ctrl-C raises; nginx and its folder are gone
--- when it returns or raises.
---@param options table host, port (0: a free one), tls_cert, tls_key; skills (path), or service = "receiver" with
--- handler (file), path, window, behind_proxy, ca_file, account (JSON: options of wxbot.new)
---@param events table on_ready(url): connections are taken; on_line(text): what nginx complains of
---@return nil
---@return wxbot.Error err
function M.run(options, events)
  local message = fault_of(options)
  if message then
    return errors.invalid(message, "value")
  end
  local found, err = program.find()
  if not found then
    return nil, err
  end
  local settings = settings_of(options, found)
  settings.prefix, err = make_prefix()
  if not settings.prefix then
    return nil, err
  end
  local ran, done
  ran, done, err = pcall(serve_in, settings, options, events)
  -- Ctrl-C may strike here too, once: a second one is not caught any more.
  if not pcall(clean, settings, events.on_line) then
    pcall(clean, settings, ignore)
  end
  if not ran then
    error(done, 0)
  end
  return done, err
end

return M
