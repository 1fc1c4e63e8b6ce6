--- Credentials: from a file, or from the environment. Never from arguments,
-- which every user of the machine can read.

local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local fields_of = require "wxbot.call.schema.fields"
local without_mark = require "wxbot.util.text".without_mark

local concat, sort = table.concat, table.sort
local execute, getenv, io_open = os.execute, os.getenv, io.open
local ipairs, pairs, type = ipairs, pairs, type

local M = {}

--- What a file may hold, and the variable that stands for it.
M.names = { "appid", "token", "aes_key", "access_token", "managerid",
  "base_url" }
M.variables = { appid = "WXBOT_APPID", token = "WXBOT_TOKEN",
  aes_key = "WXBOT_AES_KEY", access_token = "WXBOT_ACCESS_TOKEN",
  managerid = "WXBOT_MANAGERID" }

local function refused(path, why)
  return errors.invalid(("config file %s: %s"):format(path, why), "config")
end

local function fault(config)
  local known, unknown = {}, {}
  for _, name in ipairs(M.names) do
    known[name] = true
    if config[name] ~= nil and type(config[name]) ~= "string" then
      return name .. " must be a string"
    end
  end
  for name in pairs(config) do
    if not known[name] then
      unknown[#unknown + 1] = name
    end
  end
  if #unknown > 0 then
    sort(unknown)
    return ("unknown name %s: expected %s"):format(concat(unknown, ", "),
      concat(M.names, ", "))
  end
end

--- Reads a configuration file.
---@param path string
---@return table|nil config
---@return wxbot.Error|nil err
function M.read(path)
  local file, message = io_open(path, "rb")
  local text
  if file then
    text, message = file:read("*a")
    file:close()
  end
  if not text then
    return errors.invalid("config file " .. message, "config")
  end
  local config
  config, message = json.decode(without_mark(text))
  if config == nil then
    return refused(path, message)
  elseif type(config) ~= "table" or config[1] ~= nil then
    return refused(path, "it must hold a JSON object")
  end
  config.managerid = fields_of.id(config.managerid)
  message = fault(config)
  if message then
    return refused(path, message)
  end
  return config
end

--- Tells whether a file can be read by more people than its owner.
---@param path string
---@return boolean
function M.is_exposed(path)
  local quoted = "'" .. path:gsub("^%-", "./-"):gsub("'", "'\\''") .. "'"
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
---@return true|nil
---@return wxbot.Error|nil err
function M.check(config, needs)
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
    hint = ("set %s, or name %s in a --config file; --sandbox needs none")
      :format(concat(variables, ", "), names) }
end

return M
