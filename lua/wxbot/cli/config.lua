--- Credentials: from a file, or from the environment. Never from arguments,
-- which every user of the machine can read.

local check = require "wxbot.call.schema.check"
local errors = require "wxbot.util.errors"
local fields_of = require "wxbot.call.schema.fields"
local json = require "wxbot.codec.json"
local read = require "wxbot.cli.read"
local shell = require "wxbot.serve.shell"

local concat = table.concat
local execute, getenv = os.execute, os.getenv
local ipairs, pairs = ipairs, pairs

local M = {}

--- What a file may hold, and the variable that stands for it.
M.names = { "appid", "token", "aes_key", "access_token", "secret", "managerid",
  "base_url", "redis_password" }
M.variables = { appid = "WXBOT_APPID", token = "WXBOT_TOKEN",
  aes_key = "WXBOT_AES_KEY", access_token = "WXBOT_ACCESS_TOKEN",
  secret = "WXBOT_SECRET", managerid = "WXBOT_MANAGERID",
  redis_password = "WXBOT_REDIS_PASSWORD" }

--- Where the platform shows them.
M.console = "the console of the platform: 发布管理 → 应用绑定 → 开放API"

local FIELDS = {}
for i, name in ipairs(M.names) do
  FIELDS[i] = { name = name, type = "string", id = name == "managerid" }
end

--- Reads a configuration file.
---@param path string
---@return table|nil config
---@return wxbot.Error|nil err
function M.read(path)
  local text, reason = read.file(path)
  if not text then
    return errors.invalid("config file " .. reason, "config")
  end
  local what, config = "config file " .. path
  config, reason = json.decode(text)
  if config ~= nil and not json.is_object(text) then
    reason = "it must hold a JSON object"
  end
  reason = reason and what .. ": " .. reason
    or check.argument_error(what, FIELDS, config)
  if reason then
    return errors.invalid(reason, "config")
  end
  return fields_of.with_ids(FIELDS, config)
end

--- Tells whether a file can be read by more people than its owner.
---@param path string
---@return boolean
function M.is_exposed(path)
  local quoted = shell.quote((path:gsub("^%-", "./-")))
  local status = execute('test -n "$(find -L ' .. quoted
    .. ' -prune -type f -perm /044 2>/dev/null)"')
  return status == true or status == 0
end

--- The credentials: what the file names, then what the environment does.
---@param path string|nil configuration file
---@return table|nil credentials
---@return wxbot.Error|nil err
function M.load(path)
  local config, err = {}, nil
  if path then
    config, err = M.read(path)
  end
  if not config then
    return nil, err
  end
  for name, variable in pairs(M.variables) do
    local value = getenv(variable)
    if config[name] == nil and value ~= "" then
      config[name] = value
    end
  end
  return config
end

--- Says what is missing, and where it can be given.
---@param config table
---@param needs string[]
---@param without_sandbox boolean|nil --sandbox is no way out
---@return true|nil
---@return wxbot.Error|nil err
function M.check(config, needs, without_sandbox)
  local missing, variables = {}, {}
  for _, name in ipairs(needs) do
    if config[name] == nil then
      missing[#missing + 1] = name
      variables[#variables + 1] = M.variables[name]
    end
  end
  if #missing == 0 then
    return true
  end
  local names = concat(missing, ", ")
  return nil, errors.new{ kind = "invalid", code = "credentials",
    sent = false, message = "credentials are missing: " .. names,
    hint = ("set %s, or name %s in a --config file%s"):format(
      concat(variables, ", "), names, without_sandbox and ""
      or "; --sandbox needs none") }
end

return M
