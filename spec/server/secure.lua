-- nginx with TLS, ahead of a server without: secure(url, folder) shows
-- good.pem of the folder (spec.server.start's authority), gives on what comes
-- in plain HTTP, and what is answered back. Returns the process; `url` is
-- where.

local socket = require "socket"
local start = require "spec.server.start"

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
    listen 127.0.0.1:@port@ ssl;
    ssl_certificate good.pem;
    ssl_certificate_key good.key;
    location / {
      proxy_pass @url@;
      proxy_http_version 1.1;
      proxy_buffering off;
    }
  }
}
]]

local PATH = "PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/local/openresty/nginx/sbin"

local function free_port()
  local taken = assert(socket.bind("127.0.0.1", 0))
  local _, port = taken:getsockname()
  taken:close()
  return port
end

-- Until it listens.
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

return function(url, folder)
  local port = free_port()
  local file = assert(io.open(folder .. "/nginx.conf", "wb"))
  file:write((CONF:gsub("@(%w+)@", { port = port, url = url })))
  file:close()
  local self = start.run(("env '%s' nginx -p '%s/' -c nginx.conf -e stderr")
    :format(PATH:gsub("%$PATH", os.getenv("PATH")), folder))
  wait(port)
  self.url = "https://127.0.0.1:" .. port
  return self
end
