--- The questions that a bot can answer, as administrators change them: which
-- are in place of others, and which of them users see.

local copy_of = require "wxbot.util.copies".of
local number_of = require "wxbot.sandbox.skills".number_of

local max = math.max
local ipairs, pairs, setmetatable = ipairs, pairs, setmetatable

local M = {}

-- Intents that nobody sees any more before they are looked for.
local MANY = 1000

local NONE = {}

---@class wxbot.sandbox.Intents
local Intents = {}
Intents.__index = Intents

-- Imports look for skills by name, and for those of their intents that nothing
-- has superseded by title.
local function note_skill(all, skill)
  local live = {}
  for _, intent in ipairs(skill.intents) do
    live[intent.title] = intent
  end
  all.named[skill.name], all.live[skill] = skill, live
  all.taken[skill.id] = true
  all.skills[#all.skills + 1] = skill
end

-- Imports change skills and intents; the skillset stays as it was read.
local function copy_skills(skills)
  local copies, copied = {}, {}
  for i, skill in ipairs(skills) do
    copies[i] = copy_of(skill)
    copies[i].intents = {}
    for j, intent in ipairs(skill.intents) do
      local copy = copy_of(intent)
      copy.skill, copies[i].intents[j], copied[intent] = copies[i], copy, copy
    end
  end
  for _, copy in pairs(copied) do
    copy.follows = copied[copy.follows]
  end
  return copies
end

--- Those of a skillset.
---@param skillset wxbot.sandbox.Skillset not changed
---@param dialogue wxbot.sandbox.Dialogue
---@return wxbot.sandbox.Intents
function M.new(skillset, dialogue)
  local all = setmetatable({ skills = {}, taken = {}, named = {}, live = {},
    dialogue = dialogue, unseen = 0, limit = MANY }, Intents)
  for _, skill in ipairs(copy_skills(skillset.skills)) do
    note_skill(all, skill)
  end
  dialogue:index_skills(all.skills)
  return all
end

--- The skill of a name; a new one if there is none.
function Intents:skill_named(name)
  local skill = self.named[name]
  if not skill then
    skill = { id = number_of(name, self.taken), name = name,
      general = false, published = true, intents = {} }
    note_skill(self, skill)
  end
  return skill
end

--- The intent of a title that nothing has superseded.
---@return table|nil intent
function Intents:intent_of(skill_name, title)
  local skill = self.named[skill_name]
  return skill and self.live[skill][title]
end

-- Users see the old one until the bot is published, unless they never did.
local function supersede(all, live, title)
  local intent = live[title]
  if intent then
    intent.superseded, live[title] = true, nil
    all.unseen = all.unseen + (intent.draft and 1 or 0)
  end
  return intent
end

--- Supersedes all that are there.
function Intents:supersede_all()
  self.replaced_draft = true
  for _, live in pairs(self.live) do
    for title in pairs(live) do
      supersede(self, live, title)
    end
  end
end

-- Leaves in each skill what `is_kept` says, and forgets the rest.
local function keep(all, is_kept)
  local count = 0
  for _, skill in ipairs(all.skills) do
    local kept = {}
    for _, intent in ipairs(skill.intents) do
      if is_kept(intent) then
        kept[#kept + 1] = intent
      end
    end
    skill.intents, count = kept, count + #kept
  end
  all.unseen, all.limit = 0, max(MANY, count)
  all.dialogue:index_skills(all.skills)
end

--- Imports that are not published may follow each other without end.
function Intents:forget_unseen()
  if self.unseen > self.limit then
    keep(self, function(intent)
      return not (intent.superseded and intent.draft)
    end)
  end
end

-- Supersedes what had other titles: the one that the row renames, and, of the
-- skills file, those that were renamed before. Gives what was there.
local function supersede_renamed(all, live, row)
  local old = row.old_title and supersede(all, live, row.old_title)
  for _, title in ipairs(row.before or NONE) do
    if live[title] and not live[title].row then
      old = old or live[title]
      supersede(all, live, title)
    end
  end
  return old
end

-- The titles of the skills file that are gone with what a row renames.
local function titles_before(old)
  local row = old.row
  if not (row and (row.old_title or row.before)) then
    return nil
  end
  local titles = { row.old_title }
  for _, title in ipairs(row.before or NONE) do
    titles[#titles + 1] = title
  end
  return titles
end

--- Puts what was imported in its place, for debug alone.
---@param row table { skillname, title, question, answer, threshold, disabled, old_title, before }; kept
function Intents:put(row)
  local skill = self:skill_named(row.skillname)
  local live = self.live[skill]
  local renamed = supersede_renamed(self, live, row)
  local old = supersede(self, live, row.title) or renamed or NONE
  row.before = row.before or titles_before(old)
  row.threshold = row.threshold or old.threshold
  local intent = {
    title = row.title, questions = row.question or {}, answers = row.answer,
    threshold = row.threshold, disabled = row.disabled == true,
    follows = old.follows, origin = old.origin or old.title and old,
    skill = skill, draft = true, row = row,
  }
  skill.intents[#skill.intents + 1], live[row.title] = intent, intent
  self.dialogue:add(intent)
end

--- Has users see what debug does.
function Intents:publish()
  keep(self, function(intent)
    return not intent.superseded
  end)
  for _, skill in ipairs(self.skills) do
    skill.published = true
    for _, intent in ipairs(skill.intents) do
      intent.draft = nil
    end
  end
  self.was_published = true
  self.replaced = self.replaced or self.replaced_draft
  self.replaced_draft = nil
end

--- The imported rows that users see, and those that only debug does.
---@return table[] seen
---@return table[] drafts
function Intents:imported()
  local seen, drafts = {}, {}
  for _, skill in ipairs(self.skills) do
    for _, intent in ipairs(skill.intents) do
      if intent.row and not intent.draft then
        seen[#seen + 1] = intent.row
      elseif intent.row and not intent.superseded then
        drafts[#drafts + 1] = intent.row
      end
    end
  end
  return seen, drafts
end

return M
