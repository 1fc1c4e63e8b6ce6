-- Without this a call by a proxy fails in a way that names nobody, or is sent
-- twice.
--
-- Every transport of ours by a real proxy; cosockets when this runs inside nginx.

local proxies = require "spec.support.proxy_specs"

if package.loaded.ngx then
  proxies("wxbot.resty", {
    transport = function(proxy)
      return require "wxbot.transport.resty".new{ proxy = proxy }
    end,
    authority = os.getenv("WXBOT_SPEC_WORK"),
  })
  return
end

local on_loop = require "spec.support.on_loop"

proxies("wxbot.curl", {
  transport = function(proxy, ca_file)
    return require "wxbot.transport.curl".new{ proxy = proxy, ca_file = ca_file }
  end,
})

proxies("wxbot.loop", {
  transport = function(proxy, ca_file)
    return on_loop.new{ proxy = proxy, ca_file = ca_file }
  end,
  run = on_loop.run,
})
