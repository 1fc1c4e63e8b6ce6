--- The dialogue of the embedded platform: which tier a query falls in, which
-- intents may answer it, and what each user was talking about.

local contexts = require "wxbot.sandbox.contexts"
local decided = require "wxbot.sandbox.decided"
local of_number = require "wxbot.util.text".of_number
local scorer = require "wxbot.sandbox.scorer"
local synonyms = require "wxbot.sandbox.synonyms"

local error, ipairs, setmetatable, type = error, ipairs, setmetatable, type
local concat, random = table.concat, math.random

local M = {}

local MAX_OPTIONS = 5
-- Intents looked at for a query: enough to find five below their threshold
-- behind others that have one of their own.
local MAX_FOUND = 48

---@class wxbot.sandbox.Ask
---@field userid string
---@field query string
---@field env "online"|"debug"|nil debug sees what is not published
---@field first_priority_skills string[]|nil
---@field second_priority_skills string[]|nil

---@class wxbot.sandbox.Reply
---@field status "FAQ"|"CONTEXT_FAQ"|"GENERAL_FAQ"|"FAQ_RECOMMEND"|"NOMATCH"
---@field title string the standard question, of the best option for a recommendation
---@field answer string
---@field confidence number in [0, 1]
---@field ans_node_name string the skill
---@field ans_node_id integer
---@field options table[]|nil only for FAQ_RECOMMEND
---@field is_default_answer boolean
---@field service true|nil the answer is up to the receiver of the service interface

---@class wxbot.sandbox.Dialogue
local Dialogue = {}
Dialogue.__index = Dialogue

-- Hears of changes that nobody keeps.
local function unheard() end

--- Makes the dialogue of a skillset.
---@param skillset wxbot.sandbox.Skillset
---@param options table|nil random(n) returns 1 … n; max_users: whose context is remembered; skills, if not those of the skillset; contexts, decided
---@return wxbot.sandbox.Dialogue
function M.new(skillset, options)
  options = options or {}
  if type(skillset) ~= "table" or type(skillset.skills) ~= "table" then
    error("skillset must be what skills.load returns", 2)
  end
  local dialogue = setmetatable({
    bot = skillset.bot, synonyms = synonyms.new(skillset.synonyms or {}),
    random = options.random or random,
    contexts = options.contexts or contexts.new(options.max_users, unheard),
    decided = options.decided or decided.new(unheard),
  }, Dialogue)
  dialogue:index_skills(options.skills or skillset.skills)
  return dialogue
end

--- Makes an intent one that may answer.
function Dialogue:add(intent)
  if intent.disabled then
    return
  end
  self.index:add(intent.title, intent)
  for _, question in ipairs(intent.questions) do
    self.index:add(question, intent)
  end
end

--- Answers with the intents of these skills from now on, and no others.
function Dialogue:index_skills(skills)
  self.index = scorer.new(self.synonyms)
  for _, skill in ipairs(skills) do
    for _, intent in ipairs(skill.intents) do
      self:add(intent)
    end
  end
end

--- Forgets what a user was talking about.
function Dialogue:forget(userid)
  self.contexts:forget(userid)
end

-- An intent that continues another is there only while the conversation is.
local function is_reachable(intent, last)
  local follows = intent.follows
  last = last and last.origin or last
  return not follows or last ~= nil and (last == follows or last.follows == follows)
end

-- What was imported is seen by debug alone until the bot is published, and
-- what it replaces by everybody else.
local function is_visible(intent, debug)
  if debug then
    return not intent.superseded
  end
  return intent.skill.published and not intent.draft
end

local function set_of(names)
  if not names or #names == 0 then
    return nil
  end
  local set = {}
  for _, name in ipairs(names) do
    set[name] = true
  end
  return set
end

-- What the query finds among the skills of `names` (all without): the best
-- hit, if any, and the intents to recommend, best first.
local function look(self, query, names, debug, last)
  local found = self.index:search(query, MAX_FOUND, function(intent)
    local skill = intent.skill
    return is_visible(intent, debug) and (not names or names[skill.name] == true)
      and is_reachable(intent, last)
  end)
  local hit, near = nil, {}
  for _, item in ipairs(found) do
    local threshold = item.id.threshold or self.bot.threshold
    if item.score > threshold then
      -- Alike in score: what continues the conversation goes first.
      if not hit or item.score == hit.score and item.id.follows and not hit.id.follows then
        hit = item
      end
    elseif item.score > threshold * self.bot.recommend_threshold then
      near[#near + 1] = item
    end
  end
  return hit, near
end

local function pick_answer(self, intent)
  return intent.service and "" or intent.answers[self.random(#intent.answers)]
end

local function reply_of(self, item, status)
  local intent = item.id
  return {
    status = status,
    title = intent.title,
    answer = pick_answer(self, intent),
    confidence = item.score,
    ans_node_name = intent.skill.name,
    ans_node_id = intent.skill.id,
    is_default_answer = false,
  }
end

local function hit_reply(self, item, userid)
  local intent = item.id
  local status = intent.follows and "CONTEXT_FAQ"
    or intent.skill.general and "GENERAL_FAQ" or "FAQ"
  self.contexts:remember(userid, intent)
  local reply = reply_of(self, item, status)
  reply.service = intent.service or nil
  return reply
end

local function recommend_reply(self, near)
  local options, seen = {}, {}
  for _, item in ipairs(near) do
    if not seen[item.id] and #options < MAX_OPTIONS then
      seen[item.id] = true
      options[#options + 1] = {
        title = item.id.title,
        answer = pick_answer(self, item.id),
        confidence = item.score,
        ans_node_name = item.id.skill.name,
      }
    end
  end
  local reply = reply_of(self, near[1], "FAQ_RECOMMEND")
  reply.answer = options[1].answer
  reply.options = options
  return reply
end

--- What is answered when nothing is found.
---@return wxbot.sandbox.Reply
function Dialogue:miss()
  return {
    status = "NOMATCH",
    title = "",
    answer = self.bot.default_answer,
    confidence = 0,
    ans_node_name = "",
    ans_node_id = 0,
    is_default_answer = true,
  }
end

--- Answers a query of a user.
-- With skill filters only the skills named are looked at, those of the first
-- list before those of the second; an empty list is none.
---@return wxbot.sandbox.Reply
function Dialogue:answer(ask)
  local reply = self.decided:reply(ask.query, self.bot.default_answer)
  if reply then
    return reply
  end
  local last = self.contexts:recall(ask.userid)
  local debug = ask.env == "debug"
  local first, second = set_of(ask.first_priority_skills), set_of(ask.second_priority_skills)
  local hit, near = look(self, ask.query, first or second, debug, last)
  if not hit and first and second then
    local others
    hit, others = look(self, ask.query, second, debug, last)
    for _, item in ipairs(others) do
      near[#near + 1] = item
    end
  end
  if hit then
    return hit_reply(self, hit, ask.userid)
  elseif #near > 0 then
    return recommend_reply(self, near)
  end
  return self:miss()
end

-- A sentence for a person.
local function sentence(score)
  local shares = score.score == 1 and "the same as"
    or #score.words > 0 and ("has %s in common with"):format(
      concat(score.words, ", ")) or "has little in common with"
  local place = score.score > score.threshold and "above the threshold %s"
    or score.score > score.recommended and "below the threshold %s, recommended"
    or "below the threshold %s, and not recommended"
  return ('%s "%s": %s'):format(shares, score.question,
    place:format(of_number(score.threshold)))
end

--- The intents most like a query, best first, and why.
---@param ask wxbot.sandbox.Ask
---@param most integer
---@return table[] scores { title, skill, score, threshold, recommended: from where on it is; question: most like it; words: of both; why: a sentence }
function Dialogue:explain(ask, most)
  local last = self.contexts:recall(ask.userid)
  local debug, scores = ask.env == "debug", {}
  for i, item in ipairs(self.index:search(ask.query, most, function(intent)
    return is_visible(intent, debug) and is_reachable(intent, last)
  end)) do
    local intent = item.id
    local score = { title = intent.title, skill = intent.skill.name,
      score = item.score, threshold = intent.threshold or self.bot.threshold }
    score.recommended = score.threshold * self.bot.recommend_threshold
    score.question, score.words = self.index:why(ask.query, item.number)
    score.why, scores[i] = sentence(score), score
  end
  return scores
end

return M
