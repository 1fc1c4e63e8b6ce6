-- nginx with TLS, ahead of a server without: secure(url, folder) shows
-- good.pem of the folder (spec.server.start's authority), gives on what comes
-- in plain HTTP, and what is answered back. Returns the process; `url` is
-- where.

local nginx = require "spec.server.nginx"

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

return function(url, folder)
  local port = nginx.free_port()
  local conf = CONF:gsub("@(%w+)@", { port = port, url = url })
  local self = nginx.start(folder, conf, port)
  self.url = "https://127.0.0.1:" .. port
  return self
end
