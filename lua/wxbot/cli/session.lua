--- One run of the command: its options, its credentials, its client.

local api = require "wxbot.api"
local config = require "wxbot.cli.config"
local demo = require "wxbot.sandbox.demo"
local errors = require "wxbot.util.errors"
local interrupt = require "wxbot.cli.interrupt"
local network = require "wxbot.cli.network"
local notice = require "wxbot.cli.notice"
local output = require "wxbot.cli.output"
local wxbot = require "wxbot"

local min = math.min
local time = os.time
local assert, error, ipairs = assert, error, ipairs
local setmetatable, tonumber, type = setmetatable, tonumber, type

local M = {}

---@class wxbot.cli.Session
---@field options table what the command line said
---@field json boolean|nil results as JSON lines
---@field credentials table
---@field parser table of the command line
---@field pace table how to wait for what the sandbox does
local Session = {}
Session.__index = Session

-- What differs between the API versions: the options of a client, fields that
-- go by the flag of another name, and values where v1 has a default.
local VERSIONS = {
  v1 = { new = wxbot.new, flags = {}, defaults = {},
    options = { "appid", "token", "aes_key", "access_token" } },
  v2 = { new = wxbot.v2, flags = { user_name = "username" },
    defaults = { env = "online", mode = "0" },
    options = { "appid", "token", "aes_key", "account" } },
}

-- The sandbox's time passes this much faster than ours, and no pause is longer.
local SPEED, LONGEST_PAUSE = 10, 0.1

-- Sleeps if libcurl's part is there; it is not needed for anything else here.
local function sleeper()
  local transport, err = wxbot.curl()
  if err and interrupt.caused(err) then
    error(err, 0)
  end
  return function(seconds)
    if transport then
      transport:sleep(seconds)
    end
  end
end

-- The sandbox never waits. A person who watches a bar wants it to move.
local function paced(sandbox)
  local sleep
  return {
    request = function(_, request) return sandbox:request(request) end,
    now = function() return sandbox:now() end,
    time = function() return sandbox:time() end,
    sleep = function(_, seconds)
      sleep = sleep or sleeper()
      sleep(min(seconds / SPEED, LONGEST_PAUSE))
      sandbox:sleep(seconds)
    end,
  }
end

local function open_sandbox(session)
  local sandbox = assert(wxbot.sandbox{ skills = session.options.skills })
  demo.add(sandbox)
  session.transport = paced(sandbox)
  session.pace = { interval = 0.5, max_interval = 0.5 }
  local credentials = sandbox:credentials()
  credentials.managerid = demo.administrator
  return credentials
end

--- Warns of a file with credentials that others can read.
---@param path string|nil
---@param quiet boolean|nil
function M.warn_if_exposed(path, quiet)
  if path and not quiet and config.is_exposed(path) then
    output.note(("warning: %s can be read by others: chmod 600 it")
      :format(path))
  end
end

local function load_config(path, quiet)
  local credentials = assert(config.load(path))
  M.warn_if_exposed(path, quiet)
  return credentials
end

--- Begins a run. What fails raises its error, here and in all methods.
---@param options table
---@param parser table
---@return wxbot.cli.Session
function M.new(options, parser)
  local session = setmetatable({ options = options, json = options.json,
    parser = parser, pace = {}, version = "v1" }, Session)
  session.credentials = options.sandbox and open_sandbox(session)
    or load_config(options.config, options.json or options.command == "doctor")
  for _, name in ipairs{ "token", "aes_key", "access_token", "secret",
      "redis_password" } do
    output.hide(session.credentials[name])
  end
  return session
end

--- The credentials, if all that are needed are there.
---@param needs string[]
---@return table credentials
function Session:need(needs)
  assert(config.check(self.credentials, needs,
    self.options.without_sandbox))
  return self.credentials
end

--- What reaches the network, with --sandbox too.
---@return table transport
function Session:network()
  self.reach = self.reach or network.transport(self.options)
  return self.reach
end

--- The proxy by which an address is reached; nil without one.
---@param address string
---@return wxbot.Proxy|nil
function Session:proxy(address)
  local proxy, err = network.proxy(self.options, {}, address)
  if err then
    error(err, 0)
  end
  return proxy
end

--- Where the platform is, if that was said.
---@return string|nil
function Session:base_url()
  return self.options.base_url or self.credentials.base_url
end

--- Unix seconds: by the clock of this machine, or of the sandbox.
---@return number
function Session:time()
  return self.transport and self.transport:time() or time()
end

-- The id of an administrator. Only that the platform cannot do without is
-- missed.
local function administrator_of(session, method, is_required)
  local flag
  for _, field in ipairs(method and method.fields or {}) do
    flag = field.administrator and field.name or flag
  end
  local id = flag and session.options[flag] or session.credentials.managerid
  if not id and flag and is_required then
    assert(errors.invalid(("--%s is missing: it names an administrator of "
      .. "the bot; so does %s"):format(flag, config.variables.managerid),
      "usage"))
  end
  return id
end

-- What is told of attempts: all of them, if that was asked for, and what a
-- refusal shows of key and clock.
local function listener_of(session)
  local is_verbose = session.options.verbose
  local look = not session.json and notice.new(function()
    return session:time()
  end, output.note)
  return (is_verbose or look) and function(attempt)
    if is_verbose then
      output.attempt(attempt)
    end
    if look then
      look(attempt)
    end
  end or nil
end

--- The same, whose requests can be on their way together.
---@param methods table
---@return wxbot.Bot|wxbot.V2 client
---@return table method
function Session:client_of_job(methods)
  local service = methods.v1.endpoint.service
  self.reach = self.reach or not self.transport and not self.options.v2
    and assert(network.loop(self.options, self:base_url() or api.hosts[service]))
    or nil
  local client, method = self:client(methods)
  return client, method
end

--- A client of the API version that was asked for.
---@param methods table what the command calls (wxbot.cli.methods)
---@return wxbot.Bot|wxbot.V2 client
---@return table method that of the API version
function Session:client(methods)
  self.version = (self.options.v2 or not methods.v1) and "v2" or "v1"
  local version, method = VERSIONS[self.version], methods[self.version]
  self.administrator = administrator_of(self, methods.v1,
    method == methods.v1)
  local given, options = self:need(method.needs), {}
  for _, option in ipairs(version.options) do
    options[option] = given[option]
  end
  if self.version == "v2" then
    options.account = self.administrator
  end
  options.base_url = self:base_url()
  options.timeout = not self.options.wait and self.options.timeout or nil
  options.transport = self.transport or self:network()
  options.on_call = listener_of(self)
  return assert(version.new(options)), method
end

--- The values that the command line gave for described fields.
---@param fields table[]
---@return table params
function Session:params(fields)
  local version, params = VERSIONS[self.version], {}
  for _, field in ipairs(fields) do
    local value = self.options[version.flags[field.name] or field.name]
    if field.administrator then
      value = self.administrator
    elseif value == nil and field.required then
      value = version.defaults[field.name]
    end
    if value == nil and field.credential then
      value = self:need{ field.credential }[field.credential]
    end
    if field.type == "integer" and type(value) == "string" then
      value = tonumber(value)
    end
    params[field.name] = value
  end
  return params
end

--- Ends a command: its answer is shown, as JSON if that was asked for.
---@param answer table|nil nil: the call has failed
---@param err wxbot.Error|nil
---@param show fun(answer: table)
function Session:show(answer, err, show)
  assert(answer, err)
  if self.json then
    output.json(answer)
  else
    show(answer)
  end
end

return M
