--- inbox list, retry, purge: what an inbox of `receive` holds.

local config = require "wxbot.cli.config"
local errors = require "wxbot.util.errors"
local inboxes = require "wxbot.receive.inbox"
local inbox_place = require "wxbot.cli.inbox_place"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local receivers = require "wxbot.receive"
local sealed = require "wxbot.receive.inbox.sealed"
local sessions = require "wxbot.cli.session"
local texts = require "wxbot.util.text"
local wxbot = require "wxbot"

local assert, date, ipairs = assert, os.date, ipairs
local ceil, floor = math.ceil, math.floor
local concat, type = table.concat, type

-- -------------------------------------------------------------------- list

-- The receiver whose inbox it is: what is in a push is for who has its keys.
local function context_of(session, found)
  local options = session.options
  local given = session.credentials
  if options.pusher then
    given = assert(config.read(options.pusher))
    sessions.warn_if_exposed(options.pusher, session.json)
    output.hide(given.token)
    output.hide(given.aes_key)
  end
  local context = receivers.context_of(assert(wxbot.receiver{
    kind = found.kind, appid = given.appid, token = given.token,
    aes_key = not options.plain and given.aes_key or nil,
    plain = options.plain }))
  local owner = inboxes.owner_of(context)
  if owner ~= found.owner then
    assert(errors.invalid(("the inbox belongs to %s, and these are the "
      .. "credentials of %s"):format(found.owner, owner), "owner"))
  end
  return context
end

local function told_of(entry, state, context)
  local told = { id = entry.id, at = floor(entry.at), state = state,
    failures = entry.failures, due = entry.due and ceil(entry.due) }
  if context then
    local reason
    told.message, reason = sealed.message(context, entry)
    told.unread = not told.message and reason or nil
    told.reason = sealed.reason(context, entry.reason)
  end
  return told
end

-- A push is named by a number; in Redis by a text.
local function name_of(id)
  return type(id) == "number" and texts.of_number(id) or id
end

local function show_one(told)
  local parts = { name_of(told.id), date("%Y-%m-%d %H:%M:%S", told.at),
    told.state, ("%d failures"):format(told.failures) }
  if told.due then
    parts[5] = date("again at %H:%M:%S", told.due)
  end
  output.print(concat(parts, "  "))
  output.labelled("  why: ", told.reason)
  output.labelled("  cannot be read: ", told.unread)
  if told.message then
    output.labelled("  ", json.encode(told.message))
  end
end

local function list(session)
  local options = session.options
  local found = inbox_place.of(session).read()
  local context = options.show and found.owner and context_of(session, found)
    or nil
  local told = {}
  for _, entry in ipairs(options.dead and {} or found.waiting) do
    told[#told + 1] = told_of(entry, "waiting", context)
  end
  for _, entry in ipairs(found.dead) do
    told[#told + 1] = told_of(entry, "dead", context)
  end
  session:show({ pushes = json.list(told), owner = found.owner }, nil, function()
    for _, one in ipairs(told) do
      show_one(one)
    end
  end)
end

-- ------------------------------------------------------------------ the dead

-- The ids that are meant: all, or those that are named, which must be there.
local function ids_of(options, found)
  local dead, ids = {}, {}
  for i, entry in ipairs(found.dead) do
    dead[name_of(entry.id)], ids[i] = entry.id, entry.id
  end
  if options.all == (#options.ids > 0) then
    assert(errors.invalid("name pushes by their numbers, or --all", "usage"))
  elseif options.all then
    return ids
  end
  for i, id in ipairs(options.ids) do
    ids[i] = dead[id] or assert(errors.invalid(
      ("there is no push %s among the dead"):format(id), "id"))
  end
  for i = #ids, #options.ids + 1, -1 do
    ids[i] = nil
  end
  return ids
end

local function order(verb, said)
  return function(session)
    local options = session.options
    local place = inbox_place.of(session)
    local found = place.read()
    local ids = ids_of({ all = options.all == true, ids = options.ids }, found)
    if #ids > 0 then
      place.order(verb, ids, found.owner)
    end
    session:show({ count = #ids }, nil, function()
      output.print(("%s: %d"):format(said, #ids))
    end)
  end
end

local PATH = { name = "path", doc = "File of the inbox, or redis://HOST:PORT/DB" }
local OWNER = { name = "owner", type = "string", arg = "KIND:APPID",
  doc = "In Redis: whose inbox, if there are several" }
local IDS = { name = "ids", args = "*", doc = "Numbers of pushes" }
local ALL = { name = "all", type = "boolean", doc = "All that are dead" }
local COUNT = { { name = "count", doc = "How many" } }

return {
  { name = "inbox list",
    summary = "List the pushes that wait to be handled, or could not be",
    doc = "PATH is that of `receive --inbox`, which may be running.",
    prints = "a push a line: number, time, waiting or dead, failures",
    json = { { name = "owner", doc = "Kind and appid" },
      { name = "pushes[].id", doc = "Its number" },
      { name = "pushes[].at", doc = "Unix seconds: when it came" },
      { name = "pushes[].state", doc = "waiting, or dead: it failed five times, or "
        .. "cannot be read" },
      { name = "pushes[].failures", doc = "How often its handler failed" },
      { name = "pushes[].due", doc = "Unix seconds: not handled again before" },
      { name = "pushes[].message", doc = "With --show: what is in it" },
      { name = "pushes[].reason", doc = "With --show: why its handler failed" } },
    arguments = { PATH },
    fields = {
      { name = "dead", type = "boolean", doc = "Only those that are dead" },
      { name = "show", type = "boolean",
        doc = "Show what is in them, and why they failed; needs the credentials "
          .. "that `receive` had" },
      { name = "pusher", type = "string", arg = "FILE",
        doc = "--show: as of receive" },
      { name = "plain", type = "boolean", doc = "--show: as of receive" },
      OWNER,
    }, run = list },
  { name = "inbox retry", summary = "Have dead pushes handled again",
    doc = "Behind what waits of the same user; if `receive` runs, within a second.",
    prints = "how many", json = COUNT, arguments = { PATH, IDS },
    fields = { ALL, OWNER }, run = order("retry", "handled again") },
  { name = "inbox purge", summary = "Remove dead pushes",
    doc = "Nothing of them stays in the file; if `receive` runs, after a second.",
    prints = "how many", json = COUNT, arguments = { PATH, IDS },
    fields = { ALL, OWNER }, run = order("purge", "removed") },
}
