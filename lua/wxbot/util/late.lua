--- Loads a module when it is first used. What keeps it from being loaded then
--- is an error of the call, not a raise: most likely no file can be opened.

local errors = require "wxbot.util.errors"

local files, loaded = io, package.loaded -- a host may have no io
local pairs, pcall, require = pairs, pcall, require
local tostring, type = tostring, type

-- Without a descriptor Lua says that a file is "not found".
local DESCRIPTORS = { [23] = true, [24] = true } -- ENFILE, EMFILE

local function shortage()
  if not files then
    return nil
  end
  local file, _, number = files.open("/dev/null", "rb")
  if file then
    file:close()
  end
  return DESCRIPTORS[number] and "no file descriptor is left"
end

-- Lua 5.1 leaves a mark where a module failed, and never tries it again.
local function forget_failures()
  for name, module in pairs(loaded) do
    if type(module) == "userdata" and name:find("^wxbot%.") then
      loaded[name] = nil
    end
  end
end

---@param name string
---@return any module
---@return wxbot.Error|nil err kind "unavailable", with nil
return function(name)
  local found, module = pcall(require, name)
  if found then
    return module
  end
  forget_failures()
  return errors.unavailable("load", name .. " cannot be loaded: "
    .. (shortage() or tostring(module):gsub("[\n\t]+", " ")))
end
