--- What the platform pushes by itself, to the addresses that it was given.

local components = require "wxbot.sandbox.component"
local delivery = require "wxbot.sandbox.delivery"
local json = require "wxbot.codec.json"
local outboxes = require "wxbot.sandbox.outbox"
local pushes = require "wxbot.sandbox.push"
local records = require "wxbot.sandbox.pushed"

local concat, floor = table.concat, math.floor
local ipairs, pairs, tostring, type = ipairs, pairs, tostring, type

local M = {}

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

-- What is made at its time, by a word: (platform, id) -> push.
local makers = {}

--- Makes an outbox of the platform, and a record of pushes. Numbers go on: one
--- that is being sent belongs to the outbox before.
---@param platform table
---@param note fun(record: table) hears of each change
---@return table outbox
function M.outbox(platform, note)
  local before = platform.outbox
  platform.pushed = records.new(platform.time, teller(platform))
  return outboxes.new({ time = platform.time, pushed = platform.pushed,
    address_of = function(kind) return platform.callbacks[kind] end,
    make = function(item) return makers[item.of](platform, item.id) end,
    number = before and before.number or 0 }, note)
end

-- Pushes something, if there is an address for its kind. Pushes of one lane
-- arrive in their order.
local function add(platform, kind, lane, item)
  if platform.callbacks[kind] then
    item.kind, item.lane = kind, kind .. ":" .. lane
    item.at = item.at or platform.time()
    platform.outbox:add(item)
  end
end

--- The end of a publication, as its account hears it.
function makers.publication(platform, id)
  return { userid = "mphelper", event = "PUBLISHJOBFINISH",
    elements = { PublishEventInfo = platform.publications:get(id) } }
end

local function add_publication(platform, publication)
  add(platform, "official_account", publication.id, { of = "publication",
    id = publication.id, at = publication.created + publication.duration })
end

-- The ticket of the third-party platform, every ten minutes: the next is due
-- when this one is made, however late that is. Whoever starts has a new one.
local function add_ticket(platform, at)
  add(platform, "third_party", "ticket", { of = "ticket", at = at,
    passing = true })
end

function makers.ticket(platform)
  add_ticket(platform, platform.time() + components.APART)
  return { infotype = "component_verify_ticket" }
end

--- Has the platform push by itself what happens from now on.
---@param platform table with new parts
function M.begin(platform)
  platform.publications.on_publication = function(publication)
    add_publication(platform, publication)
  end
  add_ticket(platform, platform.time())
end

--- Goes on where a state file ends: it may be that nothing was pushed before.
---@param platform table
function M.resume(platform)
  for _, publication in ipairs(platform.publications.kept.order) do
    if publication.created + publication.duration > platform.time()
        and not platform.outbox:has("official_account:" .. publication.id) then
      add_publication(platform, publication)
    end
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

-- Milliseconds, in which no two pushes of one second have the same, also after a
-- reset: a receiver takes what was said twice at one time for one message.
local function moment(platform)
  platform.moments = ((platform.moments or 0) + 1) % 1000
  return floor(platform.time()) * 1000 + platform.moments
end

local function tell(platform, userid, push)
  push.userid, push.kfstate = userid, STATES[M.state_of(platform, userid)]
  push.channel, push.appid = ACCOUNT, platform.account
  push.createtime = moment(platform)
  add(platform, "kefu", userid, { push = push })
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
