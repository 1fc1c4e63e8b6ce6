--- Following a task or a publishing to its end, where somebody looks on.

local output = require "wxbot.cli.output"
local progress = require "wxbot.cli.progress"

local type = type

local M = {}

--- The option of commands that can follow what they are about.
M.WAIT = { name = "wait", type = "boolean",
  doc = "Follow it until it has ended, for --timeout seconds at most" }

local function state_of(waiter, answer)
  return answer[waiter.state .. "_name"]
end

--- The state of an answer in words, with how much is done where that is told.
---@param waiter table of its endpoint
---@param answer table
---@return string
function M.text_of(waiter, answer)
  local text = state_of(waiter, answer):gsub("_", " ")
  if type(answer.progress) == "number" then
    text = ("%s %d %%"):format(text, answer.progress)
  end
  return text
end

-- What tells nothing of how much is done tells at least that it all is.
local function share_of(waiter, answer)
  if type(answer.progress) == "number" then
    return answer.progress / 100
  end
  return answer[waiter.state] == waiter.success and 1 or nil
end

--- Follows it, with a bar on a terminal and lines anywhere else.
---@param session wxbot.cli.Session
---@param client wxbot.Bot|wxbot.V2
---@param method table of an endpoint that has a waiter
---@param params table
---@param label string|nil what to call it
---@return table|nil answer
---@return wxbot.Error|nil err
function M.follow(session, client, method, params, label)
  local shown, waiter = progress.new(session.json), method.endpoint.waiter
  label = output.line((label or waiter.what .. " " .. params[waiter.id])
    .. ": ")
  params.timeout = session.options.timeout
  params.interval = session.pace.interval
  params.max_interval = session.pace.max_interval
  params.on_progress = function(answer)
    shown:update(share_of(waiter, answer),
      label .. state_of(waiter, answer):gsub("_", " "),
      label .. M.text_of(waiter, answer))
  end
  local answer, err = client[waiter.name](client, params)
  progress.close()
  return answer, err
end

--- Did what was followed end, in failure? Otherwise it was the asking that
-- failed, and it may go on.
---@param method table
---@param err wxbot.Error
---@return boolean
function M.has_failed(method, err)
  local last = err.result
  return type(last) == "table" and err.kind == "platform"
    and err.code == state_of(method.endpoint.waiter, last)
end

return M
