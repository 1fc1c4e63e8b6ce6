--- Who may come below /_wxbot/: programs that name the printed address, and the
--- page that was loaded from there. A page of another site that a browser has
--- open must neither read nor change anything, under whatever name it comes.

local nginx_conf = require "wxbot.serve.nginx_conf"
local texts = require "wxbot.util.text"

local M = {}

-- Addresses that stand for all of a machine are printed as this.
local ANY = { ["0.0.0.0"] = "127.0.0.1", ["::"] = "::1" }

--- The address that is printed.
---@param host string
---@return string
function M.printed(host)
  return ANY[host] or host
end

--- Makes the check of a server.
---@param settings table host, port, tls
---@return fun(headers: table): string|nil refusal why a request is refused
function M.new(settings)
  local scheme = settings.tls and "https" or "http"
  local usual = settings.tls and 443 or 80
  local hosts, origins = {}, {}
  for _, host in ipairs{ M.printed(settings.host), "localhost" } do
    local address = nginx_conf.address(host, settings.port)
    hosts[address], origins[scheme .. "://" .. address] = true, true
    if settings.port == usual then
      address = address:gsub(":[0-9]+$", "")
      hosts[address], origins[scheme .. "://" .. address] = true, true
    end
  end
  return function(headers)
    if not hosts[texts.lower(headers.host or "")] then
      return "Host is not the address that wxbot serve has printed"
    elseif headers.origin and not origins[texts.lower(headers.origin)] then
      return "Origin is another site"
    end
  end
end

return M
