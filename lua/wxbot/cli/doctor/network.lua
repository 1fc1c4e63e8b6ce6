--- The way to the platform: names, a proxy, connections, certificates; and what
--- the platform's clock says.
--
-- One request to each host tells it all: by what it failed of, or by its answer.

local base_url = require "wxbot.call.base_url"
local clocks = require "wxbot.cli.clock"
local http_date = require "wxbot.codec.http_date"
local interrupt = require "wxbot.cli.interrupt"
local proxies = require "wxbot.cli.proxy"
local read_url = require "wxbot.codec.url".read
local shell = require "wxbot.serve.shell"

local concat = table.concat
local date, getenv = os.date, os.getenv
local ceil = math.ceil
local error, ipairs = error, ipairs

---@class wxbot.cli.Host
---@field url string
---@field place table of wxbot.codec.url.read
---@field choice wxbot.cli.ProxyChoice
---@field stage string|nil "dns" | "proxy" | "connect" | "tls": what the request failed of
---@field err wxbot.Error|nil
---@field date integer|nil unix seconds

local IN_PROCESS = "the sandbox is in this process"

-- ---------------------------------------------------------------- one request

-- libcurl's code for a host name that is not known.
local NO_NAME = "curl_6"

-- What a request failed of; nil: an answer came, be it one that is of no use.
local function stage_of(err, has_proxy)
  if err.kind == "tls" then
    return "tls"
  elseif err.code == NO_NAME then
    return "dns"
  elseif err.code == "proxy" or has_proxy and err.sent == false then
    return "proxy"
  elseif err.kind == "transport" or err.kind == "timeout"
      or err.kind == "unavailable" then
    return "connect"
  end
end

-- A program's output, in the time that a check has. What comes out of a URL
-- that could be read holds nothing for a shell.
local function output_of(exam, command, ...)
  return shell.output(("timeout %d " .. command):format(ceil(exam.timeout), ...))
end

-- Does no name server answer? A request says only that there is no connection.
local function is_name_unanswered(exam, host)
  return host.place.is_name and not host.choice.proxy and output_of(exam,
    "getent hosts '%s' >/dev/null 2>&1; echo $?", host.place.host) == "124"
end

local function probe(exam, host)
  local response, err = exam.transport:request{ method = "HEAD",
    url = host.url .. "/", timeout = exam.timeout,
    connect_timeout = exam.timeout }
  if err and interrupt.caused(err) then
    error(err, 0)
  elseif err then
    host.err, host.stage = err, stage_of(err, host.choice.proxy ~= nil)
    if host.stage == "connect" and err.kind == "timeout"
        and is_name_unanswered(exam, host) then
      host.stage = "dns"
    end
  else
    host.date = http_date.read(response.headers.date)
  end
end

-- The services that what is given can call.
local function services_of(exam)
  local given, names = exam.given, {}
  if given.token or not given.access_token then
    names[1] = "chatbot"
  end
  names[#names + 1] = exam.options.v2 and "v2" or nil
  names[#names + 1] = given.access_token and "api" or nil
  return names
end

-- Finds the hosts; nil and why if there can be none.
local function find_hosts(exam)
  local urls, err = base_url.read(exam.session:base_url())
  if not urls then
    return nil, err
  end
  local hosts, known = {}, {}
  for _, service in ipairs(services_of(exam)) do
    local url = urls[service]
    if not known[url] then
      local choice, wrong = proxies.choose(exam.options, getenv, url)
      hosts[#hosts + 1] = { url = url, place = read_url(url),
        choice = choice or {}, err = wrong, stage = wrong and "proxy" }
    end
    known[url] = true
  end
  return hosts
end

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

local function find_and_probe(exam)
  local hosts, err = find_hosts(exam)
  if not hosts then
    return err
  end
  exam.hosts = hosts
  for _, host in ipairs(hosts) do
    if not host.err then
      probe(exam, host)
    end
  end
end

local function is_address(host)
  return not host.place.is_name
end

local function dns(exam)
  if exam.session.transport then
    return "skip", IN_PROCESS
  end
  local err = find_and_probe(exam)
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
  if exam.session.transport then
    return "skip", IN_PROCESS
  end
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
  if exam.session.transport then
    return "skip", IN_PROCESS
  end
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
  return output_of(exam, "openssl s_client -connect '%s:%d' %s%s </dev/null "
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
  if exam.session.transport then
    return "skip", IN_PROCESS
  end
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
  if exam.session.transport then
    return "skip", IN_PROCESS
  end
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

return {
  { name = "dns", needs = { "libraries" }, run = dns },
  { name = "proxy", needs = { "dns" }, run = proxy },
  { name = "connect", needs = { "dns", "proxy" }, run = connect },
  { name = "tls", needs = { "connect" }, run = tls },
  { name = "clock", needs = { "connect", "tls" }, run = clock },
}
