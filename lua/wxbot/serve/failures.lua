--- Why nginx does not serve, as errors.

local errors = require "wxbot.util.errors"
local find_nginx = require "wxbot.serve.find_nginx"
local nginx_conf = require "wxbot.serve.nginx_conf"

local ipairs = ipairs

local M = {}

local function not_loaded(text)
  return errors.unavailable("luajit", "nginx runs LuaJIT, and wxbot does not load "
    .. "there: " .. text, "build for LuaJIT too: in the checkout `make "
    .. "deps-nginx`, then `make install`")
end

--- By the word that nginx gives for it, or that stands for its silence: makes an
--- error of (settings, text).
M.of = {
  busy = function(settings)
    return errors.unavailable("port", ("port %d of %s is in use"):format(
      settings.port, settings.host), "--port N chooses another, --port 0 "
      .. "one that is free")
  end,
  denied = function(settings)
    return errors.unavailable("port", ("port %d may not be used by this user")
      :format(settings.port), "ports from 1024 on are for everybody")
  end,
  address = function(settings)
    return errors.invalid(settings.host .. " is not an address of this "
      .. "machine", "host")
  end,
  load = function(_, text)
    return not_loaded(text)
  end,
  skills = function(_, text)
    return errors.invalid(text, "skills")
  end,
  state = function(_, text)
    return errors.unavailable("state", text)
  end,
  inbox = function(_, text)
    return errors.unavailable("inbox", "the inbox " .. text)
  end,
  handler = function(_, text)
    return errors.invalid(text, "handler")
  end,
  nginx = function(settings, text)
    if text:find("module 'resty.core' not found", 1, true) then
      return find_nginx.missing("lua-resty-core is not installed")
    elseif text:find("module 'wxbot.", 1, true) then
      return not_loaded(text:match("module 'wxbot[^']*' not found")
        or text)
    elseif text:find('unknown directive "init_by_lua_block"', 1, true) then
      return find_nginx.missing("nginx has no Lua module")
    end
    for _, name in ipairs(nginx_conf.files) do
      if text:find(("/%s\""):format(name), 1, true) then
        return errors.invalid(("%s: %s: no certificate or key that nginx can "
          .. "use (%s)"):format(name, settings[name],
          text:match("%((SSL: [^)]*)") or text), "tls")
      end
    end
    -- Where lua-resty-core and nginx do not fit, this is all there is to know.
    return errors.unavailable("start", "nginx did not start: "
      .. (text:match("%(reason: (.*)%)") or text))
  end,
}

return M
