--- The sandbox or a receiver over HTTP: nginx, started here and ended with us.

local nginx_conf = require "wxbot.serve.nginx_conf"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local find_nginx = require "wxbot.serve.find_nginx"

local collectgarbage, error, ipairs = collectgarbage, error, ipairs
local execute, getenv = os.execute, os.getenv
local io_open, io_type = io.open, io.type
local package, pcall = package, pcall
local concat = table.concat
local min = math.min
local tonumber = tonumber
local open_pipe, quote = find_nginx.open, find_nginx.quote

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

-- What a command says, but for the end of its last line.
local function output_of(command)
  local pipe = open_pipe(command)
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("\n$", ""))
end

-- nginx takes relative names for ones below its own folder.
local function absolute(path, here)
  if path == nil or path == "" or path:find("^/") then
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
  return concat(places, ";")
end

-- The place of a module that runs here. Ours are before nginx's own, and these
-- before all others: lua-resty-core and nginx must be made for each other.
local function own_place(name, file, path, here)
  local found = package.searchpath(name, path)
  return found and for_luajit(found:sub(1, -#file - 1), here) or ""
end

-- Why a file cannot be read; nil if it can.
local function trouble_with(path)
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
    if not trouble_with(path) then
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

-- What is wrong with the options, once they have been made settings.
local function fault_of(options)
  if not is_ipv4(options.host) and not is_ipv6(options.host) then
    return "host must be an IP address, such as 127.0.0.1, ::1 or 0.0.0.0"
  elseif options.port > 65535 then
    return "port must be from 0 (a free one) to 65535"
  elseif (options.tls_cert == nil) ~= (options.tls_key == nil) then
    return "TLS needs both, the certificate and its key"
  end
  for _, name in ipairs{ "tls_cert", "tls_key", "ca_file", "handler" } do
    local trouble = options[name] and trouble_with(options[name])
    if trouble then
      return name .. ": " .. trouble
    end
  end
  -- What a handler requires is looked for beside it.
  if options.handler and options.handler:find("[;?][^;?]*/") then
    return "handler: no folder on the way to it may have ; or ? in its name"
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
    .. nginx_conf.address(host, settings.port) .. (settings.path or "")
end

-- -------------------------------------------------------------------- nginx

local function write_file(path, text)
  local file, message = io_open(path, "wb")
  if not file then
    return nil, message
  end
  local ok
  ok, message = file:write(text)
  -- What was kept back is written now, or cannot be.
  local closed, why = file:close()
  return ok and closed, message or why
end

local function prepare(settings)
  local ok, message = write_file(settings.prefix .. "/nginx.conf",
    nginx_conf.text(settings))
  if not ok then
    return unavailable("folder", "nginx.conf could not be written: " .. message)
  end
  return true
end

-- The user's files that nginx reads, under the names that nginx.conf has.
local FILES = { "tls_cert", "tls_key", "ca_file" }

-- By one shell, so that little stays of a starter that is killed meanwhile. No
-- folder is made where something is: it is ours alone.
local function make_folder(settings)
  local steps = { "mkdir -m 700 -- " .. quote(settings.prefix),
    "cd " .. quote(settings.prefix) }
  if settings.secrets then
    steps[3] = "mkfifo -m 600 account"
  end
  for _, name in ipairs(FILES) do
    if settings[name] then
      steps[#steps + 1] = ("ln -s -- %s %s"):format(quote(settings[name]), name)
    end
  end
  local trouble = output_of("{ " .. concat(steps, " && ") .. "; } 2>&1")
  if trouble ~= "" then
    return unavailable("folder", "no folder of its own could be made for "
      .. "nginx: " .. trouble, "TMPDIR says where")
  end
  return true
end

-- The secrets go through a FIFO, held open until nginx has read them: they are
-- never in a file, whoever is killed when. Opened to be read and written, it
-- does not wait for the other side; it holds 64 KiB, they are 25 at most.
local function hand_over(settings)
  local trouble
  settings.account = settings.prefix .. "/account"
  settings.fifo, trouble = io_open(settings.account, "r+b")
  if not settings.fifo then
    return unavailable("folder", "nginx's folder: " .. trouble)
  end
  settings.fifo:write(settings.secrets, "\n")
  settings.fifo:flush()
  return true
end

local function close_fifo(settings)
  if settings.fifo then
    settings.fifo:close()
    settings.fifo = nil
  end
end

-- The shell becomes nginx: it must be our own child to end with us. What is
-- sent to all of us is for the starter until nginx has handlers of its own, and
-- then looks whether there is one. Neither the user's Lua nor the secrets are
-- in its environment; the folder where it stands holds no modules.
local COMMAND = "trap '' HUP INT TERM; echo $$; "
  .. "ulimit -S -n %d 2>/dev/null; cd %s; "
  .. "unset NGINX LUA_PATH LUA_CPATH WXBOT_TOKEN WXBOT_AES_KEY "
  .. "WXBOT_ACCESS_TOKEN; "
  .. "WXBOT_SERVE_PARENT=$PPID exec %s -p %s/ -c nginx.conf -e stderr "
  .. "</dev/null 2>&1"

local function start(settings)
  local prefix = quote(settings.prefix)
  local pipe = open_pipe(COMMAND:format(settings.files, prefix,
    quote(settings.nginx), prefix))
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

-- Passes on what it says until its end.
local function follow(child, on_line)
  for line in lines_of(child) do
    on_line((line:gsub("^log ", "")))
  end
end

-- Ends nginx, if it has not ended, hears its last words and waits for its end.
local function stop(child, on_line)
  if child.pid then
    execute("kill -QUIT " .. child.pid .. " 2>/dev/null")
  end
  if io_type(child.pipe) == "file" then
    follow(child, on_line)
    child.pipe:close()
  end
end

-- Reads what it says until it takes connections. Otherwise why it does not.
local function wait_until_ready(child, on_line)
  for line in lines_of(child) do
    local kind, text = line:match("^(%l+) ?(.*)$")
    if kind == "ready" then
      return true
    elseif kind == "failed" then
      return nil, text:match("^(%l+) (.*)$")
    elseif kind == "log" then
      on_line(text)
    else
      child.said[#child.said + 1] = line
    end
  end
  local said = concat(child.said, " ")
  -- Whoever else wanted the port was between our look and nginx's.
  if said:find("Address already in use", 1, true) then
    return nil, "busy"
  end
  return nil, "nginx", said
end

local function not_loaded(text)
  return unavailable("luajit", "nginx runs LuaJIT, and wxbot does not load "
    .. "there: " .. text, "build for LuaJIT too: `make` where its headers are "
    .. "(libluajit2-5.1-dev; in Debian 13 libluajit-5.1-dev), with lua-cjson "
    .. "and lua-expat for it")
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
    return not_loaded(text)
  end,
  skills = function(_, text)
    return errors.invalid(text, "skills")
  end,
  handler = function(_, text)
    return errors.invalid(text, "handler")
  end,
  nginx = function(settings, text)
    if text:find("module 'resty.core' not found", 1, true) then
      return find_nginx.missing("lua-resty-core is not installed")
    elseif text:find("module 'wxbot.", 1, true) then
      return not_loaded(text:match("module 'wxbot[^']*' not found") or text)
    elseif text:find('unknown directive "init_by_lua_block"', 1, true) then
      return find_nginx.missing("nginx has no Lua module")
    end
    for _, name in ipairs(FILES) do
      if text:find(("/%s\""):format(name), 1, true) then
        return errors.invalid(("%s: %s: no certificate or key that nginx can "
          .. "use (%s)"):format(name, settings[name],
          text:match("%((SSL: [^)]*)") or text), "tls")
      end
    end
    -- Where lua-resty-core and nginx do not fit, this is all there is to know.
    return unavailable("start", "nginx did not start: "
      .. (text:match("%(reason: (.*)%)") or text))
  end,
}

local function random_port()
  local high, low = core.random(2):byte(1, 2)
  return FIRST_PORT + (high * 256 + low) % PORTS
end

-- Starts nginx; tries other ports for who does not care.
local function begin(settings, chosen, on_line)
  for try = 1, TRIES do
    settings.port = chosen > 0 and chosen or random_port()
    local ok, err = prepare(settings)
    if not ok then
      return nil, err
    end
    local child = start(settings)
    settings.child = child
    local ready, why, text = wait_until_ready(child, on_line)
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
  local child, err = begin(settings, chosen, events.on_line)
  if not child then
    return nil, err
  end
  close_fifo(settings)
  events.on_ready(url_of(settings))
  follow(child, events.on_line)
  -- Unless interrupted, this is the end that nothing here asked for.
  return unavailable("ended", "nginx has ended")
end

local function prefix_in(here)
  local place = getenv("TMPDIR")
  return ("%s/wxbot-serve.%s"):format(absolute(place ~= nil and place ~= ""
    and place or "/tmp", here), core.hex_encode(core.random(8)))
end

-- How many files nginx shall open; fewer where it may not.
local FILES_OPEN = 4096

local function settings_of(options)
  -- PWD may be that of who started us.
  local files, here = output_of("ulimit -H -n; pwd"):match("^(.-)\n(.*)$")
  local handler = absolute(options.handler, here)
  local own = own_place("wxbot.serve", "wxbot/serve/init.lua", package.path,
    here)
  return {
    here = here, prefix = prefix_in(here),
    files = min(tonumber(files) or FILES_OPEN, FILES_OPEN),
    host = options.host, port = options.port,
    service = options.service or "sandbox", secrets = options.account,
    skills = absolute(options.skills, here), handler = handler,
    path = options.path, window = options.window,
    behind_proxy = options.behind_proxy,
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

-- What only a service that makes calls needs.
local function add_calls(settings)
  local ca_file = authorities(settings.ca_file)
  if not ca_file then
    return unavailable("ca_file", "no file of authorities to trust could be "
      .. "read", "--ca-file names one")
  end
  settings.ca_file, settings.resolvers = ca_file, name_servers()
  return true
end

local function clean(settings, on_line)
  if settings.child then
    stop(settings.child, on_line)
    settings.child = nil
  end
  -- Closes the pipe of what was being started when Ctrl-C struck, which waits
  -- for its end.
  collectgarbage()
  close_fifo(settings)
  local folder = quote(settings.prefix)
  execute(("trap '' INT TERM HUP; [ ! -d %s ] || rm -rf %s"):format(folder,
    folder))
end

local function prepare_all(settings)
  local ok, err = true, nil
  if settings.secrets then
    ok, err = add_calls(settings)
  end
  if ok then
    ok, err = make_folder(settings)
  end
  if ok and settings.secrets then
    ok, err = hand_over(settings)
  end
  return ok, err
end

local function serve_in(settings, options, events)
  local ok, err = prepare_all(settings)
  if not ok then
    return nil, err
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
  local settings = settings_of(options)
  local message = fault_of(settings)
  if message then
    return errors.invalid(message, "value")
  end
  local found, err = find_nginx.find()
  if not found then
    return nil, err
  end
  settings.nginx, settings.modules = absolute(found.path, settings.here),
    found.modules
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
