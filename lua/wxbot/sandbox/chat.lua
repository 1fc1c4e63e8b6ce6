--- Talking as a user: the answer, what a person would see of it, and why it is
-- that one.

local answers = require "wxbot.sandbox.answers"
local callbacks = require "wxbot.sandbox.callbacks"
local json = require "wxbot.codec.json"
local rich = require "wxbot.call.rich"

local pairs = pairs

local M = {}

--- What Sandbox:chat takes.
M.fields = {
  { name = "userid", type = "string", id = true, required = true,
    doc = "The user" },
  { name = "query", type = "string", doc = "What is asked, or said" },
  { name = "env", type = "string",
    doc = "online (default), or debug: sees what is not published" },
  { name = "event", type = "string",
    doc = "userEnter or userQuit: the user comes or goes, and says nothing" },
  { name = "from", type = "string",
    doc = "user (default), or agent: one says it in the platform's console" },
}

local ENUMS = {
  env = { online = true, debug = true },
  event = { userEnter = true, userQuit = true },
  from = { user = true, agent = true },
}

local WORDS = { env = "online or debug", event = "userEnter or userQuit",
  from = "user or agent" }

local TIERS = { FAQ_RECOMMEND = "recommend", NOMATCH = "miss" }

-- Scores that are told.
local MOST = 5

local function reason_against(ask)
  for name, allowed in pairs(ENUMS) do
    if ask[name] and not allowed[ask[name]] then
      return name .. " must be " .. WORDS[name]
    end
  end
  if ask.userid == "" then
    return "userid must not be empty"
  elseif ask.event and (ask.query or ask.from == "agent") then
    return "with event, nothing is said"
  elseif not ask.event and (ask.query or "") == "" then
    return "query must not be empty"
  end
end

-- What the bot says, and why.
local function answer(platform, ask, reply)
  local scores = platform.dialogue:explain(ask, MOST)
  local found = answers.to(platform, ask)
  reply.tier, reply.status = TIERS[found.status] or "answer", found.status
  reply.answer, reply.answer_type = found.answer, found.answer_type
  reply.title, reply.skill = found.title, found.skill_name
  reply.confidence = found.confidence
  reply.options = json.list(found.options or {})
  reply.scores = json.list(scores)
  reply.decided = platform.decided:has(ask.query) or nil
  rich.add(reply, found.answer, found.answer_type, nil, nil)
  callbacks.bot(platform, ask.userid, found)
  platform.kefu:say{ from = "bot", openid = ask.userid, msg = found.answer,
    tier = reply.tier, title = reply.title, env = reply.env }
end

-- The user says something, comes or goes.
local function user(platform, ask, reply)
  local silent = callbacks.user(platform, ask.userid,
    { msg = ask.query, event = ask.event })
  platform.kefu:say{ from = "user", openid = ask.userid, msg = ask.query,
    event = ask.event }
  if ask.event == "userQuit" then
    platform.dialogue:forget(ask.userid)
  elseif silent then
    reply.tier = "silent"
  elseif ask.query then
    answer(platform, ask, reply)
  end
end

local function agent(platform, ask)
  callbacks.agent(platform, ask.userid, ask.query)
  platform.kefu:say{ from = "agent", openid = ask.userid, msg = ask.query }
end

--- Says something, and keeps it in the user's conversation with what the bot
--- answers. With an agent the bot is silent.
---@param platform table
---@param ask table as described by fields
---@return table|nil reply
---@return string|nil message what is wrong with the parameters
function M.chat(platform, ask)
  local reason = reason_against(ask)
  if reason then
    return nil, reason
  end
  platform.content:settle()
  local reply = { userid = ask.userid, query = ask.query, event = ask.event,
    env = ask.env or "online" }
  if ask.from == "agent" then
    agent(platform, ask)
  else
    user(platform, ask, reply)
  end
  reply.kfstate = callbacks.state_of(platform, ask.userid)
  return reply
end

return M
