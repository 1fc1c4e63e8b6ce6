--- Following a task or a publishing to its end, where somebody looks on.

local output = require "wxbot.cli.output"
local progress = require "wxbot.cli.progress"

local type = type

local M = {}

--- The option of commands that can follow what they are about.
M.WAIT = { name = "wait", type = "boolean",
  doc = "Follow it until it has ended, for --timeout seconds at most" }

--- A state in words, with how much is done where that is told.
---@param name string
---@param percent any
---@return string
function M.text_of(name, percent)
  local text = name:gsub("_", " ")
  if type(percent) == "number" then
    text = ("%s %d %%"):format(text, percent)
  end
  return text
end

-- What tells nothing of how much is done tells at least that it all is.
local function share_of(answer)
  if type(answer.progress) == "number" then
    return answer.progress / 100
  end
  return answer.publish_status == 0 and 1 or nil
end

--- Follows it, with a bar on a terminal and lines anywhere else.
---@param session wxbot.cli.Session
---@param client wxbot.cli.Client
---@param name string what to follow
---@param params table
---@param label string what to call it
---@return table|nil answer
---@return wxbot.Error|nil err
function M.follow(session, client, name, params, label)
  local shown = progress.new(session.json)
  local state = client.wants[name].state
  label = output.line(label .. ": ")
  params.timeout = session.options.timeout
  params.interval = session.pace.interval
  params.max_interval = session.pace.max_interval
  params.on_progress = function(answer)
    shown:update(share_of(answer), label .. M.text_of(answer[state]),
      label .. M.text_of(answer[state], answer.progress))
  end
  local answer, err = client:follow(name, params)
  progress.close()
  return answer, err
end

--- Did what was followed end, in failure? Otherwise it was the asking that
-- failed, and it may go on.
---@param client wxbot.cli.Client
---@param name string what was followed
---@param err wxbot.Error
---@return boolean
function M.has_failed(client, name, err)
  local last = err.result
  return type(last) == "table" and err.kind == "platform"
    and err.code == last[client.wants[name].state]
end

return M
