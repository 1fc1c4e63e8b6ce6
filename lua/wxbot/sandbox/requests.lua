--- The record of a sandbox: the newest requests and what was answered.
--
-- To keep one costs little: references to what is there anyway, and no text is
-- made. Masking, cutting into members and the rest are done when it is read.

local inspect = require "wxbot.sandbox.inspect"

local setmetatable = setmetatable

local M = {}

-- So many are kept, of each text so many bytes, and of all together so many.
local KEPT, LONGEST, ROOM = 1000, 16 * 1024, 32 * 1024 * 1024
-- What the rest of one takes, as far as it is counted.
local OVERHEAD = 1024

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
  return text and #text > LONGEST and text:sub(1, LONGEST) or text
end

local function size_of(entry)
  return OVERHEAD + #entry.url + #entry.body + #entry.answer
    + #(entry.opened or "")
end

local function drop_oldest(requests)
  local slot = requests.oldest % KEPT
  requests.bytes = requests.bytes - size_of(requests.slots[slot])
  requests.slots[slot] = nil
  requests.oldest = requests.oldest + 1
end

--- Keeps a request.
---@param entry table { url, body, answer, opened, … }
---@return integer id
function Requests:add(entry)
  local id = self.newest + 1
  entry.id = id
  if id - self.oldest >= KEPT then
    drop_oldest(self)
  end
  self.slots[id % KEPT], self.newest = entry, id
  self.bytes = self.bytes + size_of(entry)
  while self.bytes > ROOM do
    drop_oldest(self)
  end
  return id
end

--- The newest of those that were asked for, in the order in which they came.
---@param asked table { after, failed, limit }
---@return table[] entries as kept
function Requests:list(asked)
  local found, list = {}, {}
  local limit = asked.limit or USUAL
  local id = self.newest
  while id >= self.oldest and id > (asked.after or 0) and #found < limit do
    local entry = self.slots[id % KEPT]
    if not asked.failed or inspect.has_failed(entry) then
      found[#found + 1] = entry
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
---@return table|nil entry as kept; nil: it is not there, or no more
function Requests:get(id)
  return id >= self.oldest and id <= self.newest and self.slots[id % KEPT]
    or nil
end

--- Forgets all; numbers go on.
function Requests:clear()
  self.slots, self.bytes, self.oldest = {}, 0, self.newest + 1
end

--- Keeps a request that was answered, and tells who watches.
---@param platform table
---@param request table { method, url, source }
---@param response table of wxbot.sandbox.router; changed: gets its id and seconds
---@param call table likewise
---@param seconds number how long it took
function M.keep(platform, request, response, call, seconds)
  local body, answer = call.body, response.body
  response.seconds = seconds
  response.id = platform.requests:add{ time = platform.time(),
    seconds = seconds, client = request.source,
    method = request.method or "POST", url = cut(request.url),
    headers = inspect.headers(call.headers), body = cut(body),
    body_bytes = #body, opened = cut(call.opened), status = response.status,
    answer = cut(answer), answer_bytes = #answer,
    endpoint = response.endpoint, code = response.code,
    cause_id = response.cause_id, cause = response.cause,
    cure = response.cure, values = response.values,
    warnings = response.warnings }
  if platform.on_event then
    platform.on_event("request", { id = response.id })
  end
end

return M
