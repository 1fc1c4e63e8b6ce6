--- The hosts of the services, and what one request to each comes to: by what it
--- failed of, or by its answer.

local base_url = require "wxbot.call.base_url"
local http_date = require "wxbot.codec.http_date"
local interrupt = require "wxbot.cli.interrupt"
local proxies = require "wxbot.cli.proxy"
local read_url = require "wxbot.codec.url".read
local shell = require "wxbot.serve.shell"

local ceil, getenv = math.ceil, os.getenv
local error, ipairs = error, ipairs

local M = {}

---@class wxbot.cli.Host
---@field url string
---@field place table of wxbot.codec.url.read
---@field choice wxbot.cli.ProxyChoice
---@field stage string|nil "dns" | "proxy" | "connect" | "tls": what the request failed of
---@field err wxbot.Error|nil
---@field date integer|nil unix seconds

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

--- A program's output, in the time that a check has; Ctrl-C ends it, too. What
--- comes out of a URL that could be read holds nothing for a shell.
---@param exam wxbot.cli.Exam
---@param command string for string.format
---@return string
function M.output(exam, command, ...)
  return shell.output(("timeout --foreground %d " .. command):format(
    ceil(exam.timeout), ...))
end

-- Does no name server answer? A request says only that there is no connection.
local function is_name_unanswered(exam, host)
  return host.place.is_name and not host.choice.proxy and M.output(exam,
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

-- The hosts, none of them asked yet.
local function hosts_at(exam, urls)
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

--- Finds the hosts, and asks each of them.
---@param exam wxbot.cli.Exam its `hosts` is set
---@return wxbot.Error|nil err there can be none
function M.ask(exam)
  local urls, err = base_url.read(exam.session:base_url())
  if not urls then
    return err
  end
  exam.hosts = hosts_at(exam, urls)
  for _, host in ipairs(exam.hosts) do
    if not host.err then
      probe(exam, host)
    end
  end
end

return M
