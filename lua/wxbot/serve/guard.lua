--- Who may come below /_wxbot/, and anywhere where own credentials are: programs
--- that name the printed address, and the page that was loaded from there. A page
--- of another site that a browser has open must neither read nor change anything,
--- under whatever name it comes.

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

--- Makes the checks of a server: each takes the headers of a request and gives
--- the reason why it is refused, or nil.
---@param settings table host, port, tls
---@return fun(headers: table): string|nil wrong_host
---@return fun(headers: table): string|nil wrong_origin
function M.new(settings)
  local scheme = settings.tls and "https" or "http"
  local usual = settings.tls and 443 or 80
  local hosts, origins = {}, {}
  for _, host in ipairs{ M.printed(settings.host), "localhost" } do
    local address = texts.lower(nginx_conf.address(host, settings.port))
    hosts[address], origins[scheme .. "://" .. address] = true, true
    if settings.port == usual then
      address = address:gsub(":[0-9]+$", "")
      hosts[address], origins[scheme .. "://" .. address] = true, true
    end
  end
  return function(headers)
    return not hosts[texts.lower(headers.host or "")]
      and "Host is not the address that wxbot serve has printed" or nil
  end, function(headers)
    return headers.origin and not origins[texts.lower(headers.origin)]
      and "Origin is another site" or nil
  end
end

return M
