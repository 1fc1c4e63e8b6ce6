--- The third-party platform that the sandbox knows: its tickets, the accounts
-- that have authorised it, and what it is given for them.
--
-- What the platform leaves open is answered in the way that is hardest on a
-- program: a new token ends the one before at once.

local core = require "wxbot.core"

local floor = math.floor
local ipairs, pairs, setmetatable, type = ipairs, pairs, setmetatable, type

local M = {}

--- Seconds between two tickets.
M.APART = 600

local TICKET_LIFE, PRE_AUTH_LIFE, CODE_LIFE = 43200, 1800, 3600

--- The third-party platform of every sandbox.
M.APPID = "wx0c0c0c0c0c0c0c0c"

-- Sets of permissions that an account grants: among them to publish, and to make
-- drafts.
local GRANTED = { 1, 7, 11, 100 }

local Component = {}
Component.__index = Component

--- Makes one.
---@param time fun(): number unix seconds
---@param access table that gives out tokens
---@param secret string its AppSecret
---@param note fun(record: table) hears of each change
---@return table component
function M.new(time, access, secret, note)
  return setmetatable({ time = time, access = access, appid = M.APPID,
    secret = secret, note = note,
    tickets = {},        -- ticket -> when it ends
    pre_auth_codes = {}, -- code -> when it ends
    codes = {},          -- code -> { appid, refresh_token, ends }
    accounts = {},       -- appid -> refresh token
  }, Component)
end

--- Does what a record says.
---@param record table { of, name, value }
function Component:apply(record)
  self[record.of][record.name] = record.value
end

--- Gives records that make the same of a new one.
---@param emit fun(record: table)
function Component:snapshot(emit)
  for _, of in ipairs{ "tickets", "pre_auth_codes", "codes", "accounts" } do
    for name, value in pairs(self[of]) do
      emit{ of = of, name = name, value = value }
    end
  end
end

local function set(component, of, name, value)
  local record = { of = of, name = name, value = value }
  component:apply(record)
  component.note(record)
end

local function ends_of(value)
  return type(value) == "table" and value.ends or value
end

-- Forgets what has ended; for a while it is known as such.
local function forget(component, of, memory)
  local now = component.time()
  for name, value in pairs(component[of]) do
    if now >= ends_of(value) + memory then
      set(component, of, name, nil)
    end
  end
end

-- As those of the platform look.
local function opaque(prefix, bytes)
  return prefix .. "@@@" .. core.base64url_encode(core.random(bytes))
end

--- Makes a ticket.
---@return string
function Component:ticket()
  forget(self, "tickets", TICKET_LIFE)
  local ticket = opaque("ticket", 64)
  set(self, "tickets", ticket, self.time() + TICKET_LIFE)
  return ticket
end

--- Makes a code for the link by which an account authorises.
---@return string code
---@return integer seconds
function Component:pre_auth_code()
  forget(self, "pre_auth_codes", 0)
  local code = opaque("preauthcode", 64)
  set(self, "pre_auth_codes", code, self.time() + PRE_AUTH_LIFE)
  return code, PRE_AUTH_LIFE
end

--- An account authorises, or changes what it has granted.
---@param appid string
---@param pre_auth_code string|nil of its link; nil: of some link
---@return table|nil code { code, ends, pre_auth_code }; nil: the link is not good
function Component:authorize(appid, pre_auth_code)
  local now = self.time()
  local ends = self.pre_auth_codes[pre_auth_code or ""]
  if pre_auth_code and (not ends or now >= ends) then
    return nil
  end
  if pre_auth_code then
    set(self, "pre_auth_codes", pre_auth_code, nil)
  end
  if not self.accounts[appid] then
    set(self, "accounts", appid, opaque("refreshtoken", 32))
  end
  forget(self, "codes", CODE_LIFE)
  local code, known = opaque("queryauthcode", 64), { appid = appid,
    refresh_token = self.accounts[appid], ends = floor(now) + CODE_LIFE }
  set(self, "codes", code, known)
  return { code = code, ends = known.ends,
    pre_auth_code = pre_auth_code or opaque("preauthcode", 64) }
end

--- An account withdraws: its tokens and codes end.
---@param appid string
function Component:withdraw(appid)
  set(self, "accounts", appid, nil)
  self.access:end_tokens("authorizer", appid)
end

-- --------------------------------------------------------------------- calls

-- How long ago something has ended.
local function ago(component, ends)
  return ("%.0f"):format(component.time() - ends)
end

--- Looks at who calls.
---@param params table as sent
---@return integer|nil code
---@return string|table|nil reason (wxbot.sandbox.causes)
function Component:failure(params)
  local appid = params.component_appid
  if type(appid) ~= "string" or appid == "" then
    return 41018, { "no_field", "component_appid" }
  elseif appid ~= self.appid then
    return 61011, { "unknown_component", appid }
  end
end

--- Looks at the AppSecret.
---@param params table as sent
---@param name string what it is called
---@return integer|nil code
---@return string|table|nil reason
function Component:wrong_secret(params, name)
  local secret = params[name]
  if type(secret) ~= "string" or secret == "" then
    return 41004, { "no_field", name }
  elseif not core.equal(secret, self.secret) then
    return 40125, { "wrong_component_secret", name }
  end
end

--- Looks at a ticket.
---@return integer|nil code
---@return string|table|nil reason
function Component:wrong_ticket(ticket)
  local ends = self.tickets[ticket or ""]
  if not ends then
    return 61006, "unknown_ticket"
  elseif self.time() >= ends then
    return 61005, { "ended_ticket", ago(self, ends) }
  end
end

--- What an account has granted.
---@param appid string that has authorised
---@return table authorization_info without an access token
function Component:info(appid)
  local func_info = {}
  for i, id in ipairs(GRANTED) do
    func_info[i] = { funcscope_category = { id = id } }
  end
  return { authorizer_appid = appid, func_info = func_info,
    authorizer_refresh_token = self.accounts[appid] }
end

--- Looks at an account.
---@return integer|nil code
---@return string|table|nil reason
function Component:not_authorized(appid)
  if not self.accounts[appid or ""] then
    return 61003, { "not_an_authorizer", appid }
  end
end

--- What an authorization code stands for.
---@return table|nil authorization_info
---@return integer|nil code
---@return string|table|nil reason
function Component:query_auth(code)
  local known = self.codes[code or ""]
  if not known or self.accounts[known.appid] ~= known.refresh_token then
    return nil, 61009, "unknown_auth_code"
  elseif self.time() >= known.ends then
    return nil, 61010, { "ended_auth_code", ago(self, known.ends) }
  end
  local info = self:info(known.appid)
  local given = self.access:third_party("authorizer", known.appid)
  info.authorizer_access_token = given.access_token
  info.expires_in = given.expires_in
  return info
end

--- A new access token of an account.
---@return table|nil answer { access_token, expires_in }
---@return integer|nil code
---@return string|table|nil reason
function Component:refresh(appid, refresh_token)
  local code, reason = self:not_authorized(appid)
  if code then
    return nil, code, reason
  elseif refresh_token ~= self.accounts[appid] then
    return nil, 61023, "wrong_refresh_token"
  end
  return self.access:third_party("authorizer", appid)
end

return M
