--- What a platform remembers, part by part. Each part has
--
--   apply     does what a record says: (record)
--   snapshot  gives records that make the same of a new part: (emit)
--
-- and calls the `note` that it was made with, note(record), whenever it
-- changes. A record is a table that JSON can hold: the state file keeps them.
--
-- A change that is noted is not done until `commit` has written it down.

local callbacks = require "wxbot.sandbox.callbacks"

local require = require
local ipairs, pairs = ipairs, pairs

local M = {}

-- Each (platform, note) -> part, in the order in which they are made.
local MAKERS = {
  { "clock", function(_, note)
    return require "wxbot.sandbox.clock".new(note)
  end },
  { "faults", function(_, note)
    return require "wxbot.sandbox.faults".new(note)
  end },
  { "tags", function(_, note)
    return require "wxbot.sandbox.tags".new(note)
  end },
  { "tasks", function(platform, note)
    return require "wxbot.sandbox.tasks".new(platform.time, note)
  end },
  { "publications", function(platform, note)
    return require "wxbot.sandbox.publications".new(platform.time, note)
  end },
  { "materials", function(_, note)
    return require "wxbot.sandbox.materials".new(note)
  end },
  { "drafts", function(_, note)
    return require "wxbot.sandbox.drafts".new(note)
  end },
  { "kefu", function(platform, note)
    return require "wxbot.sandbox.kefu".new(platform.time, note)
  end },
  { "access", function(platform, note)
    return require "wxbot.sandbox.access".new(platform.time, platform.secret,
      note)
  end },
  { "component", function(platform, note)
    return require "wxbot.sandbox.component".new(platform.time,
      platform.access, platform.secret, note)
  end },
  { "decided", function(_, note)
    return require "wxbot.sandbox.decided".new(note)
  end },
  { "contexts", function(platform, note)
    return require "wxbot.sandbox.contexts".new(nil, note,
      function(skill, title) return platform.content:intent_of(skill, title) end)
  end },
  { "content", function(platform, note)
    return require "wxbot.sandbox.content".new(platform.time,
      platform.skillset, platform.dialogue, platform.tasks, note)
  end },
  { "outbox", callbacks.outbox },
}

local maker_of = {}
for _, maker in ipairs(MAKERS) do
  maker_of[maker[1]] = maker[2]
end

local function noted_by(platform, name)
  return function(record)
    if platform.journal or platform.on_event then
      platform.changes[#platform.changes + 1] = { name, record }
    end
  end
end

-- The dialogue is none: it looks things up in parts.
local function make_dialogue(platform)
  local set = platform.skillset
  platform.dialogue = require "wxbot.sandbox.dialogue".new(set, {
    random = platform.random, skills = {} })
end

--- Makes all parts anew. What the skills say stays, and costs nothing unless it
--- was changed.
---@param platform table
function M.make(platform)
  local content = platform.content
  platform.count, platform.changes = 0, platform.changes or {}
  if not content or content:is_changed() then
    make_dialogue(platform)
    content = nil
  end
  for _, maker in ipairs(MAKERS) do
    local name = maker[1]
    platform[name] = name == "content" and content
      or maker[2](platform, noted_by(platform, name))
  end
  callbacks.begin(platform)
  platform.content.tasks = platform.tasks
  platform.dialogue.contexts = platform.contexts
  platform.dialogue.decided = platform.decided
end

--- Makes all parts anew, forgets the requests, and notes that.
---@param platform table
function M.reset(platform)
  M.make(platform)
  platform.requests:clear()
  noted_by(platform, "reset"){}
end

--- Has the platform talk about other skills. What was imported stays, in the
--- place of what has the same titles.
---@param platform table
---@param skillset wxbot.sandbox.Skillset
function M.renew_skills(platform, skillset)
  local records = {}
  platform.content:snapshot(function(record)
    records[#records + 1] = record
  end)
  local contexts, decided = platform.contexts, platform.decided
  platform.skillset = skillset
  make_dialogue(platform)
  platform.dialogue.contexts, platform.dialogue.decided = contexts, decided
  platform.content = maker_of.content(platform, noted_by(platform, "content"))
  for _, record in ipairs(records) do
    platform.content:apply(record)
  end
  platform.content:settle()
  contexts:renew()
  if platform.on_event then
    platform.on_event("state", { part = "skills" })
  end
end

--- Does what a change says.
---@param platform table
---@param change table { name of the part, record }
---@return boolean known false: there is no such part
function M.apply(platform, change)
  local name, record = change[1], change[2]
  if name == "reset" then
    M.make(platform)
    return true
  elseif not maker_of[name] then
    return false
  end
  platform[name]:apply(record)
  return true
end

--- Gives changes that make the same of new parts.
---@param platform table
---@param emit fun(change: table)
function M.snapshot(platform, emit)
  for _, maker in ipairs(MAKERS) do
    local name = maker[1]
    platform[name]:snapshot(function(record) emit{ name, record } end)
  end
end

-- What nobody watches, or hears of otherwise.
local QUIET = { contexts = true, outbox = true }

-- What happened in a platform, for who watches.
local function tell(platform, changes)
  local parts = {}
  for _, change in ipairs(changes) do
    local name, record = change[1], change[2]
    if name == "kefu" and record.message then
      platform.on_event("message", record.message)
    elseif not QUIET[name] then
      parts[name] = true
    end
  end
  for name in pairs(parts) do
    platform.on_event("state", { part = name })
  end
end

--- Writes down what has changed, if there is a state file, and tells of it.
---@param platform table
---@return true|nil done
---@return wxbot.Error|nil err it could not be written
function M.commit(platform)
  local changes, ok, err = platform.changes, true, nil
  if #changes == 0 then
    return true
  end
  platform.changes = {}
  if platform.journal then
    ok, err = platform.journal:commit(changes)
  end
  if platform.on_event then
    tell(platform, changes)
  end
  return ok, err
end

--- Gives what a method has to say, true if nothing, once what it changed is
--- written down.
---@param platform table
---@param result any
---@return any result
---@return wxbot.Error|nil err
function M.committed(platform, result)
  local written, err = M.commit(platform)
  if not written then
    return nil, err
  end
  return result == nil and true or result
end

return M
