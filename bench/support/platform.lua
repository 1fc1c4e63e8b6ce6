-- A platform for measurements: nginx on loopback, one worker on one core,
-- with and without TLS. `/` answers at once, `/late` after 50 to 300 ms, so
-- does `/large`, with 1 MiB, and `/hold` after 30 s. Needs the packages of `make test`.

local nginx = require "spec.server.nginx"
local start = require "spec.server.start"

local M = {}

-- As long as a common answer of the platform, about 600 bytes.
local ANSWER = ('{"ret":0,"status":"FAQ","answer":"%s","answer_type":"text",'
  .. '"msg":[]}'):format(("x"):rep(540))

local CONF = [[
%s
daemon off;
worker_processes 1;
%s
pid nginx.pid;
error_log error.log error;
worker_rlimit_nofile 20000;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;
  uwsgi_temp_path tmp; scgi_temp_path tmp;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  init_by_lua_block { large = ("x"):rep(1048576) }
  ssl_certificate %s/good.pem;
  ssl_certificate_key %s/good.key;
  server {
    listen 127.0.0.1:%d backlog=4096;
    listen 127.0.0.1:%d ssl backlog=4096;
    default_type application/json;
    location / { return 200 '%s'; }
    location /large {
      content_by_lua_block {
        ngx.req.read_body()
        ngx.sleep(0.05 + math.random() * 0.25)
        ngx.header["x-ready"] = ngx.now()
        ngx.header["content-length"] = 1048576
        ngx.print(large)
      }
    }
    location /hold {
      content_by_lua_block { ngx.sleep(30) ngx.say("{}") }
    }
    # Ahead of the path stands what the bench is to wait; the answer says
    # when it was ready, by the clock that both processes share.
    location /late {
      content_by_lua_block {
        ngx.req.read_body()
        ngx.sleep(0.05 + math.random() * 0.25)
        ngx.header["x-ready"] = ngx.now()
        ngx.print('%s')
      }
    }
  }
}
]]

local function exists(path)
  local file = io.open(path)
  return file ~= nil and file:close()
end

-- Loads the module from a folder where Debian puts it, if it is one.
local function lua_module()
  local folder = "/usr/lib/nginx/modules/"
  return exists(folder .. "ngx_http_lua_module.so")
    and ("load_module %sndk_http_module.so;\nload_module "
      .. "%sngx_http_lua_module.so;"):format(folder, folder) or ""
end

--- Starts it. { http, https (URLs), ca_file }, and stop().
function M.start()
  local folder = start.authority()
  local http, https = nginx.free_port(), nginx.free_port()
  local conf = CONF:format(lua_module(), M.cores > 1
    and "worker_cpu_affinity 01;" or "", folder, folder, http, https,
    ANSWER, ANSWER)
  local server = nginx.start(folder, conf, https)
  return {
    http = "http://127.0.0.1:" .. http, https = "https://127.0.0.1:" .. https,
    ca_file = folder .. "/ca.pem",
    stop = function()
      server:stop()
      start.stop_all()
      start.remove_folder(folder)
    end,
  }
end

local function output(command)
  local pipe = io.popen(command)
  local text = pipe:read("*a")
  pipe:close()
  return text
end

M.cores = tonumber(output("nproc")) or 1

--- What to write before a command so that it does not share nginx's core.
M.apart = M.cores > 1 and output("command -v taskset") ~= ""
  and "taskset -c 1 " or ""

--- Runs a command of the shell, apart from nginx; returns what it printed.
function M.run(command)
  local text = output(M.apart .. command)
  assert(text ~= "", "this said nothing: " .. command)
  return text
end

--- The middle of a list of numbers.
function M.median(list)
  local sorted = {}
  for i, value in ipairs(list) do
    sorted[i] = value
  end
  table.sort(sorted)
  return sorted[math.floor((#sorted + 1) / 2)]
end

return M
