-- nginx with four workers, each full of callers: see spec/nginx/callers.lua.
local start = require "spec.server.start"

local M = {}

M.NUMBER = 4

local CONF = [[
daemon off;
worker_processes %d;
%s
pid nginx.pid;
lock_file nginx.lock;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path tmp;
  proxy_temp_path tmp;
  fastcgi_temp_path tmp;
  uwsgi_temp_path tmp;
  scgi_temp_path tmp;
  lua_package_path "%s";
  lua_package_cpath "%s";
  lua_shared_dict wxbot_tokens 1m;
  lua_shared_dict spec 1m;
  lua_socket_log_errors off;
  init_by_lua_block { require "spec.nginx.callers".expire() }
  init_worker_by_lua_block { require "spec.nginx.callers".start(%s) }
}
]]

-- What a command prints, without the end of its last line.
local function output_of(command)
  return (start.output_of(command):gsub("%s+$", ""))
end

-- Debian's modules are files; OpenResty has them built in.
local function load_modules(nginx)
  local folder = output_of(nginx
    .. " -V 2>&1 | tr ' ' '\\n' | sed -n 's/^--modules-path=//p'")
  local lines = {}
  for _, name in ipairs{ "ndk_http_module", "ngx_http_lua_module" } do
    local path = folder .. "/" .. name .. ".so"
    local file = io.open(path)
    if file then
      file:close()
      lines[#lines + 1] = "load_module " .. path .. ";"
    end
  end
  -- A clone in a private home is read by nobody else.
  if output_of("id -u") == "0" then
    lines[#lines + 1] = "user root;"
  end
  return table.concat(lines, "\n")
end

-- Starts it; start.stop_all stops it, M.remove_folder removes what it left.
---@param settings table url, timeout, callers (of each worker), together (how many begin at once), redis (its port)
function M.start(settings)
  local path = os.getenv("PATH") .. ":/usr/sbin:/usr/local/sbin"
    .. ":/usr/local/openresty/nginx/sbin"
  local nginx = output_of(("PATH='%s' command -v nginx"):format(path))
  assert(nginx ~= "", "there is no nginx; run 'make deps'")
  local root, folder = output_of("pwd"), output_of("mktemp -d")
  local text = ("{ url = %q, timeout = %s, callers = %d, together = %d, "
    .. "redis = %s }"):format(settings.url, settings.timeout,
      settings.callers, settings.together, settings.redis or "nil")
  local file = assert(io.open(folder .. "/nginx.conf", "w"))
  file:write(CONF:format(M.NUMBER, load_modules(nginx),
    ("%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;;"):format(root, root, root),
    ("%s/%s/5.1/?.so;;"):format(root, os.getenv("BUILD") or "build"), text))
  file:close()
  assert(output_of("mkdir " .. folder .. "/tmp 2>&1") == "")
  local process = start.run(("timeout -k 5 90 env -u LUA_PATH -u LUA_CPATH %s -p %s/ "
    .. "-c nginx.conf -e stderr"):format(nginx, folder))
  process.folder = folder
  return process
end

return M
