--- Which wxbot this is, and what it stands on.

local core = require "wxbot.core"
local late = require "wxbot.util.late"
local wxbot = require "wxbot"

local jit = package.loaded.jit
local lua = jit and jit.version or _VERSION

local M = {}

--- The versions; libcurl's is missing where it cannot be loaded.
---@return table versions { wxbot, lua, openssl, libcurl }
---@return wxbot.Error|nil err why there is no libcurl
function M.get()
  local curl, err = late "wxbot.curl"
  return { wxbot = wxbot._VERSION, lua = lua, openssl = core.openssl,
    libcurl = curl and curl.libcurl }, err
end

--- What wxbot stands on, in a line for a person.
---@param versions table
---@return string
function M.parts(versions)
  return ("%s, OpenSSL %s, %s"):format(versions.lua, versions.openssl,
    versions.libcurl and "libcurl " .. versions.libcurl or "no libcurl")
end

--- All of it, in two lines.
---@return string
function M.text()
  local versions = M.get()
  return ("wxbot %s\n%s"):format(versions.wxbot, M.parts(versions))
end

return M
