--- What each user was talking about: the intent that answered last.

local users_of = require "wxbot.sandbox.users"

local setmetatable = setmetatable

local M = {}

-- Users who are remembered. Beyond that the oldest are forgotten.
local MAX_USERS = 100000

local Contexts = {}
Contexts.__index = Contexts

--- None yet.
---@param max_users integer|nil
---@param note fun(record: table) hears of each change
---@param intent_of nil|fun(skill: string, title: string): table|nil gives an intent
function M.new(max_users, note, intent_of)
  return setmetatable({ users = users_of.new(max_users or MAX_USERS),
    note = note, intent_of = intent_of }, Contexts)
end

local function record_of(userid, intent)
  return { userid = userid, skill = intent.skill.name, title = intent.title }
end

--- Remembers what a user talks about.
function Contexts:remember(userid, intent)
  if self.users:get(userid) ~= intent then
    self.note(record_of(userid, intent))
  end
  self.users:put(userid, intent)
end

--- What a user was talking about.
---@return table|nil intent
function Contexts:recall(userid)
  local intent = self.users:get(userid)
  if intent then
    self.users:put(userid, intent)
  end
  return intent
end

--- Forgets what a user was talking about.
function Contexts:forget(userid)
  self.users:take(userid)
end

--- Does what a record says.
---@param record table { userid, skill, title }
function Contexts:apply(record)
  local intent = self.intent_of(record.skill, record.title)
  if intent then
    self.users:put(record.userid, intent)
  end
end

--- Has the intents of the same titles in place of those that are remembered.
function Contexts:renew()
  self.users:change(function(intent)
    return self.intent_of(intent.skill.name, intent.title) or intent
  end)
end

--- Gives records that make the same of none.
---@param emit fun(record: table)
function Contexts:snapshot(emit)
  self.users:each(function(userid, intent)
    emit(record_of(userid, intent))
  end)
end

return M
