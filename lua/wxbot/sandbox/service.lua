--- What sets the platform's services apart. Each has
--
--   refusal  of a call whose caller it does not believe: (platform, endpoint,
--            call { token, query, headers, body }) -> code | nil
--   failure  what a failure looks like: (platform, code, text) -> response
--   misplaced  code for a request of another method (optional; without it the
--            status 405 says so)
--   unreadable code for a body that says nothing: (body) -> code (optional;
--            without it nothing is taken for no parameters)
--   complete puts into an answer what all have (optional): (platform, answer)

local codes = require "wxbot.api.errcode"
local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local responses = require "wxbot.util.response"
local url = require "wxbot.codec.url"

local assert, require = assert, require

local M = {}

-- Texts that were seen from the real platform.
local TEXTS = {
  [1001] = "TOKEN is not valid",
  [1003] = "userid is required",
  [1013] = "decrypt error, please use the correct way to encrypt the params.",
  [1019] = "data encrypt is incorrect, please check the doc.",
  [3004] = "unsupport, TBD",
  [40001] = "invalid credential, access_token is invalid or not latest",
  [40002] = "invalid argument",
  [40007] = "invalid media_id",
  [40014] = "invalid access_token",
  [41001] = "access_token missing",
  [42001] = "access_token expired",
  [48001] = "api unauthorized",
  [61003] = "component is not authorized by this account",
  [61005] = "component ticket is expired",
  [61006] = "component ticket is invalid",
  [61009] = "code is invalid",
  [61010] = "code is expired",
  [61011] = "invalid component",
  [61014] = "must use component token for component api",
  [61023] = "refresh_token is invalid",
}

local FIELDS = { { name = "errcode" }, { name = "errmsg" }, { name = "rid" } }

local V2_FIELDS = { { name = "code" }, { name = "data" }, { name = "msg" },
  { name = "request_id" } }

local function text_of(code, text)
  return text or TEXTS[code] or codes[code] or ""
end

-- ------------------------------------------------------------------ chatbot

M.chatbot = {}

function M.chatbot.refusal(platform, _, call)
  return not core.equal(call.token, platform.token) and 1001 or nil
end

function M.chatbot.failure(platform, code, text)
  return responses.json(200, assert(json.encode({ errcode = code,
    errmsg = text_of(code, text), rid = platform.rid() }, FIELDS)))
end

-- ---------------------------------------------------------------------- api

M.api = {}

local function access_failure(platform, given, is_component)
  if not given or given == "" then
    return 41001
  elseif not given:find("^[A-Za-z0-9_-]+$") then
    return 40014
  end
  local known, code = platform.access:judge(given, is_component)
  if known then
    return code
  elseif is_component then
    return core.equal(given, platform.access_token) and 61014 or 40001
  elseif not core.equal(given, platform.access_token) then
    return 40001
  elseif platform.expires and platform.time() >= platform.expires then
    return 42001
  end
end

function M.api.refusal(platform, endpoint, call)
  if endpoint.query then
    local arguments = url.decode_form(call.query) or {}
    -- A newer page says access_token of every interface.
    local given = arguments[endpoint.query] or arguments.access_token
    local is_component = endpoint.query ~= "access_token"
    return access_failure(platform, given, is_component)
      or not (platform.authorised or is_component) and 48001 or nil
  end
end

function M.api.failure(platform, code, text)
  return responses.json(200, assert(json.encode({ errcode = code,
    errmsg = ("%s rid: %s"):format(text_of(code, text), platform.rid()) },
    FIELDS)))
end

M.api.misplaced = 43002

function M.api.unreadable(body)
  return body == "" and 44002 or 47001
end

-- ----------------------------------------------------------------------- v2

M.v2 = {}

-- By signature and access token; whatever is wrong has one answer.
function M.v2.refusal(platform, endpoint, call)
  local wire = require("wxbot.call.wire." .. endpoint.wire)
  local access = call.headers["x-openai-token"]
  if call.headers["x-appid"] ~= platform.appid and not access
      or not wire.is_signed(call.headers, call.body, platform.token)
      or endpoint.header and not platform.access:admits(access) then
    return "sign"
  end
end

-- Never encrypted; nothing else has the status 400.
function M.v2.failure(platform, code, text)
  if code == "sign" then
    return responses.text(400, "invalid sign request")
  end
  return responses.json(200, assert(json.encode({ code = code,
    data = json.null, msg = text or codes[code] or "",
    request_id = platform.request_id }, V2_FIELDS)))
end

function M.v2.complete(platform, answer)
  answer.request_id = platform.request_id
end

return M
