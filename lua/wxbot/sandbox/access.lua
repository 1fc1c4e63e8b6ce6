--- The access tokens that the platform has given out.

local core = require "wxbot.core"

local floor, min = math.floor, math.min
local pairs, setmetatable = pairs, setmetatable
local tostring, type = tostring, type

local M = {}

local LIFE = 7200
local OVERLAP = 300 -- seconds for which a token survives the next one
local APART = 30    -- seconds between two forced ones
local MEMORY = 3600 -- seconds for which an ended token is known as such

local Access = {}
Access.__index = Access

--- Makes an empty list.
---@param time fun(): number unix seconds
---@param secret string the AppSecret of every account
---@param note fun(record: table) hears of each change
---@return table access
function M.new(time, secret, note)
  return setmetatable({ time = time, secret = secret, tokens = {},
    newest = { classic = {}, stable = {}, v2 = {}, component = {},
      authorizer = {} }, note = note }, Access)
end

local function forget(access, now)
  for token, known in pairs(access.tokens) do
    if now > known.ends + MEMORY then
      access.tokens[token] = nil
    end
  end
end

-- Makes the newest token of an account.
local function make(access, kind, appid, bytes)
  local now = access.time()
  forget(access, now)
  local token = core.hex_encode(core.random(bytes))
  local known = { kind = kind, ends = now + LIFE, token = token, appid = appid }
  access:apply(known)
  access.note(known)
  return known
end

--- Does what a record says. One token may come again, changed.
---@param record table { token, kind, appid, ends, replaced, forced }
function Access:apply(record)
  self.tokens[record.token] = record
  if not record.replaced then
    self.newest[record.kind][record.appid] = record
  end
end

--- Gives records that make the same of an empty list.
---@param emit fun(record: table)
function Access:snapshot(emit)
  for _, known in pairs(self.tokens) do
    local newest = self.newest[known.kind][known.appid]
    if known ~= newest then
      emit(known)
    end
  end
  for _, newest in pairs(self.newest) do
    for _, known in pairs(newest) do
      emit(known)
    end
  end
end

local function answer(access, known)
  return { access_token = known.token,
    expires_in = floor(known.ends - access.time()) }
end

local function is_empty(value)
  return type(value) ~= "string" or value == ""
end

--- Looks at the account that asks for a token.
---@param params table as sent
---@param is_bound fun(appid: string): boolean
---@return integer|nil code
---@return string|table|nil reason (wxbot.sandbox.causes)
function Access:failure(params, is_bound)
  local grant_type = params.grant_type
  if grant_type ~= "client_credential" then
    return 40002, { "grant_type", grant_type == nil and "missing"
      or tostring(grant_type) }
  elseif is_empty(params.appid) then
    return 41002, "no_account_appid"
  elseif is_empty(params.secret) then
    return 41004, "no_secret"
  elseif not is_bound(params.appid) then
    return 40013, { "unknown_account", params.appid }
  elseif not core.equal(params.secret, self.secret) then
    return 40125, "wrong_secret"
  end
end

--- A new token; the one before it ends soon.
---@return table answer
function Access:classic(appid)
  local before = self.newest.classic[appid]
  if before then
    before.ends = min(before.ends, self.time() + OVERLAP)
    before.replaced = true
    self.note(before)
  end
  return answer(self, make(self, "classic", appid, 32))
end

--- The token that is valid now, a new one shortly before its end.
---@param appid string
---@param force boolean|nil ends the one before it at once
---@return table answer
function Access:stable(appid, force)
  local now, known = self.time(), self.newest.stable[appid]
  local forced = force and known and now - (known.forced or -APART) >= APART
  if forced then
    known.ends, known.replaced = now, true
    self.note(known)
  end
  if not known or known.ends - now <= OVERLAP then
    known = make(self, "stable", appid, 32)
    if forced then
      known.forced = now
      self.note(known)
    end
  end
  return answer(self, known)
end

--- Ends the token of an account at once.
---@param kind string
---@param appid string
function Access:end_tokens(kind, appid)
  local before = self.newest[kind][appid]
  if before then
    before.ends, before.replaced = min(before.ends, self.time()), true
    self.note(before)
  end
end

--- A new token of a third-party platform, or of an account that has authorised
--- it; the one before it ends at once. Of accounts that is not documented.
---@param kind string "component" | "authorizer"
---@param appid string
---@return table answer
function Access:third_party(kind, appid)
  self:end_tokens(kind, appid)
  return answer(self, make(self, kind, appid, 64))
end

-- Is a token of the kind that a call takes?
local function judge_kind(kind, is_component)
  if is_component and kind ~= "component" then
    return true, 61014, "not_component_token"
  elseif kind == "component" and not is_component then
    return true, 48001, "component_token"
  end
  return true
end

--- Looks at the token of a call.
---@param token string
---@param is_component boolean the call takes that of a third-party platform
---@return boolean known it was given out here
---@return integer|nil code
---@return string|table|nil reason (wxbot.sandbox.causes)
function Access:judge(token, is_component)
  local known = self.tokens[token]
  if not known or known.kind == "v2" then
    return false
  elseif self.time() < known.ends then
    return judge_kind(known.kind, is_component)
  elseif known.replaced then
    return true, 40001, "replaced_access_token"
  end
  return true, 42001, { "expired_access_token", self:ended(known) }
end

--- How long ago a token has ended.
---@return string seconds
function Access:ended(known)
  return ("%.0f"):format(self.time() - known.ends)
end

--- Was it given out here?
---@param token string
---@return boolean
function Access:is_known(token)
  return self.tokens[token] ~= nil
end

--- Is it one of version 2?
---@param token string
---@return boolean
function Access:is_v2(token)
  local known = self.tokens[token]
  return known ~= nil and known.kind == "v2"
end

--- A token of v2. Whether a new one ends the others is not documented; here it
-- does not.
---@return string
function Access:v2()
  return make(self, "v2", "", 16).token
end

--- Is it a token of v2 that has not expired?
---@return boolean
---@return string|table|nil reason why not (wxbot.sandbox.causes)
function Access:admits(token)
  local known = token and self.tokens[token]
  if not token or token == "" then
    return false, "no_v2_token"
  elseif not known or known.kind ~= "v2" then
    return false, "wrong_v2_token"
  elseif self.time() >= known.ends then
    return false, { "expired_v2_token", self:ended(known) }
  end
  return true
end

return M
