--- What calls that overlap do for each other: go one after another, or share
--- one result.
--
-- Calls overlap in the tasks of a loop, in the light threads and requests of
-- a worker of nginx, and in any coroutines whose transport lets others go on
-- while it waits. A call that cannot wait for another goes at once: in a
-- transport without sleep, where waiting would stop the other as well
-- (`transport:inside()` is false), and when the other waits for this one.
--
-- Whoever runs may vanish (a light thread that was killed, a coroutine that
-- is never resumed), and others go on when its time is over.

local errors = require "wxbot.error"

local error, pairs, pcall = error, pairs, pcall
local running, status = coroutine.running, coroutine.status
local max, min = math.max, math.min
local remove, setmetatable = table.remove, setmetatable

local M = {}

-- Seconds that a function may take beyond its timeout.
local SLACK = 1
-- Seconds between two looks: at first, at most (few wait for a turn, many for
-- a shared result), and how they grow.
local SHORTEST, LONGEST, LONGEST_SHARED = 0.001, 0.05, 0.25
local GROWTH = 1.5
-- Queues that are kept before those whose callers vanished are looked for.
local MANY = 1000

-- key -> tickets in their order; the first one has the turn.
local queues, number, limit = {}, 0, MANY

-- owner -> key -> flight: a function that runs for all who want its result.
local flights = setmetatable({}, { __mode = "k" })

-- ----------------------------------------------------------------- waiting

local WEAK = { __mode = "v" }

-- Who runs; the thread is not kept alive. The main program of LuaJIT has none.
local function caller()
  return setmetatable({ thread = running() or "main" }, WEAK)
end

local function can_wait(transport, other)
  local thread = other.thread
  if not transport.sleep or transport.inside and not transport:inside() then
    return false
  end
  return not thread or thread ~= "main" and thread ~= running()
    and status(thread) ~= "normal"
end

-- Waits a little longer each time; an error when it cannot or must not.
local function pause(state, waiting)
  local left = waiting.deadline - state.now()
  if left <= 0 then
    return errors.late(waiting.timeout)
  end
  waiting.step = min(waiting.longest, (waiting.step or SHORTEST) * GROWTH)
  local _, why = state.transport:sleep(min(waiting.step, left))
  return why and errors.from(why)
end

local function wait_until(deadline, timeout, longest)
  return { deadline = deadline, timeout = timeout, longest = longest }
end

-- -------------------------------------------------------- one after another

-- The ticket that has the turn; those before it are over.
local function first(queue, now)
  local ticket = queue[1]
  while ticket and (ticket.over or now >= ticket.ends) do
    remove(queue, 1)
    ticket = queue[1]
  end
  return ticket
end

local function drop_if_empty(key, now)
  if queues[key] and not first(queues[key], now) then
    queues[key], number = nil, number - 1
  end
end

local function queue_of(key, now)
  if not queues[key] then
    if number >= limit then
      for other in pairs(queues) do
        drop_if_empty(other, now)
      end
      limit = max(MANY, 2 * number)
    end
    queues[key], number = {}, number + 1
  end
  return queues[key]
end

local function await_turn(state, queue, ticket, timeout)
  local waiting = wait_until(ticket.ends, timeout, LONGEST)
  while first(queue, state.now()) ~= ticket do
    local err = pause(state, waiting)
    if err then
      return err
    end
  end
end

-- A ticket that has the turn; nil: the caller goes at once.
local function enter(state, key, timeout)
  local now = state.now()
  local queue = queue_of(key, now)
  local holder = first(queue, now)
  if holder and not can_wait(state.transport, holder.by) then
    return nil
  end
  local ticket = { by = caller(), ends = now + timeout }
  queue[#queue + 1] = ticket
  local err = holder and await_turn(state, queue, ticket, timeout)
  ticket.over = err ~= nil
  ticket.ends = state.now() + timeout + SLACK
  return ticket, err
end

local function leave(state, key, ticket)
  if ticket then
    ticket.over = true
    drop_if_empty(key, state.now())
  end
end

-- As M.take, with the queues of this file.
local function in_queue(state, key, timeout, run, ...)
  local ticket, err = enter(state, key, timeout)
  if err then
    return nil, err
  end
  local done, result, why = pcall(run, ...)
  leave(state, key, ticket)
  if not done then
    error(result, 0)
  end
  return result, why
end

-- As M.take, with the queues of the transport.
local function in_transport(transport, key, timeout, run, ...)
  local entered, err = transport:enter(key, timeout)
  if not entered then
    return nil, err
  end
  local done, result, why = pcall(run, ...)
  transport:leave(key)
  if not done then
    error(result, 0)
  end
  return result, why
end

--- Runs a function when no other of the same key runs, first come, first
--- served. A function that takes longer than its timeout loses its turn.
---@param state table a client's private side
---@param key string
---@param endpoint string what an error of the wait names
---@param timeout number seconds to wait at most, and for the function
---@param run fun(...): any, wxbot.Error|nil
---@param ... any
---@return any result
---@return wxbot.Error|nil err
function M.take(state, key, endpoint, timeout, run, ...)
  key = ("%d:%s"):format(state.number, key)
  local result, err
  if state.transport.enter then
    result, err = in_transport(state.transport, key, timeout, run, ...)
  else
    result, err = in_queue(state, key, timeout, run, ...)
  end
  if result == nil and errors.is(err) then
    err.endpoint = err.endpoint or endpoint
  end
  return result, err
end

-- ------------------------------------------------------------ one for all

local function flight_of(state, owner, key)
  local flight = flights[owner] and flights[owner][key]
  return flight and state.now() < flight.ends and flight or nil
end

local function fly(state, owner, key, timeout, run, ...)
  local flight = { by = caller(), ends = state.now() + timeout + SLACK }
  flights[owner] = flights[owner] or {}
  flights[owner][key] = flight
  local done, result, err = pcall(run, ...)
  if flights[owner][key] == flight then
    flights[owner][key] = nil
  end
  if not done then
    error(result, 0)
  end
  flight.landed, flight.result, flight.err = true, result, err
  return result, err
end

-- Waits until a flight has landed; nil when there is none.
local function await_flight(state, owner, key, timeout)
  local flight = flight_of(state, owner, key)
  local waiting = wait_until(state.now() + timeout, timeout, LONGEST_SHARED)
  while flight and not flight.landed do
    if not can_wait(state.transport, flight.by) then
      return nil
    end
    local err = pause(state, waiting)
    if err then
      return nil, err
    end
    flight = flight.landed and flight or flight_of(state, owner, key)
  end
  return flight
end

--- Runs a function for all who ask for the same at a time: who comes while it
--- runs waits for its result. One that raised, or took longer than its
--- timeout, has none, and another begins.
---@param state table a client's private side
---@param owner table whose result it is, of all who have the same owner
---@param key string which of the owner's
---@param timeout number seconds to wait at most, and for the function
---@param run fun(...): any, wxbot.Error|nil
---@param ... any
---@return any result the same for all
---@return wxbot.Error|nil err everybody's own
function M.share(state, owner, key, timeout, run, ...)
  local flight, err = await_flight(state, owner, key, timeout)
  if flight then
    return flight.result, flight.err and errors.copy(flight.err)
  elseif err then
    return nil, err
  end
  local result
  result, err = fly(state, owner, key, timeout, run, ...)
  return result, err
end

--- Does somebody run for that already?
---@param state table a client's private side
---@param owner table
---@param key string
---@return boolean
function M.is_shared(state, owner, key)
  return flight_of(state, owner, key) ~= nil
end

return M
