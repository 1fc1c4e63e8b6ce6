--- What the platform pushes by itself, to the addresses that it was given.

local pushes = require "wxbot.sandbox.push"

local concat = table.concat
local error, pairs, pcall = error, pairs, pcall
local setmetatable, tostring, type = setmetatable, tostring, type

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

-- The platform as it was at a time: a push tells when something happened, not
-- when it could be delivered.
local function as_of(platform, at)
  return setmetatable({ time = function() return at end },
    { __index = platform })
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

--- The end of a publication, as its account hears it.
function M.publication(platform, publication)
  M.push(platform, "official_account", publication.id, function()
    return { userid = "mphelper", event = "PUBLISHJOBFINISH",
      elements = { PublishEventInfo = platform.tasks:publication(
        publication.id) } }
  end, publication.created + publication.duration)
end

-- ------------------------------------------------------------------ delivering

-- The request of a push, which stays the same however often it is sent.
local function request_of(platform, item)
  if not item.request then
    local push = item.push
    if type(push) == "function" then
      push = push()
      platform.outbox:change(item.entry, { push = push })
    end
    push.kind, push.url = item.kind, item.url
    local request, sent = pushes.request(as_of(platform, item.at), push)
    if not request then
      return nil, sent
    end
    sent.transport = platform.transport
    item.request, item.sent = request, sent
  end
  return item.request, item.sent
end

local function send(platform, item)
  local request, sent = request_of(platform, item)
  if not request then
    return nil, sent
  end
  item.entry.tries = item.entry.tries + 1
  local response, err, reply = pushes.send(platform, request, sent)
  return response, err, reply
end

-- What became of it, for the record.
local function result_of(response, err, reply)
  return { status = response and response.status or false,
    error = err and tostring(err) or false, reply = reply }
end

local function attempt(platform, item)
  local outbox, entry = platform.outbox, item.entry
  local ran, response, err, reply = pcall(send, platform, item)
  if not ran then
    outbox:change(entry, { state = "failed", error = tostring(response) })
    outbox:done(item)
    error(response, 0)
  end
  local result = result_of(response, err, reply)
  if response and response.status == 200 then
    outbox:done(item)
    result.state = "delivered"
  elseif not item.request then
    outbox:done(item)
    result.state = "failed"
  else
    result.state = outbox:again(item) and "waiting" or "failed"
  end
  outbox:change(entry, result)
end

--- Delivers what is due, one push after another.
---@param platform table
---@param most integer no more requests than this
---@return integer requests that were made
function M.deliver(platform, most)
  for count = 0, most - 1 do
    local item = platform.outbox:take()
    if not item then
      return count
    end
    attempt(platform, item)
  end
  return most
end

return M
