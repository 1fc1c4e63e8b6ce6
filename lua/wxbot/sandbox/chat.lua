--- Talking as a user: the answer, what a person would see of it, and why it is
-- that one.

local answers = require "wxbot.sandbox.answers"
local json = require "wxbot.codec.json"
local rich = require "wxbot.call.rich"

local M = {}

--- What Sandbox:chat takes.
M.fields = {
  { name = "userid", type = "string", id = true, required = true,
    doc = "The user" },
  { name = "query", type = "string", required = true, doc = "What is asked" },
  { name = "env", type = "string",
    doc = "online (default), or debug: sees what is not published" },
}

local TIERS = { FAQ_RECOMMEND = "recommend", NOMATCH = "miss" }

-- Scores that are told.
local MOST = 5

--- Asks, and keeps both in the user's conversation.
---@param platform table
---@param ask table as described by fields
---@return table|nil reply
---@return string|nil message what is wrong with the parameters
function M.chat(platform, ask)
  if ask.env and ask.env ~= "online" and ask.env ~= "debug" then
    return nil, "env must be online or debug"
  elseif ask.userid == "" or ask.query == "" then
    return nil, (ask.userid == "" and "userid" or "query")
      .. " must not be empty"
  end
  platform.content:settle()
  local scores = platform.dialogue:explain(ask, MOST)
  local found = answers.to(platform, ask)
  local reply = { userid = ask.userid, query = ask.query,
    env = ask.env or "online", tier = TIERS[found.status] or "answer",
    status = found.status, answer = found.answer,
    answer_type = found.answer_type, title = found.title,
    skill = found.skill_name, confidence = found.confidence,
    options = json.list(found.options or {}), scores = json.list(scores) }
  rich.add(reply, found.answer, found.answer_type, nil, nil)
  platform.kefu:say{ from = "user", openid = ask.userid, msg = ask.query }
  platform.kefu:say{ from = "bot", openid = ask.userid, msg = found.answer,
    tier = reply.tier, title = reply.title, env = reply.env }
  return reply
end

return M
