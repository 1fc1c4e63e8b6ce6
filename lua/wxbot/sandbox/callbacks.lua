--- What the platform pushes by itself, to the addresses that it was given.

local components = require "wxbot.sandbox.component"
local delivery = require "wxbot.sandbox.delivery"
local json = require "wxbot.codec.json"
local outboxes = require "wxbot.sandbox.outbox"
local pushes = require "wxbot.sandbox.push"

local concat, floor = table.concat, math.floor
local ipairs, pairs, tostring, type = ipairs, pairs, tostring, type

local M = {}

-- An entry of the record and what is made for it, besides its texts.
local OVERHEAD = 512

local function bytes_of(value)
  local bytes = 0
  if type(value) == "string" then
    bytes = #value
  elseif type(value) == "table" then
    for _, member in pairs(value) do
      bytes = bytes + bytes_of(member)
    end
  end
  return bytes
end

--- Takes the addresses.
---@param platform table
---@param urls table<string, string> kind to URL
---@return string|nil reason what is wrong with them; then nothing has changed
function M.set(platform, urls)
  for kind, address in pairs(urls) do
    if not pushes.fields[kind] then
      return ("%s is no kind of push: they are %s"):format(tostring(kind),
        concat(pushes.kinds, ", "))
    elseif type(address) ~= "string" or not address:find("^https?://.") then
      return kind .. " must be a URL that begins with http:// or https://"
    end
  end
  for kind, address in pairs(urls) do
    platform.callbacks[kind] = address
  end
end

-- What has happened to a push, for who watches.
local function teller(platform)
  return function(entry)
    if platform.on_event then
      local copied = {}
      for name, value in pairs(entry) do
        copied[name] = value
      end
      platform.on_event("push", copied)
    end
  end
end

--- Forgets what was pushed, and what would have been.
---@param platform table
function M.reset(platform)
  platform.outbox = outboxes.new(platform.time, teller(platform))
  platform.publications.on_publication = function(publication)
    M.publication(platform, publication)
  end
  M.ticket(platform, platform.time())
end

--- Goes on where a state file ends: what was waiting is not kept, but what is to
--- come is known.
---@param platform table
function M.resume(platform)
  for _, publication in ipairs(platform.publications.kept.order) do
    if publication.created + publication.duration > platform.time() then
      M.publication(platform, publication)
    end
  end
end

--- Pushes something, if there is an address for its kind.
---@param platform table
---@param kind string
---@param lane string|integer pushes of one lane arrive in their order
---@param push table|function as of Sandbox:push; a function makes it at its time
---@param at number|nil unix seconds (default: now)
function M.push(platform, kind, lane, push, at)
  local address = platform.callbacks[kind]
  if address then
    platform.outbox:add{ kind = kind, url = address, push = push,
      lane = kind .. ":" .. lane, at = at or platform.time(),
      bytes = OVERHEAD + bytes_of(push) }
  end
end

-- ---------------------------------------------------------------- what is said

local STATES = { asking = 0, personserving = 1, complete = 2, needperson = 3 }

local USER, BOT, AGENT = 0, 1, 2

-- A skill of such a name asks for a person.
local FOR_A_PERSON = "转人工"

-- Users of the chat talk in the sandbox's official account.
local ACCOUNT = 0

--- Who talks with a user of the chat.
---@return string state a word of kefustate
function M.state_of(platform, userid)
  return platform.kefu:status(platform.account, userid)
end

-- Milliseconds, in which no two pushes of one second have the same: a receiver
-- takes what was said twice at one time for one message.
local function moment(platform)
  local outbox = platform.outbox
  outbox.moments = ((outbox.moments or 0) + 1) % 1000
  return floor(platform.time()) * 1000 + outbox.moments
end

local function tell(platform, userid, push)
  push.userid, push.kfstate = userid, STATES[M.state_of(platform, userid)]
  push.channel, push.appid = ACCOUNT, platform.account
  push.createtime = moment(platform)
  M.push(platform, "kefu", userid, push)
end

--- Tells of a user who says something, or does.
---@param platform table
---@param userid string
---@param message table msg or event
---@return boolean silent an agent is with the user: the bot has nothing to say
function M.user(platform, userid, message)
  if message.msg and not platform.kefu:is_present(userid) then
    tell(platform, userid, { from = USER, event = "userEnter" })
  end
  tell(platform, userid, { from = USER, msg = message.msg,
    event = message.event })
  return M.state_of(platform, userid) == "personserving"
end

--- Tells of what the bot answers.
---@param found table answer, answer_type, ans_node_name
function M.bot(platform, userid, found)
  if found.ans_node_name:find(FOR_A_PERSON, 1, true) then
    platform.kefu:set{ appid = platform.account, openid = userid,
      kefustate = "needperson" }
  end
  tell(platform, userid, { from = BOT, msg = found.answer,
    msgtype = found.answer_type })
end

--- Tells of what an agent says in the platform's own console.
function M.agent(platform, userid, msg)
  tell(platform, userid, { from = AGENT, msg = msg })
end

--- The end of a publication, as its account hears it.
function M.publication(platform, publication)
  M.push(platform, "official_account", publication.id, function()
    return { userid = "mphelper", event = "PUBLISHJOBFINISH",
      elements = { PublishEventInfo = platform.publications:get(
        publication.id) } }
  end, publication.created + publication.duration)
end

--- The ticket of the third-party platform, every ten minutes: the next is due
--- when this one is made, however late that is.
---@param at number unix seconds
function M.ticket(platform, at)
  M.push(platform, "third_party", "ticket", function()
    M.ticket(platform, platform.time() + components.APART)
    return { infotype = "component_verify_ticket" }
  end, at)
end

-- Seconds that a service has for its answer.
local PATIENCE = 2

-- What a service replied, as an answer of the bot.
local function answer_of(reply)
  if reply.text then
    return { answer = reply.text, answer_type = "text" }
  end
  local text = json.encode(reply)
  return text and { answer = text, answer_type = reply.answer_type }
end

--- Asks the receiver of the service interface, and waits for what it replies.
---@param platform table
---@param push table userid, query, skill, intent; completed
---@return table|nil reply answer, answer_type; nil: there is none that can be used
function M.ask(platform, push)
  if not platform.callbacks.service then
    return nil
  end
  push.kind, push.timeout, push.session_id = "service", PATIENCE, push.userid
  local request_id, warned = platform.request_id, platform.warned
  local response, err, reply = delivery.push(platform, push)
  -- Others were answered meanwhile.
  platform.request_id, platform.warned = request_id, warned
  return response and response.status == 200 and not err and reply
    and answer_of(reply) or nil
end

return M
