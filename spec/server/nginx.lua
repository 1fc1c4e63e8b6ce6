-- nginx for what specs and measurements need: started in a folder, and waited
-- for.

local socket = require "socket"
local start = require "spec.server.start"

local M = {}

-- Where it is, besides where the user's programs are.
local PLACES = ":/usr/sbin:/usr/local/sbin:/usr/local/openresty/nginx/sbin"

-- A port where nobody listens.
function M.free_port()
  local taken = assert(socket.bind("127.0.0.1", 0))
  local _, port = taken:getsockname()
  taken:close()
  return port
end

local function wait(port)
  for _ = 1, 500 do
    local conn = socket.connect("127.0.0.1", port)
    if conn then
      conn:close()
      return
    end
    socket.sleep(0.02)
  end
  error("nginx did not start", 0)
end

local CONF = [[
daemon off;
master_process off;
pid nginx.pid;
lock_file nginx.lock;
error_log stderr emerg;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  keepalive_requests 1000000;
  server {
    %s
  }
}
]]

-- A configuration of one server: what stands within its braces.
function M.conf(server)
  return CONF:format(server)
end

-- Starts it with this configuration, which has it listen at that port.
function M.start(folder, conf, port)
  local file = assert(io.open(folder .. "/nginx.conf", "wb"))
  file:write(conf)
  file:close()
  local self = start.run(("env 'PATH=%s' nginx -p '%s/' -c nginx.conf "
    .. "-e error.log"):format(os.getenv("PATH") .. PLACES, folder))
  wait(port)
  return self
end

return M
