--- The third-party platform that `component …` acts for: its ticket and its
--- tokens are in the file of `receive --state`.

local config = require "wxbot.cli.config"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local file_stores = require "wxbot.store.file"
local wxbot = require "wxbot"

local assert = assert

local M = {}

--- The flag that names the file.
---@param required boolean|nil
---@return table field
function M.state(required)
  return { name = "state", type = "string", arg = "FILE", required = required,
    doc = "File of `wxbot receive --kind third_party --state`, which may be "
      .. "running: has the ticket, and keeps the tokens. WXBOT_APPID and "
      .. "WXBOT_SECRET are those of the third-party platform" }
end

-- A new file has no ticket, so one that is not there was misspelt.
local function open_store(path, owner)
  local regular, reason = core.file_regular(path)
  if not regular then
    assert(errors.invalid(("--state: %s: %s"):format(path, reason), "file"))
  end
  return assert(file_stores.new{ path = path, owner = owner })
end

--- The source of the platform's token.
---@param session wxbot.cli.Session
---@return wxbot.AccessToken
function M.source(session)
  local given, options = session:need{ "appid", "secret" }, session.options
  return assert(wxbot.access_token{ kind = "component", appid = given.appid,
    secret = given.secret, base_url = session:base_url(),
    timeout = options.timeout, transport = session:network(),
    store = options.state and open_store(options.state, given.appid) or nil })
end

--- Has the calls of a run made with the platform's token.
---@param session wxbot.cli.Session
function M.use(session)
  local given = session.credentials
  if session.options.state then
    given.access_token = M.source(session)
  elseif not given.access_token then
    assert(errors.invalid("--state is missing; or else "
      .. config.variables.access_token .. ", a component_access_token", "usage"))
  end
end

--- Exchanges an authorization code; where they can be kept, the tokens are.
---@param session wxbot.cli.Session
---@param client wxbot.Bot
---@param params table of query_auth
---@return table|nil answer
---@return wxbot.Error|nil err
function M.authorize(session, client, params)
  if session.options.state then
    local info, err = session.credentials.access_token:authorize(
      params.authorization_code)
    return info and { authorization_info = info }, err
  elseif not session.options.secrets then
    return errors.invalid("the tokens would be lost: --state keeps them, "
      .. "--secrets prints them", "usage")
  end
  local answer, err = client:query_auth(params)
  return answer, err
end

--- The source of an account's token.
---@param session wxbot.cli.Session
---@param appid string
---@return wxbot.AccessToken
function M.account(session, appid)
  return assert(wxbot.access_token{ kind = "authorizer", appid = appid,
    component = M.source(session) })
end

return M
