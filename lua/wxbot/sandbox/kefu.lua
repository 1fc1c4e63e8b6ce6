--- Customer service: who talks with a user, and what was sent to them.

local texts = require "wxbot.util.text"

local ipairs, pairs, setmetatable = ipairs, pairs, setmetatable
local remove, sort = table.remove, table.sort

local M = {}

local Kefu = {}
Kefu.__index = Kefu

-- Messages kept of one user: the newest.
local KEPT = 100
-- Life of `on`, seconds, by the older page.
local EXPIRES = 1800

-- The words of the older page, in those of the newer one.
local WORDS = { on = "personserving", off = "complete",
  asking = "asking", personserving = "personserving",
  complete = "complete", needperson = "needperson" }

---@param time function returns unix seconds
---@param note fun(record: table) hears of each change
function M.new(time, note)
  return setmetatable({ time = time, states = {}, messages = {}, serial = 0,
    note = note }, Kefu)
end

local function key_of(appid, openid)
  return #appid .. ":" .. appid .. openid
end

--- Sets the state of a user.
---@param params table appid, openid, kefustate, expires
---@return boolean known the word is one
function Kefu:set(params)
  local status = WORDS[params.kefustate]
  if not status then
    return false
  end
  local expires = texts.number(params.expires)
    or params.kefustate == "on" and EXPIRES
  local record = { user = key_of(params.appid, params.openid),
    status = status, ends = status == "personserving" and expires
      and self.time() + expires or nil }
  self:apply(record)
  self.note(record)
  return true
end

--- The state of a user: "asking" until somebody has set one.
---@return string status
function Kefu:status(appid, openid)
  local key = key_of(appid, openid)
  local state = self.states[key]
  if not state then
    return "asking"
  elseif state.ends and self.time() >= state.ends then
    state.status, state.ends = "complete", nil
  end
  return state.status
end

--- Keeps a message that was sent to a user.
---@param params table of sendmsg
function Kefu:send(params)
  self:say{ from = "agent", appid = params.appid, openid = params.openid,
    msg = params.msg, channel = texts.number(params.channel),
    event = params.event, kefuname = params.kefuname,
    kefuavatar = params.kefuavatar, ans_node_name = params.ans_node_name }
end

--- Keeps what was said in the conversation of a user.
---@param message table from = "user" | "bot" | "agent", openid, msg, and what else there is to tell
function Kefu:say(message)
  message.time = self.time()
  self:apply{ message = message }
  self.note{ message = message }
end

--- Does what a record says.
---@param record table { user, status, ends } or { message }
function Kefu:apply(record)
  local message = record.message
  if not message then
    self.states[record.user] = { status = record.status, ends = record.ends }
    return
  end
  local list = self.messages[message.openid] or {}
  self.messages[message.openid] = list
  self.serial = self.serial + 1
  list.serial, list[#list + 1] = self.serial, message
  if #list > KEPT then
    remove(list, 1)
  end
end

--- Gives records that make the same of an empty store.
---@param emit fun(record: table)
function Kefu:snapshot(emit)
  for user, state in pairs(self.states) do
    emit{ user = user, status = state.status, ends = state.ends }
  end
  for _, openid in ipairs(self:users()) do
    for _, message in ipairs(self.messages[openid]) do
      emit{ message = message }
    end
  end
end

--- The users who have a conversation, by its last message, oldest first.
---@return string[] openids
function Kefu:users()
  local users, messages = {}, self.messages
  for openid in pairs(messages) do
    users[#users + 1] = openid
  end
  sort(users, function(a, b) return messages[a].serial < messages[b].serial end)
  return users
end

--- Is a user there? Who has said something is, until they quit.
---@param openid string
---@return boolean
function Kefu:is_present(openid)
  local list = self.messages[openid] or {}
  for i = #list, 1, -1 do
    if list[i].from == "user" then
      return list[i].event ~= "userQuit"
    end
  end
  return false
end

--- What was said in the conversation of a user, the newest 100, oldest first.
---@return table[]
function Kefu:said(openid)
  local list = {}
  for i, message in ipairs(self.messages[openid] or {}) do
    list[i] = {}
    for name, value in pairs(message) do
      list[i][name] = value
    end
  end
  return list
end

return M
