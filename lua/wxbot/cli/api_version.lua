--- The two generations of the platform's interfaces, as the commands see them.
--
-- A command names what it wants and gives parameters in the words of the first
-- generation. Here stands, for each generation and want: the method that does
-- it and the one that follows it to its end, the credentials that are needed,
-- the parameter that takes the administrator, and what makes the parameters of this generation of those.

local ascii = require "wxbot.util.text"
local by_name = require "wxbot.api".by_name
local wxbot = require "wxbot"

local ipairs, pairs, setmetatable = ipairs, pairs, setmetatable
local tonumber = tonumber

local M = {}

local function want(endpoint, more)
  local needs = {}
  for _, name in ipairs(endpoint.needs) do
    -- A client of v2 fetches its own.
    if endpoint.service ~= "v2" or name ~= "access_token" then
      needs[#needs + 1] = name
    end
  end
  more.needs = more.needs or needs
  return more
end

local V1 = {
  new = wxbot.new,
  options = { "appid", "token", "aes_key", "access_token" },
  wants = {
    ask = want(by_name.aibot, { method = "ask",
      needs = { "token", "aes_key" } }),
    import = want(by_name.batchimportskill, { method = "import",
      administrator = "managerid", keeps = {} }),
    task = want(by_name.task_fetch, { method = "task_fetch",
      follow = "wait_task", administrator = "openid", state = "state_name" }),
    publish = want(by_name.publish, { method = "publish",
      administrator = "managerid" }),
    progress = want(by_name.publish_progress, { method = "publish_progress",
      follow = "wait_bot_publish", administrator = "managerid",
      state = "status_name" }),
    autoreply = want(by_name.setautoreply, { method = "setautoreply",
      administrator = "managerid" }),
    publication = want(by_name.freepublish_get, { method = "freepublish_get",
      follow = "wait_publication", state = "publish_status_name" }),
  },
}

-- --------------------------------------------------------- second generation

local function asked(params)
  params.user_name, params.username = params.username, nil
  return params
end

local function row_of(row)
  return { skill = row.skillname, intent = row.title,
    questions = row.question, answers = row.answer,
    threshold = row.threshold and ascii.of_number(row.threshold),
    disable = row.disabled }
end

local function imported(params)
  local data = {}
  for i, row in ipairs(params.skill) do
    data[i] = row_of(row)
  end
  params.mode = tonumber(params.mode or 0)
  params.data, params.skill = data, nil
  return params
end

local function progressed(params)
  params.env = "online"
  return params
end

local V2 = {
  new = wxbot.v2,
  options = { "appid", "token", "aes_key" },
  wants = {
    ask = want(by_name.v2_query, { method = "ask", params = asked }),
    import = want(by_name.v2_import_json, { method = "import",
      params = imported, keeps = { threshold = true, disabled = true } }),
    task = want(by_name.v2_fetch, { method = "fetch", follow = "wait_task",
      state = "state_name" }),
    publish = want(by_name.v2_publish, { method = "publish" }),
    progress = want(by_name.v2_progress, { method = "progress",
      follow = "wait_bot_publish", params = progressed, state = "status_name" }),
  },
}

--- Fields for a command: of the first generation, without what names the
-- administrator as a must: it may come from elsewhere.
---@param fields table[]
---@param more table[]|nil fields of the command's own
---@return table[] fields
function M.fields(fields, more)
  local list = {}
  for i, field in ipairs(fields) do
    list[i] = field
    if field.name == "managerid" or field.name == "openid" then
      list[i] = { name = field.name, type = field.type,
        doc = field.doc .. "; otherwise WXBOT_MANAGERID" }
    end
  end
  for _, field in ipairs(more or {}) do
    list[#list + 1] = field
  end
  return list
end

-- -------------------------------------------------------------------- client

---@class wxbot.cli.Client
---@field wants table<string, table> what it can do
local Client = {}
Client.__index = Client

--- The generation that a run asks for.
---@param is_v2 boolean|nil
---@return table service { new, options, wants }
function M.of(is_v2)
  return is_v2 and V2 or V1
end

--- Makes a client of a generation.
---@param service table
---@param options table of wxbot.new
---@param administrator string|nil
---@return wxbot.cli.Client|nil client
---@return wxbot.Error|nil err
function M.new(service, options, administrator)
  if service == V2 then
    options.account = administrator
  end
  local bot, err = service.new(options)
  if not bot then
    return nil, err
  end
  return setmetatable({ bot = bot, wants = service.wants,
    administrator = administrator }, Client)
end

local function run(client, name, kind, params)
  local wanted, copy = client.wants[name], {}
  for member, value in pairs(params or {}) do
    copy[member] = value
  end
  copy.managerid, copy.openid = nil, nil -- the second has it as an option
  if wanted.administrator then
    copy[wanted.administrator] = client.administrator
  end
  copy = wanted.params and wanted.params(copy) or copy
  local result, err = client.bot[wanted[kind]](client.bot, copy)
  return result, err
end

--- Does what is wanted.
---@param name string
---@param params table|nil in the words of the first generation
---@return table|nil result
---@return wxbot.Error|nil err
function Client:call(name, params)
  local result, err = run(self, name, "method", params)
  return result, err
end

--- Follows it to its end.
---@param name string
---@param params table the same, and how to wait
---@return table|nil result
---@return wxbot.Error|nil err
function Client:follow(name, params)
  local result, err = run(self, name, "follow", params)
  return result, err
end

return M
