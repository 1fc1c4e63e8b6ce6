--- One run of the command: its options, its credentials, its bot.

local config = require "wxbot.cli.config"
local demo = require "wxbot.sandbox.demo"
local errors = require "wxbot.util.errors"
local interrupt = require "wxbot.cli.interrupt"
local output = require "wxbot.cli.output"
local fields_of = require "wxbot.call.schema.fields"
local services = require "wxbot.cli.api_version"
local wxbot = require "wxbot"

local min = math.min
local error, ipairs, pcall, select = error, ipairs, pcall, select
local setmetatable = setmetatable

local M = {}

---@class wxbot.cli.Session
---@field options table what the command line said
---@field json boolean|nil results as JSON lines
---@field pace table how to wait for what the sandbox does
local Session = {}
Session.__index = Session

-- The sandbox's time passes this much faster than ours, and no pause is longer.
local SPEED, LONGEST_PAUSE = 10, 0.1

-- Sleeps if libcurl's part is there; it is not needed for anything else here.
local function sleeper()
  local found, transport = pcall(wxbot.curl)
  if not found and interrupt.caused(transport) then
    error(transport, 0)
  end
  return function(seconds)
    if found then
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
  local sandbox, err = wxbot.sandbox{ skills = session.options.skills }
  if not sandbox then
    return nil, err
  end
  demo.add(sandbox)
  session.transport = paced(sandbox)
  session.pace = { interval = 0.5, max_interval = 0.5 }
  local credentials = sandbox:credentials()
  credentials.managerid = demo.administrator
  return credentials
end

local function load_config(path, quiet)
  local credentials, err = config.load(path)
  if credentials and path and not quiet and config.is_exposed(path) then
    output.note(("warning: %s can be read by others: chmod 600 it")
      :format(path))
  end
  return credentials, err
end

--- Begins a run.
---@param options table
---@return wxbot.cli.Session|nil session
---@return wxbot.Error|nil err
function M.new(options)
  local session = setmetatable({ options = options, json = options.json,
    pace = {} }, Session)
  local credentials, err
  if options.sandbox then
    credentials, err = open_sandbox(session)
  else
    credentials, err = load_config(options.config, options.json)
  end
  if not credentials then
    return nil, err
  end
  for _, name in ipairs{ "token", "aes_key", "access_token" } do
    output.hide(credentials[name])
  end
  session.credentials = credentials
  return session
end

--- The credentials, if all that are needed are there.
---@param needs string[]
---@return table|nil credentials
---@return wxbot.Error|nil err
function Session:need(needs)
  local ok, err = config.check(self.credentials, needs)
  if not ok then
    return nil, err
  end
  return self.credentials
end

-- What reaches the network; nil: the library's own choice.
local function transport_of(session)
  local ca_file = session.options.ca_file
  if ca_file and not session.transport then
    session.transport = wxbot.curl{ ca_file = ca_file }
  end
  return session.transport
end

-- Options for what makes calls.
local function options_of(session, service)
  local given, options = session.credentials, {}
  for _, name in ipairs(service.options) do
    options[name] = given[name]
  end
  options.base_url = session.options.base_url or given.base_url
  options.timeout = not session.options.wait and session.options.timeout
    or nil
  options.transport = transport_of(session)
  return options
end

-- Only that the platform cannot do without is missed.
local function administrator_of(session, wanted)
  local options = session.options
  local id = options.managerid or options.openid
    or session.credentials.managerid
  if not id and wanted.administrator then
    return errors.invalid(("--%s is missing: it names an administrator of "
      .. "the bot; so does %s"):format(wanted.administrator,
      config.variables.managerid), "usage")
  end
  return id
end

--- A client that can do something, of the generation that was asked for.
---@param name string what the command wants
---@return wxbot.cli.Client|nil client
---@return wxbot.Error|nil err
function Session:client(name)
  local service = services.of(self.options.v2)
  local wanted = service.wants[name]
  local administrator, err = administrator_of(self, wanted)
  if not err then
    err = select(2, self:need(wanted.needs))
  end
  if err then
    return nil, err
  end
  local client
  client, err = services.new(service, options_of(self, service),
    administrator)
  return client, err
end

--- The bot, for what only the first generation has.
---@param needs string[] credentials
---@return wxbot.Bot|nil bot
---@return wxbot.Error|nil err
function Session:bot(needs)
  local given, err = self:need(needs)
  if not given then
    return nil, err
  end
  local bot
  bot, err = wxbot.new(options_of(self, services.of(false)))
  return bot, err
end

--- The values that the command line gave for described fields.
---@param fields table[]
---@return table params
function Session:params(fields)
  return fields_of.pick(fields, self.options)
end

return M
