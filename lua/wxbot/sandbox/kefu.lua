--- Customer service: who talks with a user, and what was sent to them.

local bytes = require "wxbot.sandbox.bytes"
local copies = require "wxbot.util.copies"
local texts = require "wxbot.util.text"
local users_of = require "wxbot.sandbox.users"

local max = math.max
local ipairs, setmetatable = ipairs, setmetatable
local remove, sort = table.remove, table.sort

local M = {}

local Kefu = {}
Kefu.__index = Kefu

-- Users of whom it is kept who talks with them.
local MOST = 100000
-- Messages kept of one user: the newest, and no more bytes of them than this.
local KEPT, ROOM_OF_ONE = 100, 8 * 1024 * 1024
-- Bytes of all conversations.
local ROOM = 32 * 1024 * 1024
-- Life of `on`, seconds, by the older page.
local EXPIRES = 1800

-- The words of the older page, in those of the newer one.
local WORDS = { on = "personserving", off = "complete",
  asking = "asking", personserving = "personserving",
  complete = "complete", needperson = "needperson" }

local function size_of(conversation)
  return conversation.bytes
end

---@param time function returns unix seconds
---@param note fun(record: table) hears of each change
function M.new(time, note)
  return setmetatable({ time = time, states = users_of.new(MOST),
    messages = users_of.new(ROOM, size_of), serial = 0, note = note }, Kefu)
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
  local state = self.states:get(key)
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
    self.states:put(record.user, { status = record.status,
      ends = record.ends })
    return
  end
  local list = self.messages:take(message.openid) or { bytes = 0 }
  self.serial = self.serial + 1
  list.serial, list[#list + 1] = self.serial, message
  list.bytes = list.bytes + bytes.of(message)
  while #list > KEPT or list.bytes > ROOM_OF_ONE and #list > 1 do
    list.bytes = list.bytes - bytes.of(remove(list, 1))
  end
  self.messages:put(message.openid, list)
end

-- The conversations by their last message, oldest first.
local function by_age(self)
  local list = {}
  self.messages:each(function(openid, messages)
    list[#list + 1] = { openid = openid, messages = messages }
  end)
  sort(list, function(a, b) return a.messages.serial < b.messages.serial end)
  return list
end

--- Gives records that make the same of an empty store.
---@param emit fun(record: table)
function Kefu:snapshot(emit)
  self.states:each(function(user, state)
    emit{ user = user, status = state.status, ends = state.ends }
  end)
  for _, one in ipairs(by_age(self)) do
    for _, message in ipairs(one.messages) do
      emit{ message = message }
    end
  end
end

--- The users who have spoken, or were sent something last, newest first.
---@param most integer
---@return table[] conversations { openid, count, last = the last message }
function Kefu:newest(most)
  local all, list = by_age(self), {}
  for i = #all, max(1, #all - most + 1), -1 do
    local messages = all[i].messages
    list[#list + 1] = { openid = all[i].openid, count = #messages,
      last = messages[#messages] }
  end
  return list
end

--- Is a user there? Who has said something is, until they quit.
---@param openid string
---@return boolean
function Kefu:is_present(openid)
  local list = self.messages:get(openid) or {}
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
  return copies.each(self.messages:get(openid) or {})
end

return M
