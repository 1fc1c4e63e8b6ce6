-- Watches the whole suite: what any spec makes the library print, report, put
-- into an error or raise is searched for the credentials that the spec uses.
--
-- Started by spec/helper.lua. Errors are looked at where calls end and, those
-- of everything else, when the spec ends; an attempt's own error may hold what
-- the call then takes out. What a program of its own prints is looked at by
-- spec/support/command.lua and spec/server/start.lua.

local canary = require "spec.support.canary"

local M = {}

local faults, made = {}, {}

-- Who makes errors of an attempt. wxbot.call takes the credentials out of them
-- when the call ends.
local function is_unfinished(source)
  return source:find("/envelope.lua$") or source:find("/wire/", 1, true)
end

local function is_ours(source)
  return source:find("wxbot/", 1, true) and not source:find("spec/", 1, true)
end

-- A shorter text has no part of 12 characters; capital words, few characters or
-- the alphabet's in a row stand in other texts, too.
local function is_secret(value)
  if type(value) ~= "string" or #value < 12 or not value:find("[%l%d]")
      or value:find("abcdefgh", 1, true) then
    return false
  end
  local chars, different = {}, 0
  for char in value:gmatch(".") do
    different = different + (chars[char] and 0 or 1)
    chars[char] = true
  end
  return different >= 6
end

--- Searches for the secrets among options, too.
---@param options table
---@param for_now boolean|nil until this spec ends
function M.know(options, for_now)
  local watch = for_now and canary.watch_for_now or canary.watch
  for _, name in ipairs{ "token", "aes_key", "access_token", "secret" } do
    if is_secret(options[name]) then
      watch(name, options[name])
    end
  end
  -- What its first part says, all signatures say.
  local mac = type(options.signature) == "string"
    and options.signature:match("[^.]*$")
  if is_secret(mac) then
    canary.watch_for_now("signature", mac)
  end
end

--- Looks for secrets in values; what is found fails the spec at its end.
---@param what string what the values are
function M.look(what, ...)
  local name, part = canary.found(canary.shown(...))
  if name then
    faults[#faults + 1] = ("%s holds a part of %s: %s"):format(what, name,
      part)
  end
end

-- Logs, and how far each has been read.
local followed = {}

--- Looks into a file that somebody writes, from now on.
---@param path string it need not be there yet
function M.follow(path)
  followed[path] = 0
end

local function look_at_log(path, read)
  local file = io.open(path, "rb")
  if file then
    file:seek("set", read)
    local text = file:read("*a")
    file:close()
    M.look("the log " .. path:match("[^/]*$"), text)
    followed[path] = read + #text
  end
end

--- Raises what was found since the last time.
function M.judge()
  for path, read in pairs(followed) do
    look_at_log(path, read)
  end
  for i = 1, #made do
    M.look("an error", made[i])
  end
  made = {}
  canary.forget()
  local found = faults
  faults = {}
  if #found > 0 then
    error("a secret came out: " .. table.concat(found, "; "), 0)
  end
end

local function wrap(module, name, make)
  module[name] = make(assert(module[name], name))
end

local function look_at_hook(options, name)
  local hook = options[name]
  if type(hook) ~= "function" then
    return hook
  end
  return function(...)
    M.look("a report to " .. name, ...)
    return hook(...)
  end
end

local function copied(options, hook)
  if type(options) ~= "table" then
    return options
  end
  M.know(options)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy[hook] = look_at_hook(options, hook)
  return copy
end

local function watch_errors()
  wrap(require "wxbot.util.errors", "new", function(new)
    return function(fields)
      local err = new(fields)
      local source = debug.getinfo(2, "S").source
      if is_ours(source) and not is_unfinished(source) then
        made[#made + 1] = err
      end
      return err
    end
  end)
  wrap(require "wxbot.call.schema.check", "argument_error", function(find)
    return function(...)
      local message = find(...)
      M.look("an argument error", message)
      return message
    end
  end)
end

local function watch_calls()
  wrap(require "wxbot.call.context", "new", function(new)
    return function(fields, options, noun)
      local context, err = new(fields, copied(options, "on_call"), noun)
      return context, err
    end
  end)
  wrap(require "wxbot.call", "run", function(run)
    return function(context, endpoint, params, options)
      M.know(params, true)
      local result, err = run(context, endpoint, params, options)
      M.know(result or {}, true)
      if err ~= nil then
        M.look("the error of " .. endpoint.name, err)
      end
      return result, err
    end
  end)
end

-- Both raise misuse further up, at the line of who calls them.
local function watch_makers()
  for name, hook in pairs{ receive = "on_failure", auth = "on_refresh" } do
    wrap(require("wxbot." .. name), "new", function(new)
      return function(options, level)
        local object, err = new(copied(options, hook), (level or 1) + 1)
        return object, err
      end
    end)
  end
end

-- Ahead of all modules of the library, which keep the function they find.
local function watch_raised()
  wrap(_G, "error", function(raise)
    return function(message, level)
      local caller = debug.getinfo(2, "S") -- none: it is a coroutine itself
      if type(message) == "string" and caller and is_ours(caller.source) then
        M.look("what is raised", message)
      end
      level = level or 1
      raise(message, level > 0 and level + 1 or 0)
    end
  end)
end

local function watch_output()
  local handles = getmetatable(io.stdout).__index
  wrap(handles, "write", function(write)
    return function(file, ...)
      if file == io.stdout or file == io.stderr then
        M.look("what is printed", ...)
      end
      return write(file, ...)
    end
  end)
  for name, module in pairs{ print = _G, write = io } do
    wrap(module, name, function(write)
      return function(...)
        M.look("what is printed", ...)
        return write(...)
      end
    end)
  end
end

--- Begins to watch.
function M.start()
  watch_raised()
  M.know(require "wxbot.sandbox".new():credentials())
  watch_errors()
  watch_calls()
  watch_makers()
  watch_output()
end

return M
