--- What a record shows of a request: texts that are valid, and without secrets
-- unless these are asked for.

local endpoints = require "wxbot.api"
local json = require "wxbot.codec.json"
local paths = require "wxbot.sandbox.explain.paths"
local secrets = require "wxbot.sandbox.secrets"
local texts = require "wxbot.util.text"
local url = require "wxbot.codec.url"
local valid = require "wxbot.codec.repair".valid

local floor, ipairs = math.floor, ipairs

local M = {}

-- ------------------------------------------------------------- when it is kept

-- Headers that say something about a request.
local HEADERS = { "content-type", "content-encoding", "user-agent", "x-appid",
  "x-openai-token", "request_id", "timestamp", "nonce", "sign",
  "authorization" }

-- Bytes of a header that are kept.
local LONGEST = 256

--- What of the headers is kept: lines, which are often the same.
---@param headers table<string, string> lower-case names
---@return string
function M.headers(headers)
  local lines = ""
  for i = 1, #HEADERS do
    local name = HEADERS[i]
    local value = headers[name]
    if value then
      lines = lines .. name .. ": "
        .. (#value > LONGEST and value:sub(1, LONGEST) or value) .. "\n"
    end
  end
  return lines
end

--- Whether a request was refused.
---@param entry table
---@return boolean
function M.has_failed(entry)
  return entry.cause_id ~= nil or entry.status >= 400
end

-- ------------------------------------------------------------- when it is read

-- Shows texts of a request: function (text, mask) -> text.
local function shower(platform, with_secrets)
  return function(text, mask)
    text = secrets[with_secrets and "hide_own" or "hide"](platform, text)
    return valid(with_secrets and text or mask(text))
  end
end

local function masked_url(entry)
  local endpoint = endpoints.by_name[entry.endpoint]
  return function(address)
    local path, query = url.split(address)
    if endpoint and endpoint.path:find("{token}", 1, true) then
      path = (path:match("^.*/") or "") .. "***"
    elseif not endpoint then
      path = paths.shown(path)
    end
    return path .. (query ~= "" and "?" .. secrets.mask_body(query) or "")
  end
end

local function shown_headers(lines, show)
  local shown = {}
  for line in lines:gmatch("[^\n]+") do
    local name, value = line:match("^([a-z_-]+): (.*)$")
    if name then
      shown[name] = show(value, function(text)
        return secrets.is_name(name) and "***" or text
      end)
    end
  end
  return shown
end

-- The answer of an endpoint that seals it, opened.
local function opened_answer(platform, entry)
  local endpoint = endpoints.by_name[entry.endpoint]
  return endpoint and endpoint.wire == "v2_query"
    and platform.raw:decrypt(entry.answer) or nil
end

local COPIED = { "id", "time", "client", "endpoint", "status", "code",
  "cause_id", "cause", "cure" }

local function copy_list(list)
  local copied = {}
  for i, value in ipairs(list or {}) do
    copied[i] = value
  end
  return json.list(copied)
end

local function summary(entry, show)
  local shown = {}
  for _, name in ipairs(COPIED) do
    shown[name] = entry[name]
  end
  shown.method = valid(texts.within(entry.method, LONGEST) or "")
  shown.url = show(entry.url, masked_url(entry))
  shown.ms = floor(entry.seconds * 1e5 + 0.5) / 100
  shown.values, shown.warnings = copy_list(entry.values),
    copy_list(entry.warnings)
  return shown
end

--- A request in a list.
---@param platform table
---@param entry table as kept
---@param with_secrets boolean|nil
---@return table summary { id, time, client, method, endpoint, url, status, ms, code, cause_id, cause, cure, values, warnings }
function M.summary(platform, entry, with_secrets)
  return summary(entry, shower(platform, with_secrets))
end

--- All of a request.
---@param platform table
---@param entry table as kept
---@param with_secrets boolean|nil
---@return table request a summary with request_headers, body, body_bytes, decrypted, answer, answer_bytes, answer_decrypted
function M.whole(platform, entry, with_secrets)
  local show = shower(platform, with_secrets)
  local shown = summary(entry, show)
  local opened = opened_answer(platform, entry)
  shown.request_headers = shown_headers(entry.headers, show)
  shown.body = show(entry.body, secrets.mask_body)
  shown.body_bytes = entry.body_bytes
  shown.decrypted = entry.opened and show(entry.opened, secrets.mask_body)
  shown.answer = show(entry.answer, secrets.mask_body)
  shown.answer_bytes = entry.answer_bytes
  shown.answer_decrypted = opened and show(opened, secrets.mask_body)
  return shown
end

return M
