--- What sets the platform's services apart. Each has
--
--   refusal  of a call whose caller it does not believe: (platform, endpoint,
--            call { token, query, headers, body }) -> code | nil, reason
--            (wxbot.sandbox.causes)
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
local texts = require "wxbot.util.text"
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
  if not core.equal(call.token, platform.token) then
    return 1001, "wrong_token"
  end
end

function M.chatbot.failure(platform, code, text)
  return responses.json(200, assert(json.encode({ errcode = code,
    errmsg = text_of(code, text), rid = platform.rid() }, FIELDS)))
end

-- ---------------------------------------------------------------------- api

M.api = {}

-- The token that was given to the sandbox stands for whichever is wanted.
local function access_failure(platform, given, is_component)
  if not given or given == "" then
    return 41001, "no_access_token"
  elseif not given:find("^[A-Za-z0-9_-]+$") then
    return 40014, "access_token_form"
  end
  local known, code, reason = platform.access:judge(given, is_component)
  local expires = platform.expires
  if known then
    return code, reason
  elseif not core.equal(given, platform.access_token) then
    return 40001, { "wrong_access_token", given }
  elseif expires and platform.time() >= expires then
    return 42001, { "expired_access_token",
      ("%.0f"):format(platform.time() - expires) }
  end
end

function M.api.refusal(platform, endpoint, call)
  if not endpoint.query then
    return nil
  end
  local arguments = url.decode_form(call.query) or {}
  -- Newer pages say access_token of every interface.
  local is_component = endpoint.query ~= "access_token"
  local code, reason = access_failure(platform, arguments[endpoint.query]
    or arguments.access_token, is_component)
  if not code and not platform.authorised and not is_component then
    code, reason = 48001, "not_authorised"
  end
  return code, reason
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

-- No limit is documented.
local FRESH = 600

local function warn_of_time(platform, timestamp)
  local off = platform.time() - (texts.number(timestamp) or 0)
  if off > FRESH or off < -FRESH then
    platform.warn("timestamp", ("%.0f"):format(off < 0 and -off or off))
  end
end

-- By signature and access token; whatever is wrong has one answer.
function M.v2.refusal(platform, endpoint, call)
  local wire = require("wxbot.call.wire." .. endpoint.wire)
  local access = call.headers["x-openai-token"]
  if call.headers["x-appid"] ~= platform.appid and not access then
    return "sign", "appid_header"
  end
  local admitted, reason = wire.is_signed(call.headers, call.body,
    platform.token)
  if admitted and endpoint.header then
    admitted, reason = platform.access:admits(access)
  end
  if not admitted then
    return "sign", reason
  end
  warn_of_time(platform, call.headers.timestamp)
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
