--- Answers that a test has decided: what is said to a query, whatever the
-- skills say.

local characters = require "wxbot.sandbox.characters"
local json = require "wxbot.codec.json"

local ipairs, setmetatable = ipairs, setmetatable
local remove = table.remove

local M = {}

local OPTION = {
  { name = "title", type = "string", required = true,
    doc = "The standard question" },
  { name = "answer", type = "string", doc = "Its answer" },
  { name = "skill", type = "string", doc = "Its skill" },
}

--- What Sandbox:answer takes.
M.fields = {
  { name = "query", type = "string", required = true,
    doc = "The query, without regard to case, width and punctuation at its end" },
  { name = "tier", type = "string",
    doc = "answer (default), recommend or miss" },
  { name = "answer", type = "string",
    doc = "A text, or JSON of a rich answer (default of a miss: the bot's)" },
  { name = "title", type = "string",
    doc = "The standard question (default: the query)" },
  { name = "skill", type = "string", doc = "The skill (default: none)" },
  { name = "confidence", type = "number", doc = "0 … 1 (default 1)" },
  { name = "options", type = "list", of = "object", fields = OPTION,
    doc = "What is recommended (default: the answer itself)" },
}

local STATUS = { answer = "FAQ", recommend = "FAQ_RECOMMEND",
  miss = "NOMATCH" }

local Decided = {}
Decided.__index = Decided

--- None yet.
---@param note fun(record: table) hears of each change
function M.new(note)
  return setmetatable({ list = {}, by_key = {}, note = note }, Decided)
end

local function key_of(query)
  return characters.key(query, characters.read(query))
end

--- Decides an answer; what was decided of the query before is gone.
---@param answer table as described by fields; kept
---@return nil
---@return string|nil message what is wrong with it
function Decided:add(answer)
  answer.tier = answer.tier or "answer"
  if not STATUS[answer.tier] then
    return nil, "tier must be answer, recommend or miss"
  elseif answer.tier ~= "miss" and not answer.answer then
    return nil, "answer is missing: expected a string (what is answered)"
  end
  self:apply{ answer = answer }
  self.note{ answer = answer }
end

--- Forgets all.
function Decided:clear()
  self:apply{}
  self.note{}
end

--- Does what a record says.
---@param record table { answer }, or {}: all are forgotten
function Decided:apply(record)
  local answer = record.answer
  if not answer then
    self.list, self.by_key = {}, {}
    return
  end
  local key = key_of(answer.query)
  for i, other in ipairs(self.list) do
    if other == self.by_key[key] then
      remove(self.list, i)
      break
    end
  end
  self.by_key[key], self.list[#self.list + 1] = answer, answer
end

--- Gives records that make the same of none.
---@param emit fun(record: table)
function Decided:snapshot(emit)
  for _, answer in ipairs(self.list) do
    emit{ answer = answer }
  end
end

local function options_of(answer)
  local options = {}
  for i, option in ipairs(answer.options
      or { { title = answer.title or answer.query, answer = answer.answer,
        skill = answer.skill } }) do
    options[i] = { title = option.title, answer = option.answer or "",
      ans_node_name = option.skill or "",
      confidence = answer.confidence or 1 }
  end
  return json.list(options)
end

local function answer_to(self, query)
  return self.list[1] and self.by_key[key_of(query)]
end

--- Was the answer to a query decided?
---@param query string
---@return boolean
function Decided:has(query)
  return answer_to(self, query) ~= nil
end

--- What was decided of a query.
---@param query string
---@param default string the answer to what nothing answers
---@return wxbot.sandbox.Reply|nil
function Decided:reply(query, default)
  local answer = answer_to(self, query)
  if not answer then
    return nil
  end
  local is_miss = answer.tier == "miss"
  return {
    status = STATUS[answer.tier],
    title = is_miss and "" or answer.title or answer.query,
    answer = answer.answer or default,
    confidence = is_miss and 0 or answer.confidence or 1,
    ans_node_name = answer.skill or "", ans_node_id = 0,
    options = answer.tier == "recommend" and options_of(answer) or nil,
    is_default_answer = is_miss and not answer.answer,
  }
end

return M
