--- The third-party platform that the sandbox knows: its tickets, the accounts
-- that have authorised it, and what it is given for them.
--
-- A ticket is due every ten minutes, and whenever a push asks for one; each is
-- good for twelve hours. What the platform leaves open is answered in the way
-- that is hardest on a program: a new token ends the one before at once.

local core = require "wxbot.core"

local floor = math.floor
local ipairs, pairs, setmetatable, type = ipairs, pairs, setmetatable, type

local M = {}

local TICKETS_APART, TICKET_LIFE = 600, 43200 -- seconds
local PRE_AUTH_LIFE, CODE_LIFE = 1800, 3600

--- The third-party platform of a sandbox that was told of none.
M.APPID = "wx0c0c0c0c0c0c0c0c"

-- Sets of permissions that an account grants: to publish, to make drafts.
local GRANTED = { 1, 7, 11, 100 }

local Component = {}
Component.__index = Component

--- Makes one.
---@param time fun(): number unix seconds
---@param access table that gives out tokens
---@param secret string its AppSecret
---@return table component
function M.new(time, access, secret)
  return setmetatable({ time = time, access = access, appid = M.APPID,
    secret = secret, tickets = {}, pre_auth_codes = {}, codes = {},
    authorized = {}, pushed_at = time() }, Component)
end

local function forget_ended(known, now)
  for name, ends in pairs(known) do
    if now >= (type(ends) == "table" and ends.ends or ends) then
      known[name] = nil
    end
  end
end

-- As the platform's look.
local function opaque(prefix, bytes)
  return prefix .. "@@@" .. core.base64url_encode(core.random(bytes))
end

-- ------------------------------------------------------------------- tickets

--- Makes a ticket.
---@return string
function Component:ticket()
  local now = self.time()
  forget_ended(self.tickets, now - TICKET_LIFE)
  local ticket = opaque("ticket", 64)
  self.tickets[ticket], self.pushed_at = now + TICKET_LIFE, now
  return ticket
end

--- The pushes that are due by now. Of tickets only the newest: one that is older
--- is of no use.
---@return table[] pushes as Sandbox:push takes them, but for their url
function Component:due()
  if self.time() - self.pushed_at < TICKETS_APART then
    return {}
  end
  self.pushed_at = self.time()
  return { { kind = "third_party", infotype = "component_verify_ticket" } }
end

-- ------------------------------------------------------------ authorisations

--- Makes a code for the link by which an account authorises.
---@return string code
---@return integer seconds
function Component:pre_auth_code()
  local now = self.time()
  forget_ended(self.pre_auth_codes, now)
  local code = opaque("preauthcode", 64)
  self.pre_auth_codes[code] = now + PRE_AUTH_LIFE
  return code, PRE_AUTH_LIFE
end

--- An account authorises, or changes what it has granted.
---@param appid string
---@param pre_auth_code string|nil of its link; nil: as if it were of one
---@return table|nil code { code, ends, pre_auth_code }; nil: the link is not good
function Component:authorize(appid, pre_auth_code)
  local now = self.time()
  local ends = self.pre_auth_codes[pre_auth_code or ""]
  if pre_auth_code and (not ends or now >= ends) then
    return nil
  elseif pre_auth_code then
    self.pre_auth_codes[pre_auth_code] = nil
  else
    pre_auth_code = opaque("preauthcode", 64)
  end
  forget_ended(self.codes, now - CODE_LIFE)
  local account = self.authorized[appid] or {
    refresh_token = opaque("refreshtoken", 32) }
  self.authorized[appid] = account
  local code = opaque("queryauthcode", 64)
  self.codes[code] = { appid = appid, account = account,
    ends = floor(now) + CODE_LIFE }
  return { code = code, ends = self.codes[code].ends,
    pre_auth_code = pre_auth_code }
end

--- An account withdraws: its tokens and codes end.
---@param appid string
---@return boolean done false: it had not authorised
function Component:withdraw(appid)
  local account = self.authorized[appid]
  self.authorized[appid] = nil
  self.access:end_tokens("authorizer", appid)
  return account ~= nil
end

-- --------------------------------------------------------------------- calls

--- Looks at who calls, and at the account that is meant.
---@param params table as sent
---@return integer|nil code
function Component:failure(params)
  if type(params.component_appid) ~= "string" or params.component_appid == "" then
    return 41018
  elseif params.component_appid ~= self.appid then
    return 61011
  end
end

--- Looks at the AppSecret.
---@return integer|nil code
function Component:wrong_secret(secret)
  if type(secret) ~= "string" or secret == "" then
    return 41004
  elseif not core.equal(secret, self.secret) then
    return 40125
  end
end

--- Looks at a ticket.
---@return integer|nil code
function Component:wrong_ticket(ticket)
  local ends = self.tickets[ticket or ""]
  if not ends then
    return 61006
  end
  return self.time() >= ends and 61005 or nil
end

--- What an account has granted.
---@param appid string
---@param with_token boolean
---@return table authorization_info
function Component:info(appid, with_token)
  local func_info = {}
  for i, id in ipairs(GRANTED) do
    func_info[i] = { funcscope_category = { id = id } }
  end
  local given = with_token and self.access:third_party("authorizer", appid) or {}
  return { authorizer_appid = appid, func_info = func_info,
    authorizer_access_token = given.access_token,
    expires_in = given.expires_in,
    authorizer_refresh_token = self.authorized[appid].refresh_token }
end

--- What an authorization code stands for.
---@return table|nil authorization_info
---@return integer|nil code
function Component:query_auth(code)
  local known = self.codes[code or ""]
  if not known or self.authorized[known.appid] ~= known.account then
    return nil, 61009
  elseif self.time() >= known.ends then
    return nil, 61010
  end
  return self:info(known.appid, true)
end

--- A new access token of an account.
---@return table|nil answer { access_token, expires_in }
---@return integer|nil code
function Component:refresh(appid, refresh_token)
  local account = self.authorized[appid or ""]
  if not account then
    return nil, 61003
  elseif refresh_token ~= account.refresh_token then
    return nil, 61023
  end
  return self.access:third_party("authorizer", appid)
end

return M
