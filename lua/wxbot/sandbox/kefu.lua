--- Customer service: who talks with a user, and what was sent to them.

local texts = require "wxbot.util.text"

local ipairs, pairs, setmetatable = ipairs, pairs, setmetatable
local remove = table.remove

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
function M.new(time)
  return setmetatable({ time = time, states = {}, messages = {} }, Kefu)
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
  self.states[key_of(params.appid, params.openid)] = { status = status,
    ends = status == "personserving" and expires
      and self.time() + expires or nil }
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
  local list = self.messages[params.openid] or {}
  self.messages[params.openid] = list
  list[#list + 1] = { appid = params.appid, openid = params.openid,
    msg = params.msg, channel = texts.number(params.channel),
    event = params.event, kefuname = params.kefuname,
    kefuavatar = params.kefuavatar, ans_node_name = params.ans_node_name,
    time = self.time() }
  if #list > KEPT then
    remove(list, 1)
  end
end

--- The messages that were sent to a user, oldest first.
---@return table[]
function Kefu:sent(openid)
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
