--- The nginx.conf of `wxbot serve` and `wxbot receive`.

local concat = table.concat
local ipairs, tostring, type = ipairs, tostring, type

local M = {}

-- One process, so that tags and dialogues are in one place, which is also
-- whoever started it: a clone in a private home can be read.
--
-- Bodies stay in memory: their buffer is as large as they may be, but for those
-- in very small chunks. 1 MiB of sealed XML is about 10,000 openids, 200
-- batches of `bot:tag`.
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
events { worker_connections 1024; }

http {
  access_log off;
  error_log stderr emerg;
  server_tokens off;
  default_type text/plain;

  client_body_temp_path tmp/body;
  proxy_temp_path tmp/proxy;
  fastcgi_temp_path tmp/fastcgi;
  uwsgi_temp_path tmp/uwsgi;
  scgi_temp_path tmp/scgi;

  client_header_timeout 5s;
  client_header_buffer_size 1k;
  large_client_header_buffers 2 8k;
  client_body_timeout 10s;
  client_body_buffer_size 1m;
  client_max_body_size 1m;
  send_timeout 10s;
  keepalive_timeout 30s;
  keepalive_requests 100000;
  lingering_time 5s;
  lingering_timeout 1s;

@calls@
  lua_package_path @lua_path@;
  lua_package_cpath @lua_cpath@;
  init_by_lua_block { require "wxbot.serve.worker".init(@settings@) }
  init_worker_by_lua_block { require "wxbot.serve.worker".ready() }
  exit_worker_by_lua_block { require "wxbot.serve.worker".leave() }

  server {
    underscores_in_headers on;
    listen @address@@tls@;
    location / {
      content_by_lua_block { require "wxbot.serve.worker".answer() }
    }
  }
}
]]

local TLS = [[ ssl;
    ssl_certificate %s;
    ssl_certificate_key %s;
    ssl_protocols TLSv1.2 TLSv1.3]]

-- For calls from inside: nginx trusts nobody by itself, and knows no name
-- server. Each message has a timer of its own until it has been dealt with.
local CALLS = [[
  lua_ssl_trusted_certificate %s;
  lua_ssl_verify_depth 5;
  lua_ssl_protocols TLSv1.2 TLSv1.3;
  lua_socket_log_errors off;
  lua_max_pending_timers 4096;
  lua_max_running_timers 1024;
]]

-- A word of nginx.conf.
local function word(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
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
  for _, name in ipairs{ "host", "port", "prefix", "service", "skills",
      "handler", "path", "account", "window", "behind_proxy" } do
    local value = settings[name]
    if type(value) == "string" then
      value = ("%q"):format(value)
    end
    parts[#parts + 1] = value ~= nil and name .. " = " .. tostring(value) or nil
  end
  return "{ " .. concat(parts, ", ") .. " }"
end

local function calls_of(settings)
  if not settings.ca_file then
    return ""
  end
  local text = CALLS:format(word(settings.ca_file))
  if #settings.resolvers > 0 then
    text = text .. "  resolver " .. concat(settings.resolvers, " ") .. ";\n"
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
---@param settings table host, port, prefix, service and what it takes, tls_cert, tls_key, modules, lua_path, lua_cpath; ca_file and resolvers if it makes calls
---@return string
function M.text(settings)
  local values = {
    modules = load_modules(settings.modules),
    lua_path = word(settings.lua_path), lua_cpath = word(settings.lua_cpath),
    settings = constructor(settings), calls = calls_of(settings),
    address = M.address(settings.host, settings.port),
    tls = settings.tls_cert
      and TLS:format(word(settings.tls_cert), word(settings.tls_key)) or "",
  }
  return (TEMPLATE:gsub("@([%a_]+)@", values))
end

return M
