-- A scripted server for a scenario of `make oom`: over(false, script), or
-- over(true, script) with TLS ahead of it. `url`, and with TLS `ca_file`,
-- say how to reach it; `stop` ends it.

local secure = require "spec.server.secure"
local start = require "spec.server.start"

return function(tls, script)
  local folder = tls and start.authority()
  local url = start.scripted(script).url
  return {
    url = folder and secure(url, folder).url or url,
    ca_file = folder and folder .. "/ca.pem",
    stop = function()
      start.stop_all()
      if folder then
        start.remove_folder(folder)
      end
    end,
  }
end
