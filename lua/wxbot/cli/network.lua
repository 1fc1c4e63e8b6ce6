--- How the command reaches the network: by which proxy, and whom it trusts.

local default = require "wxbot.transport.default"
local output = require "wxbot.cli.output"
local proxies = require "wxbot.cli.proxy"
local wxbot = require "wxbot"

local getenv = os.getenv

local M = {}

--- The URL of the proxy by which an address is reached; nil without one. It is
--- said, unless results are JSON, when it is first used.
---@param options table of the command line
---@param told table what has been said
---@param address string
---@return wxbot.Proxy|nil proxy
---@return wxbot.Error|nil err kind "invalid"
function M.proxy(options, told, address)
  local choice, err = proxies.choose(options, getenv, address)
  local proxy = choice and choice.proxy
  if not proxy then
    return nil, err
  end
  output.hide(proxy.password)
  if not (told.proxy or options.json) then
    output.note(("by the proxy %s (%s)"):format(proxy.shown, choice.source))
  end
  told.proxy = true
  return proxy
end

local function make(options, proxy)
  if not (proxy or options.ca_file) then
    return default
  end
  return wxbot.curl{ ca_file = options.ca_file, proxy = proxy and proxy.url }
end

--- Makes a loop, for many calls of one address at once.
---@param options table of the command line
---@param address string
---@return wxbot.Loop|nil loop
---@return wxbot.Error|nil err
function M.loop(options, address)
  local proxy, err = M.proxy(options, {}, address)
  if err then
    return nil, err
  end
  return wxbot.loop{ ca_file = options.ca_file, proxy = proxy and proxy.url }
end

--- Makes the transport of a run. It asks for each address anew: NO_PROXY may
--- name one of them.
---@param options table of the command line
---@return table transport
function M.transport(options)
  local made, told = {}, {}
  return {
    request = function(_, request)
      local proxy, err = M.proxy(options, told, request.url)
      if err then
        return nil, err
      end
      local key = proxy and proxy.url or ""
      if not made[key] then
        made[key], err = make(options, proxy)
      end
      if not made[key] then
        return nil, err
      end
      return made[key]:request(request)
    end,
    now = default.now,
    sleep = default.sleep,
  }
end

return M
