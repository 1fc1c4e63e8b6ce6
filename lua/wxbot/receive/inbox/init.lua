--- An inbox: keeps what a receiver takes before it is answered, until it has been
-- handled, whatever happens to the process meanwhile.
--
-- A backend keeps pushes (wxbot.receive.inbox.file says what its methods do). A
-- push is at least handled once: again where a process ended between handling it
-- and noting that.

local classes = require "wxbot.util.class"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local handler = require "wxbot.receive.handle"
local json = require "wxbot.codec.json"
local options_of = require "wxbot.call.schema.options"
local receivers = require "wxbot.receive"
local records = require "wxbot.receive.inbox.record"
local sealed = require "wxbot.receive.inbox.sealed"
local url = require "wxbot.codec.url"

local error, require = error, require
local tostring, type = tostring, type
local sub = string.sub

local M = {}

--- What an inbox is made of.
M.options = {
  { name = "receiver", type = "object", methods = { "handle" }, required = true,
    doc = "The receiver that takes pushes, made without a store: the inbox "
      .. "remembers what came" },
  { name = "path", type = "string", doc = "The file, for its owner alone; made "
    .. "when there is none. One process has it" },
  { name = "command", type = "function", doc = "Sends a command to Redis, for many "
    .. "processes on many machines: command(\"EVAL\", script, …) returns the reply, "
    .. "or nil and a message" },
  { name = "fsync", type = "boolean", doc = "path: a push is on the disk before it "
    .. "is answered, so that a power cut loses none" },
}

-- Seconds before a push is handled again, by its failures so far. After one more
-- it stands among the dead.
local PAUSES = { 1, 10, 60, 600 }

-- Messages of pushes that wait which are kept, besides their text.
local MOST_FRESH = 1000

---@class wxbot.Inbox
local Inbox, inboxes = classes.class("inbox")

-- -------------------------------------------------------------------- coming

-- Whose order is kept: a name for the user, for whoever sees the inbox.
local function user_of(context, message)
  return sub(core.base64url_encode(core.sha256(context.owner .. ":"
    .. (message.userid or message.authorizer_appid or message.session_id
      or ""))), 1, 22)
end

-- A message that will soon be taken need not be read again.
local function remember(context, id, message)
  if context.fresh_count < MOST_FRESH then
    context.fresh[id], context.fresh_count = message, context.fresh_count + 1
  end
end

local function recall(context, id)
  local message = context.fresh[id]
  if message then
    context.fresh[id], context.fresh_count = nil, context.fresh_count - 1
  end
  return message
end

local function keeper(context)
  return function(message, keys, request)
    local id, lost = context.backend:put{ keys = keys,
      user = user_of(context, message), text = records.of_request(request) }
    if id then
      message.inbox_id = id
    end
    -- What others may take would be remembered for ever.
    if id and not context.backend.await then
      remember(context, id, message)
    end
    return id, lost
  end
end

--- Handles one request as Receiver:handle does, but keeps the message: `take`
--- gives it.
---@param request table as of Receiver:handle
---@return table response { status, headers, body }; 503 if the message cannot be kept
---@return any id of the message; nil when there is none, or none is kept
---@return string|nil note with no id: "duplicate", "echo", "empty", "refused"; "inbox": it cannot be kept
---@return wxbot.Error|nil err with "inbox"
function Inbox:handle(request)
  local context = inboxes:of(self, "handle")
  local response, message, note, err = handler.handle(context.receiving,
    receivers.checked("inbox:handle", request))
  return response, message and message.inbox_id, note, err
end

-- ------------------------------------------------------------------ handling

local function buried(entry, kind, code, why)
  return errors.new{ kind = kind, code = code, message = ("push %s %s: it stands "
    .. "among the dead"):format(tostring(entry.id), why) }
end

-- Notes that a push has failed, in case the process ends by it. An error if it
-- has too often.
local function begin(context, entry)
  local reason = sealed.seal(context.receiving,
    "the process ended while it was handled")
  if entry.failures > #PAUSES then
    entry.failures = #PAUSES
    context.backend:bury(entry, reason)
    return buried(entry, "limit", "ended", "has ended the process each time")
  end
  context.backend:begin(entry, context.receiving.clock()
    + (PAUSES[entry.failures + 1] or 0), reason)
end

local function read(context, entry)
  local message, reason = recall(context, entry.id), nil
  if not message then
    message, reason = sealed.message(context.receiving, entry)
  end
  if not message then
    context.backend:bury(entry, reason)
    return nil, buried(entry, "crypto", "unread",
      ("cannot be read with these credentials (%s)"):format(reason))
  end
  return message
end

--- Takes a message to be handled: the oldest of a user of whom none is in hand. Once
--- it is handled, `done` or `fail` is to be called; one of the two.
---@param id any this one, if it is its turn; nil: whichever
---@return table|nil message with inbox_id, the same whenever it is handled
---@return number|nil seconds with nil: until there may be one; nil: when something is put in, done or failed
---@return wxbot.Error|nil err with nil: a push cannot be read, or ends the process, and stands among the dead; or the inbox cannot be
function Inbox:take(id)
  local context = inboxes:of(self, "take")
  local entry, seconds, err = context.backend:take(id)
  if not entry then
    return nil, seconds, err
  end
  err = entry.is_suspect and begin(context, entry) or nil
  local message
  if not err then
    message, err = read(context, entry)
  end
  if not message then
    return nil, 0, err
  end
  message.inbox_id = entry.id
  context.in_hand[message] = entry
  return message
end

local function entry_of(self, method, message)
  local context = inboxes:of(self, method, 1)
  local entry = type(message) == "table" and context.in_hand[message]
  if not entry then
    error(("inbox:%s: expected a message that take gave, and that is not done")
      :format(method), 3)
  end
  return context, entry
end

--- Says that a message was handled.
---@param message table as `take` gave it
---@param response table|nil of `reply`, for the process that the push came to (`await`)
---@return true|nil done
---@return wxbot.Error|nil err not noted yet, but with what is noted next: if the process ends before, it is handled again
function Inbox:done(message, response)
  local context, entry = entry_of(self, "done", message)
  context.in_hand[message] = nil
  local done, err = context.backend:done(entry, response
    and context.backend.await and json.encode(response) or nil)
  return done, err
end

--- Where many processes share an inbox, another one may handle what came here:
--- has a function called with the response that it gives `done`, if that is soon,
--- during a later `take`.
---@param id any of a push
---@param deliver fun(response: table)|nil nil: it is awaited no more
function Inbox:await(id, deliver)
  local backend = inboxes:of(self, "await").backend
  if backend.await then
    backend:await(id, deliver and function(text)
      deliver(json.decode(text))
    end)
  end
end

--- Says that a message could not be handled: it is taken again after a pause of
--- 1, 10, 60 and 600 s, its user's others behind it. After five failures it
--- stands among the dead.
---@param message table as `take` gave it
---@param reason any why; shown by `wxbot inbox list --show`
---@return number|nil seconds until it is taken again; nil: it stands among the dead
---@return wxbot.Error|nil err not noted yet, as of `done`
function Inbox:fail(message, reason)
  local context, entry = entry_of(self, "fail", message)
  context.in_hand[message] = nil
  local pause = PAUSES[entry.failures + 1]
  local text = sealed.seal(context.receiving, reason)
  local _, err
  if pause then
    _, err = context.backend:pause(entry, context.receiving.clock() + pause,
      text)
  else
    _, err = context.backend:bury(entry, text)
  end
  return pause, err
end

--- The response that replies to a message, as Receiver:reply, while the platform
--- waits for it.
---@param message table as `take` gave it
---@param answer string|table|nil
---@return table|nil response
---@return wxbot.Error|nil err kind "invalid"; code "late": the platform has been answered, use sendmsg
function Inbox:reply(message, answer)
  local context, entry = entry_of(self, "reply", message)
  local limit = context.receiving.kind.answer_within
  if limit and (entry.failures > 0
      or context.receiving.clock() > entry.at + limit) then
    return errors.invalid("the platform has been answered, and no longer waits "
      .. "for a reply to this push: use sendmsg", "late")
  end
  local response, err = context.receiver:reply(message, answer)
  return response, err
end

--- What waits and what is dead, without what is in it.
---@return table|nil waiting list of { id, at = unix seconds, failures }, oldest first
---@return table|wxbot.Error|nil dead likewise; with nil the error
function Inbox:list()
  local context = inboxes:of(self, "list")
  local waiting, dead = context.backend:list()
  return waiting, dead
end

--- Has messages that are dead handled again, behind their users' others.
---@param ids any[]
---@return integer count
---@return wxbot.Error|nil err
function Inbox:retry(ids)
  local count, err = inboxes:of(self, "retry").backend:retry(ids)
  return count, err
end

--- Forgets messages that are dead.
---@param ids any[]
---@return integer count
---@return wxbot.Error|nil err
function Inbox:purge(ids)
  local count, err = inboxes:of(self, "purge").backend:purge(ids)
  return count, err
end

--- Closes it, and not its receiver. What waits is there when it is opened again.
function Inbox:close()
  local context = inboxes:shut(self)
  if context then
    context.receiving.keep = nil
    context.backend:close()
  end
end

Inbox.__close = Inbox.close

-- -------------------------------------------------------------------- making

local function argument_error(options)
  local reason = options_of.argument_error("wxbot.inbox", M.options, options)
  local receiving = not reason and receivers.context_of(options.receiver)
  if reason then
    return reason
  elseif not receiving then
    return "wxbot.inbox: receiver must be one of wxbot.receiver, and open"
  elseif receiving.has_store or receiving.keep then
    return "wxbot.inbox: receiver must have no store and no other inbox"
  elseif (options.path == nil) == (options.command == nil) then
    return "wxbot.inbox: one of path and command is needed"
  elseif options.fsync and not options.path then
    return "wxbot.inbox: fsync is for path"
  end
end

--- Whose an inbox is.
---@param receiving wxbot.receive.Context
---@return string
function M.owner_of(receiving)
  return receiving.kind_name .. ":" .. url.escape(receiving.appid or "-")
end

local function open_backend(options, context)
  if options.command then
    return require "wxbot.receive.inbox.redis".open{ owner = context.owner,
      command = options.command, clock = context.receiving.clock }
  end
  return require "wxbot.receive.inbox.file".open{ path = options.path,
    owner = context.owner, clock = context.receiving.clock,
    sync = options.fsync }
end

--- Makes an inbox.
---@param options table receiver; path, fsync, or command
---@param level integer where an argument error is raised
---@return wxbot.Inbox|nil inbox
---@return wxbot.Error|nil err kind "unavailable"
---@return string|nil warning of a Redis that can lose what it was told
function M.new(options, level)
  local reason = argument_error(options)
  if reason then
    error(reason, level + 1)
  end
  local receiving = receivers.context_of(options.receiver)
  local context = { receiver = options.receiver, receiving = receiving,
    owner = M.owner_of(receiving), fresh = {}, fresh_count = 0,
    in_hand = {} }
  local err
  context.backend, err = open_backend(options, context)
  if not context.backend then
    return nil, err
  end
  receiving.keep = keeper(context)
  return inboxes:new(context), nil, context.backend.warning
end

return M
