--- What each user was talking about: the intent that answered last.

local ceil = math.ceil
local pairs, setmetatable = pairs, setmetatable

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
  return setmetatable({ young = {}, young_count = 0, old = {},
    half = ceil((max_users or MAX_USERS) / 2), note = note,
    intent_of = intent_of }, Contexts)
end

-- They live in two tables. When the young one is half of what may be kept it
-- becomes the old one, and the old one is dropped whole.
local function put(self, userid, intent)
  if self.young[userid] == nil then
    if self.young_count >= self.half then
      self.old, self.young, self.young_count = self.young, {}, 0
    end
    self.young_count = self.young_count + 1
  end
  self.young[userid] = intent
  self.old[userid] = nil
end

local function record_of(userid, intent)
  return { userid = userid, skill = intent.skill.name, title = intent.title }
end

--- Remembers what a user talks about.
function Contexts:remember(userid, intent)
  if self.young[userid] ~= intent then
    put(self, userid, intent)
    self.note(record_of(userid, intent))
  end
end

--- What a user was talking about.
---@return table|nil intent
function Contexts:recall(userid)
  local intent = self.young[userid]
  if intent then
    return intent
  end
  intent = self.old[userid]
  if intent then
    put(self, userid, intent)
  end
  return intent
end

--- Forgets what a user was talking about.
function Contexts:forget(userid)
  if self.young[userid] ~= nil then
    self.young[userid] = nil
    self.young_count = self.young_count - 1
  end
  self.old[userid] = nil
end

--- Does what a record says.
---@param record table { userid, skill, title }
function Contexts:apply(record)
  local intent = self.intent_of(record.skill, record.title)
  if intent then
    put(self, record.userid, intent)
  end
end

--- Has the intents of the same titles in place of those that are remembered.
function Contexts:renew()
  for _, users in pairs{ self.old, self.young } do
    for userid, intent in pairs(users) do
      users[userid] = self.intent_of(intent.skill.name, intent.title) or intent
    end
  end
end

--- Gives records that make the same of none.
---@param emit fun(record: table)
function Contexts:snapshot(emit)
  for _, users in pairs{ self.old, self.young } do
    for userid, intent in pairs(users) do
      emit(record_of(userid, intent))
    end
  end
end

return M
