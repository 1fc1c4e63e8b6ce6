--- Why the platform refused a request, looked for when it has: of what a check
-- knows only in general, the likely mistakes are tried.
--
-- Each looks at (platform, call, reason) and gives a reason
-- (wxbot.sandbox.causes), or nil where it finds no better one.

local require, type = require, type

-- By the word that a check gave; the file that knows more.
local FILES = {
  content_type = "body", not_json = "body", no_encrypt = "body",
  no_field = "body", no_signature = "body", no_query_token = "body",
  sealed = "sealed", sealed_not_json = "sealed", not_xml = "xml",
  other_appid = "sealed",
  signature = "signature", signature_no_userid = "signature",
  wrong_token = "access", no_access_token = "access",
  wrong_access_token = "access", unbound_appid = "access",
  sign_wrong = "signed_headers",
}

--- A better reason, if there is one.
---@param platform table
---@param call table of wxbot.sandbox.router
---@param reason string|table|nil
---@return string|table|nil reason
return function(platform, call, reason)
  local given = type(reason) == "table" and reason or { reason }
  local file = FILES[given[1]]
  return file and require("wxbot.sandbox.explain." .. file)(platform, call,
    given) or reason
end
