--- The sandbox or a receiver over HTTP: nginx, started here and ended with us.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local failures = require "wxbot.serve.failures"
local find_nginx = require "wxbot.serve.find_nginx"
local folder = require "wxbot.serve.folder"
local guard = require "wxbot.serve.guard"
local nginx_conf = require "wxbot.serve.nginx_conf"
local process = require "wxbot.serve.process"
local settings_of = require "wxbot.serve.settings"

local collectgarbage, error, pcall = collectgarbage, error, pcall

local M = {}

-- Ports for who does not care: below those that connections going out get.
local FIRST_PORT, PORTS, TRIES = 20000, 12000, 20

local function ignore()
end

--- Tells whether only programs of this machine can reach an address.
---@param host string
---@return boolean
function M.is_loopback(host)
  return host:find("^127%.") ~= nil or host == "::1"
end

local function url_of(settings)
  local host = guard.printed(settings.host)
  return (settings.tls_cert and "https://" or "http://")
    .. nginx_conf.address(host, settings.port) .. (settings.path or "")
end

local function random_port()
  local high, low = core.random(2):byte(1, 2)
  return FIRST_PORT + (high * 256 + low) % PORTS
end

-- Starts nginx; tries other ports for who does not care.
local function begin(settings, chosen, on_line)
  for try = 1, TRIES do
    settings.port = chosen > 0 and chosen or random_port()
    local ok, err = folder.write_conf(settings)
    if not ok then
      return nil, err
    end
    local child = process.start(settings)
    settings.child = child
    local ready, why, text = process.wait_until_ready(child, on_line)
    if ready then
      return child
    end
    process.stop(child, ignore)
    settings.child = nil
    if not (why == "busy" and chosen == 0 and try < TRIES) then
      return failures.of[why](settings, text)
    end
  end
end

local function serve(settings, chosen, events)
  local child, err = begin(settings, chosen, events.on_line)
  if not child then
    return nil, err
  end
  folder.close_fifo(settings)
  events.on_ready(url_of(settings))
  process.follow(child, events.on_line, events.on_request)
  -- Unless interrupted, this is the end that nothing here asked for.
  local signal = process.stop(child, events.on_line)
  settings.child = nil
  return errors.unavailable("ended", "nginx has ended"
    .. (signal and (" by signal %d"):format(signal) or ""))
end

local function clean(settings, on_line)
  if settings.child then
    process.stop(settings.child, on_line)
    settings.child = nil
  end
  -- Closes the pipe of what was being started when Ctrl-C struck, which waits
  -- for its end.
  collectgarbage()
  folder.close_fifo(settings)
  folder.remove(settings)
end

local function prepare_all(settings)
  local ok, err = settings_of.add_calls(settings)
  if ok then
    ok, err = folder.make(settings)
  end
  if ok and settings.secrets then
    ok, err = folder.hand_over(settings)
  end
  return ok, err
end

local function serve_in(settings, options, events)
  local ok, err = prepare_all(settings)
  if not ok then
    return nil, err
  end
  return serve(settings, options.port, events)
end

--- Serves until nginx ends or Ctrl-C raises; nginx and its folder are gone
--- when it returns or raises.
---@param options table host, port (0: a free one), tls_cert, tls_key; skills (path), callbacks (JSON: kind to URL), account (JSON: own
--- credentials of the sandbox), or service = "receiver" with
--- handler (file), kind, plain, path, window, behind_proxy, ca_file, account (JSON: options of wxbot.new; proxy, a URL; verbose;
--- pusher: appid, token, aes_key, secret of who pushes, if it has its own), inbox (file), fsync, state (file) of a third-party platform
---@param events table on_ready(url): connections are taken; on_line(text): what nginx complains of;
--- on_request(request): what the sandbox has answered (wxbot.serve.request_line)
---@return nil
---@return wxbot.Error err
function M.run(options, events)
  local settings = settings_of.new(options)
  local reason = settings_of.check(settings)
  if reason then
    return errors.invalid(reason, "value")
  end
  local found, err = find_nginx.find()
  if not found then
    return nil, err
  end
  settings.nginx = settings_of.absolute(found.path, settings.here)
  settings.modules = found.modules
  local ran, done
  ran, done, err = pcall(serve_in, settings, options, events)
  -- Ctrl-C may strike here too, once: a second one is not caught any more.
  if not pcall(clean, settings, events.on_line) then
    pcall(clean, settings, ignore)
  end
  if not ran then
    error(done, 0)
  end
  return done, err
end

return M
