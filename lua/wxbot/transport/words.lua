--- What several transports say of their failures.

local of_number = require "wxbot.util.text".of_number

local floor = math.floor

local M = {}

M.LOST = "the connection was lost before the answer was complete"
M.NOT_HTTP = "what answers there does not speak HTTP; check the port"
M.NOT_TODAY = "the certificate is not valid today; check the clock too"
M.OTHER_HOST = "the certificate is for another host name"
M.NO_PROXY = "no connection by way of the proxy; check proxy"

--- What a proxy's answer to CONNECT means.
---@param status integer
---@return string|nil why nil: there is a tunnel
function M.of_proxy(status)
  if status == 407 then
    return "the proxy answered 407: it wants a user and a password in proxy, "
      .. "or other ones"
  elseif status < 200 or status > 299 then
    return ("the proxy answered %d; it does not let the call through")
      :format(status)
  end
end

--- What did not come in time.
---@param begun boolean|nil the request was on its way
---@param proxied boolean|nil the call goes by a proxy
---@param seconds number
---@return string why
function M.of_timeout(begun, proxied, seconds)
  return ("no %s within %s s"):format(begun and "answer" or proxied
    and "connection by way of the proxy" or "connection",
    of_number(floor(seconds * 1000 + 0.5) / 1000))
end

--- The message of an error.
---@param origin string scheme://host:port
---@param why string
---@param sent boolean|nil as in the error
---@return string
function M.message(origin, why, sent)
  return origin .. ": " .. why
    .. (sent == nil and "; whether the request arrived is not known" or "")
end

return M
