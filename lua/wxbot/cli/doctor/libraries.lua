--- What the command runs on.

local core = require "wxbot.core"
local late = require "wxbot.util.late"

local concat = table.concat
local tonumber, version = tonumber, _VERSION
local jit = rawget(_G, "jit") -- luacheck: ignore

local OLDEST_OPENSSL = 3

local function libraries(exam)
  local curl, err = late "wxbot.curl"
  local major = tonumber(core.openssl:match("^%d+"))
  if not major or major < OLDEST_OPENSSL then
    return "fail", "OpenSSL " .. core.openssl .. " is too old",
      "OpenSSL 3 is needed; OPENSSL_DIR names it to make"
  elseif not curl and not exam.session.transport then
    return "fail", err.message, "in a checkout, `make deps` and `make` prepare "
      .. "it; CURL_DIR names another libcurl to make"
  end
  return "ok", concat({ jit and jit.version or version,
    "OpenSSL " .. core.openssl, curl and "libcurl " .. curl.libcurl
      or "no libcurl" }, ", ")
end

return { { name = "libraries", run = libraries } }
