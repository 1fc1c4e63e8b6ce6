--- The way to the platform: names, a proxy, connections, certificates; and what
--- the platform's clock says.

local clocks = require "wxbot.cli.clock"
local hosts_of = require "wxbot.cli.doctor.hosts"

local concat = table.concat
local date, getenv = os.date, os.getenv
local ipairs = ipairs

local function first(hosts, is_wanted)
  for _, host in ipairs(hosts) do
    if is_wanted(host) then
      return host
    end
  end
end

-- The first host whose request failed of this.
local function failed(exam, stage)
  return first(exam.hosts, function(host) return host.stage == stage end)
end

local function names_of(hosts)
  local names = {}
  for i, host in ipairs(hosts) do
    names[i] = host.place.host
  end
  return concat(names, ", ")
end

-- What failed, without what a program would do about it.
local function reason(err)
  return err.message:match("^[^;]*")
end

-- ------------------------------------------------------------------- a proxy

-- Variables that other programs take proxies from.
local OTHERS = { "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY" }

-- Why no proxy is used for a host, where the environment names one.
local function unused_proxy(host)
  local source = host.choice.source
  if source then
    return ("%s has none used for %s"):format(source, host.place.host)
  end
  for _, name in ipairs(OTHERS) do
    if (getenv(name) or "") ~= "" then
      return ("%s is set, and only HTTPS_PROXY is used"):format(name)
    end
  end
end

-- What to do where a host cannot be reached.
local function way_out(host, otherwise)
  if host.choice.proxy then
    return otherwise
  end
  local unused = unused_proxy(host)
  if unused then
    return ("a proxy may be needed: %s; --proxy URL uses one"):format(unused)
  end
  return otherwise .. "; if a proxy is needed here, --proxy URL or HTTPS_PROXY "
    .. "names it"
end

local function is_address(host)
  return not host.place.is_name
end

local function dns(exam)
  local err = hosts_of.ask(exam)
  if err then
    return "fail", err.message, err.hint
  end
  local host = failed(exam, "dns")
  if host then
    return "fail", (host.err.kind == "timeout"
      and "no name server says in time where %s is"
      or "the name %s is not known"):format(host.place.host),
      way_out(host, "check it (--base-url) and the name server of this machine")
  elseif not first(exam.hosts, function(one)
      return not one.choice.proxy and one.stage ~= "proxy"
        and not is_address(one)
    end) then
    return "skip", is_address(exam.hosts[1])
      and exam.hosts[1].place.host .. " is an address"
      or "the proxy looks up " .. names_of(exam.hosts)
  end
  return "ok", names_of(exam.hosts)
end

local function proxy(exam)
  local host = failed(exam, "proxy")
  local through = host or first(exam.hosts, function(one)
    return one.choice.proxy ~= nil
  end)
  if not through then
    return "ok", unused_proxy(exam.hosts[1]) or "none is used"
  elseif not through.choice.proxy then
    return "fail", through.err.message
  end
  local shown = ("%s, by %s"):format(through.choice.proxy.shown,
    through.choice.source)
  if not host then
    return "ok", "through " .. shown
  end
  return "fail", ("through %s: %s"):format(shown, reason(host.err)),
    "check its address, its user and its password, and that it may connect to "
      .. host.place.host .. '; --proxy "" goes without one'
end

-- ----------------------------------------------------------------- connection

local function connect(exam)
  local host = failed(exam, "connect")
  if host then
    return "fail", reason(host.err), way_out(host, host.err.kind == "timeout"
      and "does a firewall drop what goes there?"
      or "check host and port (--base-url), and the network")
  end
  return "ok", names_of(exam.hosts)
end

-- Who issued the certificate that a host shows, if the program openssl is there
-- to ask. A password would be seen among the arguments of a program.
local function issuer_of(exam, host)
  local place, through = host.place, host.choice.proxy
  if through and (through.authorization or through.scheme ~= "http") then
    return nil
  end
  return hosts_of.output(exam, "openssl s_client -connect '%s:%d' %s%s </dev/null "
    .. "2>/dev/null | openssl x509 -noout -issuer -nameopt RFC2253 2>/dev/null",
    place.host, place.port,
    place.is_name and ("-servername '%s'"):format(place.host) or "",
    through and (" -proxy '%s:%d'"):format(through.host, through.port) or "")
    :match("^issuer=([^\n]+)")
end

local CANNOT_BE_READ = "curl_77"

local function trust(exam, host)
  local issuer = issuer_of(exam, host)
  return (issuer and "it was issued by " .. issuer .. ": " or "")
    .. "if a proxy on the way reads what is sent, --ca-file names the PEM file "
    .. "of its authority; otherwise install the package ca-certificates"
end

-- What to do about a certificate that was refused, or not looked at.
local function tls_hint(exam, host)
  local message = host.err.message
  if host.err.code == CANNOT_BE_READ then
    return exam.options.ca_file and "name a PEM file with --ca-file"
      or "install the package ca-certificates, or name a PEM file with --ca-file"
  elseif message:find("not valid today", 1, true) then
    return "the clock of this machine says "
      .. date("!%Y-%m-%d %H:%M UTC", exam.session:time())
  elseif message:find("not trusted", 1, true) then
    return trust(exam, host)
  elseif message:find("another host name", 1, true) then
    return "something else answers there: check --base-url, the name server and "
      .. "the proxy"
  end
  return "does a proxy or a firewall on the way break TLS?"
end

local function tls(exam)
  local host = failed(exam, "tls")
  if host then
    return "fail", reason(host.err), tls_hint(exam, host)
  elseif not first(exam.hosts, function(one)
      return one.place.scheme == "https"
    end) then
    return "skip", "http is not encrypted"
  end
  return "ok", exam.options.ca_file and "trusted by " .. exam.options.ca_file
    or "trusted"
end

-- ---------------------------------------------------------------------- clock

local function clock(exam)
  local host = first(exam.hosts, function(one) return one.date ~= nil end)
  if not host then
    return "skip", "the platform did not say what time it is"
  end
  exam.off = clocks.difference(exam.session:time(), host.date)
  if exam.off then
    return "fail", "the clock of this machine is " .. exam.off,
      "set it: signatures made by it are refused (timedatectl set-ntp true)"
  end
  return "ok", "as the platform's"
end

-- A check of what --sandbox has none of.
local function check(name, needs, run)
  return { name = name, needs = needs, run = function(exam)
    if exam.session.transport then
      return "skip", "the sandbox is in this process"
    end
    return run(exam)
  end }
end

return {
  check("dns", { "libraries" }, dns),
  check("proxy", { "dns" }, proxy),
  check("connect", { "dns", "proxy" }, connect),
  check("tls", { "connect" }, tls),
  check("clock", { "connect", "tls" }, clock),
}
