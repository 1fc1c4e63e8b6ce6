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
-- is never resumed): others go on when it is gone (wxbot.util.holder), and at the
-- latest when its time is over.

local errors = require "wxbot.util.errors"
local holders = require "wxbot.util.holder"

local error, pairs, pcall = error, pairs, pcall
local floor, max, min = math.floor, math.max, math.min
local is_gone = holders.is_gone
local remove, setmetatable = table.remove, setmetatable

local M = {}

-- Seconds that a function may take beyond its timeout.
local SLACK = 1
-- Seconds that a thread may take to begin. nginx drops a timer when too many
-- run, and who set it does not hear of it.
local START = 2
-- Seconds between two looks where nobody wakes who waits: at first, at most,
-- and how they grow.
local SHORTEST, LONGEST, GROWTH = 0.001, 0.1, 1.5
-- Seconds between two looks whether who runs has vanished.
local LOOK = 0.5
-- Queues that are kept before those whose callers vanished are looked for.
local MANY = 1000

-- key -> tickets in their order; the first one has the turn.
local queues, number, limit = {}, 0, MANY

-- owner -> key -> flight: a function that runs for all who want its result.
local flights = setmetatable({}, { __mode = "k" })

-- ----------------------------------------------------------------- waiting

local function lets_others_go_on(transport)
  return transport.sleep ~= nil
    and (not transport.inside or transport:inside())
end

local function can_wait(transport, other)
  return lets_others_go_on(transport) and not holders.is_above(other)
end

-- Waits until it is woken, where the transport can, otherwise a little longer
-- each time; never past `ends`. An error when it cannot or must not.
local function pause(state, waiting, what, ends)
  local transport, now = state.transport, state.now()
  if now >= waiting.deadline then
    return errors.new{ kind = "timeout", code = "turn", sent = false,
      message = ("%s took more than %d ms"):format(waiting.what,
        floor(waiting.timeout * 1000)) }
  end
  local left = min(waiting.deadline, ends) - now
  local _, why
  if transport.wait and what.transport == transport then
    _, why = transport:wait(what, min(LOOK, left))
  else
    waiting.step = min(LONGEST, (waiting.step or SHORTEST) * GROWTH)
    -- What is next to nothing may be no time at all for a clock that ticks.
    _, why = transport:sleep(max(SHORTEST, min(waiting.step, left)))
  end
  return why and errors.from(why)
end

local function wake(state, what)
  local transport = state.transport
  if transport.wake then
    transport:wake(what)
  end
end

-- -------------------------------------------------------- one after another

-- The ticket that has the turn; those before it are over.
local function first(queue, now)
  local ticket = queue[1]
  while ticket and (ticket.over or now >= ticket.ends or is_gone(ticket)) do
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

-- The caller's place in the queue; nil: it goes at once.
local function line_up(state, key, timeout)
  local now = state.now()
  local queue = queue_of(key, now)
  local holder = first(queue, now)
  if holder and not can_wait(state.transport, holder) then
    return nil
  end
  -- With all that is set when it leaves: that must not need memory.
  local ticket = { ends = now + timeout + (holder and 0 or SLACK),
    transport = state.transport, over = false, watched = false }
  queue[#queue + 1] = ticket
  holders.begin(ticket)
  return ticket, queue
end

local function await_turn(state, queue, ticket, timeout)
  local waiting = { deadline = ticket.ends, timeout = timeout,
    what = "earlier calls for the same" }
  local now = state.now()
  local holder = first(queue, now)
  while holder ~= ticket do
    local err = pause(state, waiting, ticket, holder and holder.ends or 0)
    if err then
      return err
    end
    now = state.now()
    holder = first(queue, now)
  end
  ticket.ends = now + timeout + SLACK
end

local function in_turn(state, queue, ticket, timeout, run, ...)
  if queue[1] ~= ticket then
    local err = await_turn(state, queue, ticket, timeout)
    if err then
      return nil, err
    end
  end
  return run(...)
end

local function leave(state, key, queue, ticket)
  holders.finish(ticket)
  if queue[1] == ticket and not queue[2] and queues[key] == queue then
    queues[key], number = nil, number - 1
    return
  end
  local now = state.now()
  local following = first(queue, now)
  if following then
    wake(state, following)
  elseif queues[key] == queue then
    drop_if_empty(key, now)
  end
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
  local ticket, queue = line_up(state, key, timeout)
  if not ticket then
    local result, err = run(...)
    return result, err
  end
  local done, result, err = pcall(in_turn, state, queue, ticket, timeout, run,
    ...)
  leave(state, key, queue, ticket)
  if not done then
    error(result, 0)
  elseif result == nil and errors.is(err) then
    err.endpoint = err.endpoint or endpoint
  end
  return result, err
end

-- ------------------------------------------------------------ one for all

local function is_lost(flight, now)
  return now >= flight.ends
    or flight.begun and not flight.over and is_gone(flight)
end

local function flight_of(state, owner, key)
  local flight = flights[owner] and flights[owner][key]
  return flight and not is_lost(flight, state.now()) and flight or nil
end

-- A thread that begins late may find that another has run meanwhile.
local function is_overtaken(flight, owner, key)
  return not (flights[owner] and flights[owner][key] == flight)
end

local function fly(flight, state, owner, key, run, ...)
  if is_overtaken(flight, owner, key) then
    -- Whoever waits for it looks anew.
    flight.begun, flight.ends = true, state.now()
    wake(state, flight)
    return
  end
  flight.begun, flight.ends = true, state.now() + flight.life
  holders.begin(flight)
  local done, result, err = pcall(run, ...)
  if not is_overtaken(flight, owner, key) then
    flights[owner][key] = nil
  end
  flight.raised, flight.result, flight.err = not done, result, err
  holders.finish(flight)
  wake(state, flight)
end

-- Nobody waits for this one: where it runs hears of what it raises.
local function fly_alone(flight, ...)
  fly(flight, ...)
  if flight.raised then
    error(flight.result, 0)
  end
end

local function take_off(state, owner, key, life)
  -- With all that is set when it lands: that must not need memory.
  local flight = { ends = state.now() + START, life = life + SLACK,
    transport = state.transport, begun = false, over = false,
    raised = false, result = false, err = false, watched = false }
  flights[owner] = flights[owner] or {}
  flights[owner][key] = flight
  return flight
end

-- Has the transport run a function in a thread of its own; true if it does.
local function spawn(state, fn, ...)
  local transport = state.transport
  local ok, spawned = pcall(transport.spawn, transport, fn, ...)
  return ok and spawned and true or false
end

-- Where the host has threads of its own, one of them flies, and whoever waits
-- may give up. Otherwise, or when such a thread was lost, whoever comes first
-- does.
local function launch(state, owner, key, timeout, lost, run, ...)
  local flight = take_off(state, owner, key, timeout)
  if lost or not M.has_background(state) or not spawn(state, fly, flight,
      state, owner, key, run, ...) then
    fly(flight, state, owner, key, run, ...)
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
  local waiting = { deadline = state.now() + timeout, timeout = timeout,
    what = "what several calls wait for" }
  local flight, mine, lost = flight_of(state, owner, key), false, false
  while true do
    if flight and flight.raised and not mine then
      flight = flight_of(state, owner, key) -- others waited for it, too
    end
    if not flight or not flight.over and not mine
        and not can_wait(state.transport, flight) then
      flight, mine = launch(state, owner, key, timeout, lost, run, ...), true
    end
    if flight.over then
      break
    end
    local err = pause(state, waiting, flight, flight.ends)
    if err then
      return nil, err
    elseif not flight.over and is_lost(flight, state.now()) then
      lost = lost or not flight.begun
      flight, mine = flight_of(state, owner, key), false
    end
  end
  if flight.raised then
    error(flight.result, 0)
  end
  return flight.result, flight.err and errors.copy(flight.err)
end

--- Begins to run a function in the background, for those who share its
--- result, unless somebody runs for the same already.
---@param state table a client's private side, M.has_background
---@param owner table as of M.share
---@param key string
---@param life number seconds for the function
---@param run fun(...): any, wxbot.Error|nil
---@param ... any
---@return boolean running
function M.begin(state, owner, key, life, run, ...)
  if flight_of(state, owner, key) then
    return true
  end
  local flight = take_off(state, owner, key, life)
  if spawn(state, fly_alone, flight, state, owner, key, run, ...) then
    return true
  end
  flights[owner][key] = nil
  return false
end

--- Does somebody run for that already?
---@param state table a client's private side
---@param owner table as of M.share
---@param key string
---@return boolean
function M.is_shared(state, owner, key)
  return flight_of(state, owner, key) ~= nil
end

--- Can a function run while its caller goes on?
---@param state table a client's private side
---@return boolean
function M.has_background(state)
  return state.transport.spawn ~= nil and lets_others_go_on(state.transport)
end

return M
