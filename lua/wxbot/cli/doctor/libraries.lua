--- What the command runs on.

local versions = require "wxbot.cli.versions"

local tonumber = tonumber

local OLDEST_OPENSSL = 3

local function libraries(exam)
  local found, err = versions.get()
  local major = tonumber(found.openssl:match("^%d+"))
  if not major or major < OLDEST_OPENSSL then
    return "fail", "OpenSSL " .. found.openssl .. " is too old",
      "OpenSSL 3 is needed; OPENSSL_DIR names it to make"
  elseif err and not exam.session.transport then
    return "fail", err.message, "in a checkout, `make deps` and `make` prepare "
      .. "it; CURL_DIR names another libcurl to make"
  end
  return "ok", versions.parts(found)
end

return { { name = "libraries", run = libraries } }
