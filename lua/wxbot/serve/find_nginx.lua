--- Finds nginx, and how its Lua module is loaded.

local errors = require "wxbot.util.errors"
local shell = require "wxbot.serve.shell"

local concat = table.concat
local ipairs, io_open = ipairs, io.open

local M = {}

--- Where nginx is besides PATH: it is no program for ordinary users.
M.places = { "/usr/sbin", "/usr/local/sbin", "/usr/local/nginx/sbin",
  "/usr/local/openresty/nginx/sbin" }

-- ndk first: the Lua module needs what it defines.
local MODULES = { "ndk_http_module.so", "ngx_http_lua_module.so" }

local PACKAGES = "nginx-light libnginx-mod-http-lua lua-resty-core"

--- The error of something missing; it names what to install.
---@return nil
---@return wxbot.Error err kind "unavailable", code "nginx"
function M.missing(what)
  return errors.unavailable("nginx", what, "serve runs on nginx 1.19.5 or newer "
    .. "with its Lua module; in Debian: apt-get install " .. PACKAGES)
end

local function exists(path)
  local file = io_open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

-- The path of nginx and what `nginx -V` says.
local function ask()
  local places = #M.places > 0 and ":" .. concat(M.places, ":") or ""
  local pipe = shell.open("PATH=\"$PATH\"" .. shell.quote(places)
    .. "; command -v nginx && nginx -V 2>&1 </dev/null")
  local path, text = pipe:read("*l"), pipe:read("*a")
  pipe:close()
  return path, text
end

-- The modules to load by name: Debian's are files that -V does not list.
local function modules_of(text)
  if text:find("openresty/", 1, true) or text:find("--add%-module=%S*lua") then
    return {}
  end
  local folder = text:match("%-%-modules%-path=(%S+)") or ""
  local found = {}
  for _, name in ipairs(MODULES) do
    local path = folder .. "/" .. name
    if exists(path) then
      found[#found + 1] = path
    end
  end
  return exists(folder .. "/" .. MODULES[#MODULES]) and found or nil
end

--- Finds nginx.
---@return table|nil program { path, modules = files to load }
---@return wxbot.Error|nil err
function M.find()
  local path, text = ask()
  if not path then
    return M.missing("nginx is not installed")
  elseif not text:find("version: ", 1, true) then
    return M.missing(path .. " does not run: " .. text)
  end
  local modules = modules_of(text)
  if not modules then
    return M.missing(path .. " has no Lua module")
  end
  return { path = path, modules = modules }
end

return M
