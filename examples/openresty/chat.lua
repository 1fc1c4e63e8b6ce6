-- POST /chat {"userid": …, "query": …} -> {"answer", "tier", "options"}.
--
-- One bot per worker. While the platform thinks, the worker serves others:
-- inside nginx wxbot waits on cosockets.

local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

local M = {}

-- Read before nginx starts its workers; they see no other environment.
local env = {}
for _, name in ipairs{ "APPID", "TOKEN", "AES_KEY", "BASE_URL" } do
  local value = os.getenv("WXBOT_" .. name)
  env[name] = value ~= "" and value or nil
end

--- Whose bot it is; without credentials, the sandbox's.
---@return table options of wxbot.new
function M.account()
  if env.TOKEN then
    return { appid = env.APPID, token = env.TOKEN, aes_key = env.AES_KEY,
      base_url = env.BASE_URL, timeout = 5 }
  end
  local sandbox = assert(wxbot.sandbox{})
  local options = sandbox:credentials()
  options.base_url = env.BASE_URL
  options.transport = not env.BASE_URL and sandbox or nil
  return options
end

local function make_bot()
  local options = M.account()
  -- As many connections are kept as calls may be in flight.
  options.transport = options.transport or wxbot.resty{ pool_size = 1024 }
  return assert(wxbot.new(options))
end

local bot

--- The bot of this worker.
function M.bot()
  bot = bot or make_bot()
  return bot
end

local function reply(status, fields)
  local body = assert(json.encode(fields))
  ngx.status = status
  ngx.header["Content-Type"] = "application/json; charset=utf-8"
  ngx.header["Content-Length"] = #body
  ngx.print(body)
end

local function refuse(status, message)
  reply(status, { error = message })
end

-- What a visitor is told; the log is told all of it.
local STATUS = { invalid = 400, timeout = 504 }
local TEXT = {
  invalid = "This message cannot be sent.",
  timeout = "The bot takes too long. Please try again.",
}

local function refuse_failure(err)
  ngx.log(ngx.ERR, "chat: ", tostring(err))
  refuse(STATUS[err.kind] or 502,
    TEXT[err.kind] or "The bot cannot be reached. Please try again later.")
end

local function read_question()
  local question = json.decode(wxbot.resty_body() or "")
  if type(question) ~= "table" then
    return nil, "The body must be JSON."
  end
  for _, name in ipairs{ "userid", "query" } do
    local value = question[name]
    if type(value) ~= "string" or value == "" or #value > 1000 then
      return nil, name .. " must be a text of 1 to 1000 bytes."
    end
  end
  return question
end

-- Pages of other sites can make a browser post forms here, but no JSON.
local function is_json()
  local kind = ngx.var.content_type or ""
  return kind:lower():find("^application/json") ~= nil
end

--- Serves one request.
function M.serve()
  if ngx.req.get_method() ~= "POST" then
    ngx.header["Allow"] = "POST"
    return refuse(405, "Only POST.")
  elseif not is_json() then
    return refuse(415, "The body must be application/json.")
  end
  local question, message = read_question()
  if not question then
    return refuse(400, message)
  end
  local answer, err = M.bot():ask{ userid = question.userid,
    query = question.query }
  if not answer then
    return refuse_failure(err)
  end
  local options = json.list{}
  for i, option in ipairs(answer.options) do
    options[i] = option.title
  end
  reply(200, { answer = answer.text, tier = answer.tier,
    options = options })
end

return M
