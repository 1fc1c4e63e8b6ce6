--- What `wxbot serve` answers as, and what it tells of that and of requests.

local config = require "wxbot.cli.config"
local demo = require "wxbot.sandbox.demo"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local platforms = require "wxbot.sandbox.platform"

local error, ipairs, pairs = error, ipairs, pairs
local date = os.date

local M = {}

local SECRETS = { "token", "aes_key", "access_token" }
local NEEDS = { "appid", "token", "aes_key" }

local function has_own(given)
  for _, name in ipairs(SECRETS) do
    local value = given[name]
    if value ~= nil and value ~= platforms.credentials[name] then
      return true
    end
  end
  return false
end

--- The credentials of a bot of the user's, as options of a sandbox; nil where
--- there are none but the public examples. What is missing raises.
---@param session wxbot.cli.Session
---@return table|nil own { appid, token, aes_key, access_token, secret, admins }
function M.own_credentials(session)
  local options, given = session.options, session.credentials
  if options.example_credentials or options.sandbox or not has_own(given) then
    return nil
  end
  local ok, err = config.check(given, NEEDS)
  if not ok then
    err.hint = err.hint:gsub("; .*$", "")
      .. "; --example-credentials takes public ones"
    error(err, 0)
  end
  return { appid = given.appid, token = given.token, aes_key = given.aes_key,
    access_token = given.access_token, secret = given.secret,
    admins = given.managerid and { given.managerid } or nil }
end

--- Options of the sandbox.
---@param own table|nil
---@param skills string|nil path
---@return table
function M.options(own, skills)
  local options = { skills = skills }
  for name, value in pairs(own or {}) do
    options[name] = value
  end
  return options
end

--- Raises that own credentials are not served where others reach them.
---@param session wxbot.cli.Session
function M.refuse_host(session)
  error(errors.new{ kind = "invalid", code = "host",
    message = ("with your credentials it listens on 127.0.0.1 or ::1 only, not "
      .. "on %s, for it tells whoever asks why a message does not decrypt")
      :format(session.options.host),
    hint = "--example-credentials takes public ones" }, 0)
end

-- -------------------------------------------------------------------- telling

--- What is told of it; own credentials are not.
---@param sandbox wxbot.Sandbox
---@param url string
---@param own table|nil
---@return table
function M.told(sandbox, url, own)
  local told = sandbox:credentials()
  told.url = url
  told.managerid = own and own.admins and own.admins[1] or demo.administrator
  for i = 1, own and #SECRETS or 0 do
    told[SECRETS[i]] = nil
  end
  return told
end

--- Shows it.
---@param told table
function M.show(told)
  output.print("url: " .. told.url)
  output.print("use: wxbot --base-url " .. told.url .. " ask 你好")
  if told.token then
    output.print("with these credentials, the public examples of the "
      .. "platform's documents:")
    for _, name in ipairs(config.names) do
      if config.variables[name] and told[name] then
        output.print(("export %s=%s"):format(config.variables[name],
          told[name]))
      end
    end
  else
    output.print(("with your credentials, of the bot %s"):format(told.appid))
  end
  output.print("stop: Ctrl-C")
end

-- A request in a line for people.
local function line_of(request)
  return ("%s  %s  %d%s  %.1f ms%s"):format(date "%H:%M:%S", request.endpoint,
    request.status, request.code and " " .. request.code or "", request.ms,
    request.cause and "  " .. request.cause or "")
end

--- Tells stderr of each request: of what happens meanwhile, as it does of all
--- that is not asked for.
---@param session wxbot.cli.Session
---@return fun(request: table)
function M.listener(session)
  return function(request)
    output.tell(session.json and json.encode{ request = request }
      or output.line(line_of(request)))
  end
end

return M
