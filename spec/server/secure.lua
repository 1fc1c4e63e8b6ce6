-- nginx with TLS, ahead of a server without: secure(url, folder) shows
-- good.pem of the folder (spec.server.start's authority), gives on what comes
-- in plain HTTP, and what is answered back. Returns the process; `url` is
-- where.

local nginx = require "spec.server.nginx"

local SERVER = [[
    listen 127.0.0.1:%d ssl;
    ssl_certificate good.pem;
    ssl_certificate_key good.key;
    location / {
      proxy_pass %s;
      proxy_http_version 1.1;
      proxy_buffering off;
    }]]

return function(url, folder)
  local port = nginx.free_port()
  local self = nginx.start(folder, nginx.conf(SERVER:format(port, url)), port)
  self.url = "https://127.0.0.1:" .. port
  return self
end
