--- The record of a sandbox: the newest requests and what was answered.
--
-- To keep one costs little: masking, and all that a reader wants besides, is
-- done when it is read. The texts of a request are one string, which begins with
-- its number: LuaJIT takes long strings for the same until it has compared them
-- when they begin and end alike, as answers do, and a thousand that are kept
-- would be compared with each new one. The table of one that is dropped is that
-- of the next.

local copies = require "wxbot.util.copies"
local inspect = require "wxbot.sandbox.inspect"

local char, floor = string.char, math.floor
local ipairs, setmetatable = ipairs, setmetatable

local M = {}

-- So many are kept, of each text so many bytes, and of all together so many.
local KEPT, LONGEST, ROOM = 1000, 16 * 1024, 32 * 1024 * 1024
-- What the rest of one takes, as far as it is counted.
local OVERHEAD = 1024

-- Bytes of the number before the texts.
local MARK = 2

-- How many a list has when nobody says.
local USUAL = 100

--- What Sandbox:requests takes.
M.fields = {
  { name = "after", type = "integer", doc = "Only those with a greater id" },
  { name = "failed", type = "boolean", doc = "Only those that were refused" },
  { name = "limit", type = "integer",
    doc = "The newest so many (default 100)" },
  { name = "secrets", type = "boolean", doc = "Do not mask secrets" },
}

---@class wxbot.sandbox.Requests
local Requests = {}
Requests.__index = Requests

--- Makes an empty record.
---@return wxbot.sandbox.Requests
function M.new()
  return setmetatable({ slots = {}, oldest = 1, newest = 0, bytes = 0 },
    Requests)
end

local function cut(text)
  return #text > LONGEST and text:sub(1, LONGEST) or text
end

-- Drops the oldest one, and gives its table.
local function drop_oldest(requests)
  local slot = requests.oldest % KEPT
  local entry = requests.slots[slot]
  requests.bytes = requests.bytes - OVERHEAD - #entry.texts
  requests.slots[slot] = false
  requests.oldest = requests.oldest + 1
  return entry
end

-- What came over the wire, and what the platform made of it.
local function fill(entry, id, request, response, call)
  local url, body = cut(request.url), cut(call.body)
  local opened, answer = cut(call.opened or ""), cut(response.body)
  entry.id, entry.client = id, request.source
  entry.method, entry.endpoint = request.method or "POST", response.endpoint
  entry.headers = inspect.headers(call.headers)
  entry.url_size, entry.body_size = #url, #body
  entry.opened_size = call.opened and #opened
  entry.body_bytes, entry.answer_bytes = #call.body, #response.body
  entry.status, entry.code = response.status, response.code
  entry.cause_id, entry.values = response.cause_id, response.values
  entry.cause, entry.cure = response.cause, response.cure
  entry.warnings = response.warnings
  entry.texts = char(id % 256, floor(id / 256) % 256) .. url .. body .. opened
    .. answer
end

--- Keeps a request that was answered, and tells who watches.
---@param platform table
---@param request table { method, url, source }
---@param response table of wxbot.sandbox.router; changed: gets its id and seconds
---@param call table likewise
---@param seconds number how long it took
function M.keep(platform, request, response, call, seconds)
  local requests = platform.requests
  local id, entry = requests.newest + 1, nil
  if id - requests.oldest >= KEPT then
    entry = drop_oldest(requests)
  end
  entry = entry or {}
  fill(entry, id, request, response, call)
  entry.time, entry.seconds = platform.time(), seconds
  requests.slots[id % KEPT], requests.newest = entry, id
  requests.bytes = requests.bytes + OVERHEAD + #entry.texts
  while requests.bytes > ROOM do
    drop_oldest(requests)
  end
  response.id, response.seconds = id, seconds
  if platform.on_event then
    platform.on_event("request", { id = id })
  end
end

-- ------------------------------------------------------------------- reading

-- One as it came, with its texts apart.
local function apart(entry)
  local read, at = copies.of(entry), MARK + 1
  for _, name in ipairs{ "url", "body", "opened" } do
    local size = entry[name .. "_size"]
    read[name] = size and entry.texts:sub(at, at + size - 1)
    at = at + (size or 0)
  end
  read.answer = entry.texts:sub(at)
  return read
end

--- The newest of those that were asked for, in the order in which they came.
---@param asked table { after, failed, limit }
---@return table[] entries
function Requests:list(asked)
  local found, list = {}, {}
  local limit = asked.limit or USUAL
  local id = self.newest
  while id >= self.oldest and id > (asked.after or 0) and #found < limit do
    local entry = self.slots[id % KEPT]
    if not asked.failed or inspect.has_failed(entry) then
      found[#found + 1] = apart(entry)
    end
    id = id - 1
  end
  for i = 1, #found do
    list[i] = found[#found + 1 - i]
  end
  return list
end

--- One of them.
---@param id integer
---@return table|nil entry nil: it is not there, or no more
function Requests:get(id)
  local entry = id >= self.oldest and id <= self.newest
    and self.slots[id % KEPT]
  return entry and apart(entry) or nil
end

--- Forgets all; numbers go on.
function Requests:clear()
  self.slots, self.bytes, self.oldest = {}, 0, self.newest + 1
end

return M
