--- Asking as a user: a signature where one is needed, one question of a user
--- after another, and how good the answer is.

local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local mutex = require "wxbot.util.mutex"
local signature = require "wxbot.call.signature"

local M = {}

local names_of = require "wxbot.call.schema.fields".names

local SIGNATURE = { signature = true }

--- Fields of the method that the endpoint has not: of what its signature is for.
---@param endpoint table
---@return table[] own
---@return table<string, boolean>|nil filled_in
function M.fields(endpoint)
  local signed_by = endpoint.dialogue.signed_by
  if signed_by then
    return by_name[signed_by].request, SIGNATURE
  end
  return {}
end

local TIERS = { FAQ = "answer", CONTEXT_FAQ = "answer",
  GENERAL_FAQ = "answer", FAQ_RECOMMEND = "recommend", NOMATCH = "miss" }

-- How good an answer is.
local function tier_of(reply)
  if TIERS[reply.status] then
    return TIERS[reply.status]
  elseif #reply.options > 0 then
    return "recommend"
  end
  return reply.text ~= "" and "answer" or "miss"
end

local function question(endpoint, params, signed)
  local asked, names = {}, names_of[endpoint.request]
  for i = 1, #names do
    asked[names[i]] = params[names[i]]
  end
  asked.signature = signed
  return asked
end

-- The parameters with a signature by the platform, whose clock is right: a
-- wrong one is the usual cause of a refusal.
local function sign_anew(context, refused)
  local signed, err = signature.fetch(context, refused.asker, refused.deadline)
  if signed then
    return question(refused.endpoint, refused.asker, signed)
  end
  return nil, err
end

local function ask_signed(deadline, context, endpoint, params)
  local signed, err = signature.of(context, params, deadline)
  if not signed then
    return nil, err
  end
  return call.run(context, endpoint, question(endpoint, params, signed),
    { deadline = deadline, renew = sign_anew, asker = params })
end

local function ask(deadline, context, endpoint, params)
  local reply, err
  if endpoint.dialogue.signed_by then
    reply, err = ask_signed(deadline, context, endpoint, params)
  else
    reply, err = call.run(context, endpoint, params, { deadline = deadline })
  end
  if not reply then
    return nil, err
  end
  reply.tier = tier_of(reply)
  return reply
end

--- Asks. The dialogue has a context: where calls may overlap, those of one user
-- go one after another.
---@param context wxbot.Context
---@param endpoint table with a dialogue
---@param params table
---@param options table { timeout }
---@return table|nil reply with tier: "answer" | "recommend" | "miss"
---@return wxbot.Error|nil err
function M.run(context, endpoint, params, options)
  local timeout = options.timeout or context.timeout
  local user = params[endpoint.dialogue.user]
  if not user then
    return ask(context.now() + timeout, context, endpoint, params)
  end
  return mutex.run(context, user, endpoint.name, timeout, ask,
    context, endpoint, params)
end

return M
