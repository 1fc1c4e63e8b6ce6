--- Connects a call: name resolution, connection, TLS.

local pcall, tostring = pcall, tostring

-- Texts of nginx -> kind, what to tell, code.
local CONNECTING = {
  { "no resolver defined", "unavailable",
    "nginx cannot look up names: set resolver in nginx.conf to the address "
    .. "of a name server (/etc/hosts is not read)", "resolver" },
  { "could not be resolved %(110", "timeout",
    "the name server did not answer; check resolver in nginx.conf",
    "resolver" },
  { "could not be resolved", "transport",
    "the host name is not known; check it and resolver in nginx.conf",
    "resolver" },
  { "too many open files", "unavailable",
    "no file descriptor is left: raise worker_rlimit_nofile in nginx.conf" },
  -- All that nginx says when it has no room for a socket that it has opened.
  { "operation now in progress", "unavailable",
    "nginx has no connection left: raise worker_connections in nginx.conf" },
  { "", "transport", "no connection; check host, port and network" },
}

local UNTRUSTED = "the certificate is not trusted; name the file of its "
  .. "authority in lua_ssl_trusted_certificate in nginx.conf (in http {}, "
  .. "timers see no other), and raise lua_ssl_verify_depth (1 by default) "
  .. "if there are more certificates between"

local HANDSHAKE = {
  { "host mismatch", "tls", "the certificate is for another host name",
    "certificate" },
  { "expired", "tls",
    "the certificate is not valid today; check the clock too",
    "certificate" },
  { "not yet valid", "tls",
    "the certificate is not valid today; check the clock too",
    "certificate" },
  { "certificate", "tls", UNTRUSTED, "certificate" },
  { "", "tls", "the TLS handshake failed; the server must offer TLS 1.2 or "
    .. "newer on this port, and lua_ssl_protocols in nginx.conf allow it",
    "handshake" },
}

local ADDRESS = "nginx compares a certificate with names only, not with "
  .. "addresses: put a host name into base_url, or name the host in server_name "
  .. "of wxbot.resty"

-- A handshake that fails at once raises in some versions of lua-resty-core;
-- the reason is then where the C side has left it.
local function raised_reason(host, message)
  local text = host.last_error and message:find("assertion failed", 1, true)
    and host.last_error()
  return text or "handshake failed"
end

-- The rightful certificate of an address is refused as well.
local function explain_handshake(call, text)
  if text:find("host mismatch", 1, true) and not call.url.is_name
      and call.server_name == call.url.host then
    return call:fail("tls", ADDRESS, "certificate")
  end
  return call:explain(HANDSHAKE, text)
end

-- Without a name nginx would check none; and `false` for the session would
-- turn a failure into success: so always nil, the name, true.
local function handshake(call)
  local ok, err = call:allow(call.connect_by)
  if not ok then
    return nil, err
  end
  local sock = call.sock
  local returned, session, why = pcall(sock.sslhandshake, sock, nil,
    call.server_name, true)
  if returned and session then
    return true
  end
  return explain_handshake(call, returned and tostring(why)
    or raised_reason(call.host, tostring(session)))
end

---@param call wxbot.transport.resty.Call
---@return boolean|nil ok
---@return wxbot.Error|nil err
return function(call)
  local ok, why = call:allow(call.connect_by)
  if not ok then
    return nil, why
  end
  local sock, url = call.sock, call.url
  ok, why = sock:connect(url.host, url.port,
    { pool = call.pool, pool_size = call.settings.pool_size })
  if not ok then
    return call:explain(CONNECTING, tostring(why))
  elseif url.scheme == "https" and sock:getreusedtimes() == 0 then
    ok, why = handshake(call)
    if not ok then
      return nil, why
    end
  end
  call.connected = true
  return true
end
