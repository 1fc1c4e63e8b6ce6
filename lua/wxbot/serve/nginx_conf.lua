--- The nginx.conf of `wxbot serve` and `wxbot receive`.

local endpoints = require "wxbot.api"

local concat = table.concat
local floor, max, min = math.floor, math.max, math.min
local ipairs, pairs, tostring, type = ipairs, pairs, tostring, type

local M = {}

-- One process, so that tags and dialogues are in one place, which is also
-- whoever started it: a clone in a private home can be read.
--
-- Bodies stay in memory: their buffer is as large as they may be, but for those
-- in very small chunks.
--
-- Errors about requests would quote URLs, and these hold the token: nginx
-- itself is silent about requests, what breaks in Lua is told by worker.lua.
local TEMPLATE = [[
daemon off;
master_process off;
pid nginx.pid;
lock_file nginx.lock;
error_log stderr warn;
env WXBOT_SERVE_PARENT;
@modules@
events { worker_connections @connections@; }

http {
  access_log off;
  error_log stderr emerg;
  server_tokens off;
  default_type text/plain;

  client_body_temp_path body_temp;
  proxy_temp_path proxy_temp;
  fastcgi_temp_path fastcgi_temp;
  uwsgi_temp_path uwsgi_temp;
  scgi_temp_path scgi_temp;

  client_header_timeout 5s;
  client_header_buffer_size 1k;
  large_client_header_buffers 2 8k;
  client_body_timeout 5s;
  client_body_buffer_size @max_body@;
  client_max_body_size @max_body@;
  send_timeout 10s;
  keepalive_timeout 30s;
  keepalive_requests 100000;
  lingering_time 5s;
  lingering_timeout 1s;

@calls@
@limit@
  lua_package_path @lua_path@;
  lua_package_cpath @lua_cpath@;
  init_by_lua_block {
    package.path = @own_path@ .. package.path
    package.cpath = @own_cpath@ .. package.cpath
    require "wxbot.serve.worker".init(@settings@)
  }
  init_worker_by_lua_block { require "wxbot.serve.worker".ready() }
  exit_worker_by_lua_block { require "wxbot.serve.worker".leave() }

  server {
    underscores_in_headers on;
    listen @address@@tls@;
@locations@
    location @full {
      lingering_time 0;
      lingering_timeout 1ms;
      return 503 "503 try again\n";
    }
  }
}
]]

-- 1 MiB of sealed XML is about 10,000 openids, 200 batches of `bot:tag`. Files
-- are longer: what is beyond 1 MiB of them nginx puts into its folder. A push is
-- 64 KiB at most, as a receiver has it.
local LONGEST, LONGEST_FILE, LONGEST_PUSH = 1048576, 11534336, 65536

-- A body that is too long is not read.
local EVERYWHERE = [[
    location / {
      error_page 413 = @too_long;
      error_page 503 = @full;
      content_by_lua_block { require "wxbot.serve.worker".answer() }
    }
    location @too_long {
      content_by_lua_block { require "wxbot.serve.worker".refuse_long() }
    }
    location = /_wxbot/events {
      lua_check_client_abort on;
      error_page 413 = @too_long;
      content_by_lua_block { require "wxbot.serve.worker".answer() }
    }]]

local FILES = [[

    location = %s {
      client_max_body_size %d;
      error_page 413 = @too_long;
      error_page 503 = @full;
      content_by_lua_block { require "wxbot.serve.worker".answer() }
    }]]

-- A push that is too long is refused as all else is, and elsewhere there is
-- nothing, whatever comes: neither waits for a body. What is not counted, as
-- below, holds no connection for the rest.
local AT_PATH = [[
    location = %s {
      error_page 413 = @too_long;
      error_page 503 = @full;
      content_by_lua_block { require "wxbot.serve.worker".answer() }
    }
    location @too_long {
      content_by_lua_block { require "wxbot.serve.worker".refuse_long() }
    }
    location / {
      client_max_body_size 0;
      lingering_time 0;
      lingering_timeout 1ms;
      return 404 "404 not found\n";
    }]]

-- Once a head has been read its connection counts as one of its address. Behind
-- a proxy all have that of the proxy.
local LIMIT = [[
  limit_conn_zone $binary_remote_addr zone=addresses:1m;
  limit_conn addresses %d;]]

--- The user's files that nginx reads, from names of its own in its folder.
M.files = { "tls_cert", "tls_key", "ca_file" }

local TLS = [[ ssl;
    ssl_certificate tls_cert;
    ssl_certificate_key tls_key;
    ssl_protocols TLSv1.2 TLSv1.3]]

-- For calls from inside: nginx trusts nobody by itself, and knows no name
-- server. Each message has a timer of its own until it has been dealt with.
local CALLS = [[
@trust@
  lua_ssl_verify_depth 5;
  lua_ssl_protocols TLSv1.2 TLSv1.3;
  lua_socket_log_errors off;
  lua_max_pending_timers 4096;
  lua_max_running_timers 1024;
]]

-- As many as nginx has in all; a call and a timer take one each, too. Where
-- files end before connections do, nobody's idle one is closed for another.
local CONNECTIONS, OTHER_FILES = 2048, 32

local function connections_of(files)
  return max(min(files - OTHER_FILES, CONNECTIONS), OTHER_FILES)
end

-- A word of nginx.conf, where nginx looks for no variables.
local function word(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

-- A string of Lua on one line, as nginx's reader of Lua blocks wants it.
local function lua_string(text)
  return (("%q"):format(text):gsub("\\\n", "\\n"):gsub("\r", "\\r"))
end

-- Places for modules without those in which nginx would see a variable.
local function places(path)
  return word(";;" .. (";" .. path):gsub(";[^;]*%$[^;]*", ""))
end

local function load_modules(paths)
  local lines = {}
  for i, path in ipairs(paths) do
    lines[i] = "load_module " .. word(path) .. ";"
  end
  return concat(lines, "\n")
end

-- A Lua constructor of strings, numbers and booleans.
local function constructor(settings)
  local parts = {}
  for _, name in ipairs{ "host", "port", "prefix", "here", "service", "skills",
      "callbacks", "state", "tls", "handler", "kind", "plain", "path",
      "account", "window", "behind_proxy", "inbox", "fsync" } do
    local value = settings[name]
    if type(value) == "string" then
      value = lua_string(value)
    end
    parts[#parts + 1] = value ~= nil and name .. " = " .. tostring(value) or nil
  end
  return "{ " .. concat(parts, ", ") .. " }"
end

local function calls_of(settings)
  local text = CALLS:gsub("@trust@", settings.ca_file
    and "  lua_ssl_trusted_certificate ca_file;" or "")
  if #settings.resolvers > 0 then
    text = text .. "  resolver " .. concat(settings.resolvers, " ") .. ";\n"
  end
  return text
end

local takes_files = {}
for _, endpoint in ipairs(endpoints.all) do
  if endpoint.wire == "multipart" then
    takes_files[endpoint.path] = true
  end
end

--- How long a body may be that comes to the sandbox.
---@param path string
---@return integer bytes
function M.longest(path)
  return takes_files[path] and LONGEST_FILE or LONGEST
end

-- Everything the sandbox answers.
local function everywhere()
  local text = EVERYWHERE
  for path in pairs(takes_files) do
    text = text .. FILES:format(path, LONGEST_FILE)
  end
  return text
end

--- Where nginx listens, and a URL has its host.
---@param host string an IP address
---@param port integer
---@return string
function M.address(host, port)
  return (host:find(":", 1, true) and "[%s]:%d" or "%s:%d"):format(host, port)
end

--- Writes the text.
---@param settings table host, port, prefix, here, files, service and what it takes, modules, places for modules;
--- tls_cert if it has TLS, ca_file and resolvers if it makes calls
---@return string
function M.text(settings)
  local connections = connections_of(settings.files)
  local values = {
    modules = load_modules(settings.modules), connections = connections,
    lua_path = places(settings.lua_path),
    lua_cpath = places(settings.lua_cpath),
    own_path = lua_string(settings.own_path),
    own_cpath = lua_string(settings.own_cpath),
    settings = constructor(settings), calls = calls_of(settings),
    address = M.address(settings.host, settings.port),
    tls = settings.tls_cert and TLS or "",
    max_body = settings.path and LONGEST_PUSH or LONGEST,
    locations = settings.path and AT_PATH:format(settings.path) or everywhere(),
    limit = settings.behind_proxy and ""
      or LIMIT:format(floor(connections / 2)),
  }
  return (TEMPLATE:gsub("@([%a_]+)@", values))
end

return M
