--- Which wxbot this is, and what it stands on.

local core = require "wxbot.core"
local late = require "wxbot.util.late"
local wxbot = require "wxbot"

local jit = package.loaded.jit
local lua = jit and jit.version or _VERSION

local M = {}

--- The versions; libcurl's is missing where it cannot be loaded.
---@return table versions { wxbot, lua, openssl, libcurl }
function M.get()
  local curl = late "wxbot.curl"
  return { wxbot = wxbot._VERSION, lua = lua, openssl = core.openssl,
    libcurl = curl and curl.libcurl }
end

--- The same on two lines, for a person.
---@return string
function M.text()
  local versions = M.get()
  return ("wxbot %s\n%s, OpenSSL %s, %s"):format(versions.wxbot, versions.lua,
    versions.openssl, versions.libcurl and "libcurl " .. versions.libcurl
      or "no libcurl")
end

return M
