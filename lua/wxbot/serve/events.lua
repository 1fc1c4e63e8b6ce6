--- What happens in a served sandbox, as server-sent events: each listener hears
--- all of it, in its order. The newest are kept for who comes back.

local json = require "wxbot.codec.json"
local responses = require "wxbot.util.response"
local texts = require "wxbot.util.text"

local floor, max = math.floor, math.max
local pairs, setmetatable = pairs, setmetatable

local M = {}

-- Events that are kept; listeners; seconds after which a listener hears that
-- the server is still there.
local KEPT, LISTENERS, SILENCE = 1000, 32, 15

local Events = {}
Events.__index = Events

--- None yet. Numbers go on growing from one start of the server to the next.
---@param host table ngx of a worker, semaphore = ngx.semaphore
---@return table events newest: the number of the newest event
function M.new(host)
  local newest = floor(host.now() * 1000)
  return setmetatable({ host = host, first = newest + 1, newest = newest,
    kept = {}, listeners = {}, count = 0 }, Events)
end

--- Tells of something.
---@param name string "request" | "message" | "state" | "push"
---@param data table not changed any more
function Events:add(name, data)
  self.newest = self.newest + 1
  -- In the place of the one that is dropped: a table whose names are ever new
  -- ones is made anew again and again.
  self.kept[self.newest % KEPT + 1] = { name = name, data = data }
  if self.newest - self.first >= KEPT then
    self.first = self.first + 1
  end
  for listener in pairs(self.listeners) do
    if listener.is_waiting then
      listener.is_waiting = false
      listener.semaphore:post(1)
    end
  end
end

-- Written when it is first sent.
local function text_of(event, id)
  event.text = event.text or ("id: %.0f\nevent: %s\ndata: %s\n\n"):format(id,
    event.name, json.encode(event.data) or "{}")
  return event.text
end

-- Sends what has come since, then waits for more.
local function follow(self, listener, write)
  listener.is_waiting = false
  while listener.at < self.newest do
    listener.at = max(listener.at + 1, self.first)
    if not write(text_of(self.kept[listener.at % KEPT + 1], listener.at)) then
      return false
    end
  end
  listener.is_waiting = true
  return listener.semaphore:wait(SILENCE) or write(": still here\n\n")
end

local function stream(self, after)
  return function(write)
    local listener = { at = after, semaphore = self.host.semaphore.new() }
    self.listeners[listener] = true
    -- Whoever goes ends this thread in the midst of a wait.
    self.host.on_abort(function()
      self:leave(listener)
      self.host.exit(499)
    end)
    local going = write(": wxbot\n\n")
    while going do
      going = follow(self, listener, write)
    end
    self:leave(listener)
  end
end

--- A listener has gone.
function Events:leave(listener)
  if self.listeners[listener] then
    self.listeners[listener] = nil
    self.count = self.count - 1
  end
end

--- Answers who wants to listen: from the event on that the header last-event-id
--- or the argument `after` names, else from now on.
---@param request table { method, headers, args }
---@return table response with stream, a function that takes write
function Events:answer(request)
  if request.method ~= "GET" then
    return responses.text(405, "405 method not allowed\n")
  elseif self.count >= LISTENERS then
    return responses.text(503, ("503 there are %d listeners already\n")
      :format(LISTENERS))
  end
  self.count = self.count + 1
  local after = texts.number(request.headers["last-event-id"]
    or request.args.after) or self.newest
  local response = responses.text(200, "")
  response.headers["content-type"] = "text/event-stream"
  response.headers["cache-control"] = "no-store"
  response.stream = stream(self, after > self.newest and self.first - 1
    or max(after, self.first - 1))
  return response
end

return M
