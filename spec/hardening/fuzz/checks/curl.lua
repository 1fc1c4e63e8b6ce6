-- The client on libcurl against a server that is made of the input: what it
-- asks arrives as it was asked, once; every call ends, once; what it takes of
-- an answer is what the strict reader of the transport for nginx takes of the
-- same bytes; nothing is left over.
--
-- The first bytes of the input say how the client is driven, the rest are
-- calls, with "\255\255" between two. A call is six bytes of options (see
-- `call_of`), a request with "\254" after it, or none, and the answer.
--
-- `world` is the network: that of curl.c, where nothing waits, or a real one,
-- of ../world.lua, with which inputs that would wait are left out.
local client_of = require "wxbot.curl"
local failure = require "wxbot.transport.curl_failure"
local http1 = require "wxbot.transport.http1"
local same = require "spec.hardening.fuzz.same"

local floor = math.floor

local LIMIT = 20000 -- turns; each is much work

local METHODS = { "POST", "GET", "HEAD", "PUT", "GET", "DELETE", "POST",
  "PATCH" }
local HEADERS = { {}, { ["Content-Type"] = "application/json" },
  { ["X-Empty"] = "", Accept = "*/*", ["User-Agent"] = "a (b)" },
  { Connection = "close", Host = "b.test" } }
local BODIES = { 0, 5, 3000, 40000 }
local LIMITS = { 1000, 100, 8, 0, 1, 100000, 20, 3 }
local DELAYS = { 0, 0, 0.3, 3 }
local TIMEOUTS = { 10, 1, 0.01, 0 }
local CONNECT_TIMEOUTS = { 3, 0.5, 0.001, 0 }
local ENDINGS = { "keep", "close", "reset", "half" }
local ACTIONS = { "none", "none", "none", "none", "cancel", "drop", "close",
  "sleep" }
local BUDGETS = { 0, 0.000003, 0.00003, 1 }
local CONNECTIONS = { 1, 2, 3, 40 }

local CODES = { transport = true, timeout = true, protocol = true,
  limit = true, cancelled = true, closed = true, invalid = true,
  unavailable = true }

-- How an attempt to connect goes, by curl.c. No real network can be told to
-- do some of it.
local REFUSED, NO_SOCKET = 2, 7
local UNREAL = { [REFUSED] = true, [3] = true, [4] = true,
  [NO_SOCKET] = true }

local function pick(list, number, shift)
  return list[floor(number / shift) % #list + 1]
end

-- ------------------------------------------------------------------- the plan

-- A request as the input has it: a line of method and path, headers, a body.
local function read_request(text, req)
  local head, body = text:match("^(.-)\n\n(.*)$")
  head = head or text
  local method, tail = head:match("^([^ \n]*) ?([^\n]*)")
  req.method, req.body = method, body or ""
  req.tail = tail
  req.headers = {}
  for name, value in head:gmatch("\n([^:\n]*):?([^\n]*)") do
    req.headers[name] = value
  end
end

local function call_of(text)
  local a, b, piece, d, e, f = (text .. ("\0"):rep(6)):byte(1, 6)
  local req = {
    tail = "?a", method = pick(METHODS, a, 1),
    headers = {}, body = ("b"):rep(pick(BODIES, a, 32)),
    max_body = pick(LIMITS, b, 1), timeout = pick(TIMEOUTS, f, 1),
    connect_timeout = pick(CONNECT_TIMEOUTS, f, 4),
  }
  for name, value in pairs(pick(HEADERS, a, 8)) do
    req.headers[name] = value
  end
  local asked, answer = text:sub(7):match("^([^\254]*)\254(.*)$")
  if asked then
    read_request(asked, req)
  end
  if req.method == "HEAD" or req.method == "GET" and #req.body == 5 then
    req.body = nil
  end
  return {
    req = req, answer = answer or text:sub(7), piece = piece,
    early = floor(b / 16) % 2 == 1, delay = pick(DELAYS, b, 32),
    ending = d % 4, connect = floor(d / 4) % 8, numbered = b % 16 >= 8,
    action = pick(ACTIONS, e, 1), at = floor(e / 8),
  }
end

-- At most eight; what is more belongs to the last.
local function calls_of(input)
  local calls, from = {}, 3
  while #calls < 7 do
    local stop, next_one = input:find("\255\255", from, true)
    if not stop then
      break
    end
    calls[#calls + 1] = call_of(input:sub(from, stop - 1))
    from = next_one + 1
  end
  calls[#calls + 1] = call_of(input:sub(from))
  return calls
end

-- Sixteen pieces at most: more would cost time only.
local function plan(world, call)
  local least = math.ceil(#call.answer / 16)
  local piece = call.piece > 0 and math.max(call.piece, least) or 0
  call.req.url = world.url .. "/secret" .. call.req.tail
  call.n = world.answer(call.answer, piece, call.ending, call.delay,
    call.early)
  local headers = { ["X-Call"] = ("%d"):format(call.n) }
  for name, value in pairs(call.req.headers) do
    if name:lower() ~= "x-call" then
      headers[name] = value
    end
  end
  call.req.headers = headers
end

-- -------------------------------------------------------------- what was asked

local OWN = { ["content-length"] = true, ["x-call"] = true, host = true,
  accept = true }

local function trimmed(value)
  return value:match("^[ \t]*(.-)[ \t]*$")
end

local function header_lines(head)
  local found = {}
  for line in head:gmatch("\r\n([^\r\n]+)") do
    local name, value = line:match("^([^:]*):(.*)$")
    assert(name, line)
    found[name] = found[name] or {}
    table.insert(found[name], trimmed(value))
  end
  return found
end

-- Each header that was given is there once, and no other but our own.
local function check_request(call, bytes)
  local req = call.req
  local url = assert(http1.url(req.url))
  local head, body = bytes:match("^(.-\r\n)\r\n(.*)$")
  local line = ("%s %s HTTP/1.1\r\n"):format(req.method, url.target)
  assert(head:sub(1, #line) == line, head)
  local found = header_lines("\r\n" .. head:sub(#line + 1))
  local given = {}
  for name, value in pairs(req.headers) do
    local key = name:lower()
    given[key] = given[key] or {}
    given[key][trimmed(value)] = true
    assert(found[name] and same(found[name], { trimmed(value) }), name)
  end
  for name in pairs(found) do
    assert(given[name:lower()] or OWN[name:lower()], name)
  end
  assert(body == (req.body or ""):sub(1, #body))
  return #body == #(req.body or "")
end

-- Whether it must be refused before anything is sent. A header Host or
-- Connection is libcurl's to write for us, who may say another; nginx's
-- transport writes it itself.
local function is_refused(req)
  local url = http1.url(req.url)
  local headers = {}
  for name, value in pairs(req.headers) do
    local key = name:lower()
    local own = key == "host" or key == "connection" or key == "upgrade"
    headers[own and "X-" .. name or name] = value
  end
  return not url
    or not http1.head(req.method, url, headers, #(req.body or ""))
end

-- ---------------------------------------------------------------- the answers

-- What the strict reader makes of the bytes that the client was given.
local function reference(call, told)
  local parser = http1.parser(call.req.method, call.req.max_body)
  local done, kind, why = parser:feed(call.answer:sub(1, told))
  local ending = ENDINGS[call.ending + 1]
  if done == false and told == #call.answer
      and (ending == "close" or ending == "half") then
    done, kind, why = parser:finish()
  end
  return { done = done, kind = kind, why = why, parser = parser }
end

local function check_success(call, told)
  local outcome, wanted = call.outcome, reference(call, told)
  assert(#outcome.body <= call.req.max_body)
  if wanted.done then
    local response = wanted.parser:response()
    assert(outcome.status == response.status, outcome.status)
    assert(same(outcome.headers, response.headers), "headers")
    assert(outcome.body == response.body, "body")
  elseif not call.answer:find("\n\0", 1, true) then
    -- Of a header that begins with a zero an older libcurl passes over what
    -- has come of it, and of those behind it.
    error(wanted.why or "an answer that is not whole")
  end
end

local function check_failure(run, call, seen)
  local outcome = call.outcome
  assert(CODES[outcome.code], outcome.code)
  assert(not outcome.message:find("secret", 1, true), outcome.message)
  if outcome.sent == false then
    assert(seen == 0, "it was sent")
  elseif outcome.sent == true then
    assert(outcome.code == "limit" and seen == 1)
  else
    assert(outcome.sent == nil)
  end
  if run.no_connection or call.refused then
    assert(outcome.sent == false)
  end
end

-- Nothing kept it from being answered in time.
local function is_plain(run, call)
  return run.simple and call.req.timeout == 10 and call.delay == 0
    and not call.early and call.ending ~= 2
end

local function check_call(run, call)
  local seen, whole, bytes, conn, before, told = run.world.story(call.n)
  assert(seen <= 1, "it was sent again")
  if seen == 1 then
    assert(not call.refused)
    assert(check_request(call, bytes) == whole)
  end
  local outcome = call.outcome
  if not outcome then
    assert(call.dropped or not call.started)
  elseif outcome.status then
    assert(seen == 1 and conn > 0)
    check_success(call, told, before)
  else
    check_failure(run, call, seen)
    if is_plain(run, call) and seen == 1 then
      assert(not reference(call, told).done,
        outcome.code .. ": " .. outcome.message)
    end
  end
end

-- ----------------------------------------------------------------- the driving

local function outcome_of(status, headers, body, sent, facts)
  if status then
    assert(status >= 200 and status < 600 and sent == nil and facts == nil)
    return { status = status, headers = headers, body = body }
  end
  local err = failure(nil, nil, headers, body, sent, facts)
  return { message = err.message, code = err.kind, sent = err.sent }
end

local function end_call(call)
  assert(not call.outcome)
  call.outcome = outcome_of(call.transfer:result())
  local nothing, _, code = call.transfer:result()
  assert(nothing == nil and code == "closed")
end

-- Takes what is over; a call with an id is told once.
local function harvest(run)
  for id in run.client.finished, run.client do
    local call = run.calls[id]
    assert(call.numbered and not call.told and call.transfer:done())
    call.told = true
  end
  for _, call in ipairs(run.calls) do
    if call.transfer and not call.outcome then
      assert(run.world.kept(call.transfer) <= call.req.max_body)
      if call.transfer:done() then
        assert(call.told or not call.numbered or run.closed)
        end_call(call)
      end
    end
  end
end

local function start(run, call, old)
  call.started = true
  local transfer, message, code, sent = run.client:start(call.req,
    call.numbered and call.n or nil, old)
  call.transfer = transfer
  if not transfer then
    call.outcome = { message = message, code = code, sent = sent }
    assert(call.refused or run.closed or call.req.timeout == 0)
  end
end

local function start_all(run)
  for _, call in ipairs(run.calls) do
    start(run, call)
  end
end

local acts = { none = function() end }

function acts.cancel(_, call)
  call.transfer:cancel()
  assert(call.transfer:done())
end

function acts.drop(_, call)
  if not call.numbered then
    call.transfer, call.dropped = nil, true
    collectgarbage()
  end
end

function acts.close(run)
  run.client:close()
  run.closed = true
end

function acts.sleep(run)
  assert(run.client:sleep(run.world.real and 0 or 0.2))
end

local function act(run, turn)
  for _, call in ipairs(run.calls) do
    if call.at == turn and call.transfer and not call.outcome
        and not run.closed then
      acts[call.action](run, call)
    end
  end
end

-- Until nothing is in flight.
local function drive(run)
  for turn = 0, LIMIT do
    act(run, turn)
    local live, more = run.client:step(run.budget)
    harvest(run)
    if live == 0 or live == nil then
      assert(live == 0 or run.closed)
      return
    end
    if not run.world.turn() and not more then
      assert(run.client:poll(run.world.real and 0.001 or 1))
    end
  end
  error("the calls do not end")
end

-- A call that blocks. A real server has no turn while it does.
local function request(run, req)
  if not run.world.real then
    return outcome_of(run.client:request(req))
  end
  local transfer, message, code, sent = run.client:start(req)
  if not transfer then
    return { message = message, code = code, sent = sent }
  end
  while not transfer:done() do
    run.client:step()
    if not run.world.turn() then
      run.client:poll(0.001)
    end
  end
  return outcome_of(transfer:result())
end

local modes = {}

-- Blocking calls, one after the other.
modes[0] = function(run)
  for _, call in ipairs(run.calls) do
    call.outcome = request(run, call.req)
  end
end

-- All at once.
modes[1] = function(run)
  start_all(run)
  drive(run)
end

-- One after the other, each in the room of the one before.
modes[2] = function(run)
  local last
  for _, call in ipairs(run.calls) do
    if not run.closed then
      start(run, call, last and last.transfer)
      last = call
      drive(run)
    end
  end
end

-- All at once, while the program sleeps.
modes[3] = function(run)
  start_all(run)
  if run.world.real then
    return drive(run)
  end
  assert(run.client:sleep(30))
  harvest(run)
end

-- A server as it should be, after all that was.
local function check_usable(run, call)
  run.world.mend()
  local outcome = request(run, call.req)
  assert(outcome.status == 200, outcome.message)
  assert(outcome.body == "fine", outcome.body)
end

local FINE = { answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine",
  piece = 0, ending = 0, delay = 0, req = { tail = "", headers = {},
    max_body = 100, method = "GET" } }

local function connections(calls, blocking)
  local list, all_fail, all_work = {}, true, true
  for i, call in ipairs(calls) do
    all_work = all_work and (blocking or call.action == "none")
    list[i] = string.char(call.connect)
    all_fail = all_fail
      and (call.connect == REFUSED or call.connect == NO_SOCKET)
    all_work = all_work and call.connect <= 1
  end
  return table.concat(list), all_fail, all_work
end

-- Whether the client might wait for more of an answer than there is.
local function stalls(call)
  local parser = http1.parser(call.req.method, call.req.max_body)
  return call.ending == 0 and not parser:feed(call.answer)
end

-- Makes calls such that nothing waits for time to pass; false where that
-- cannot be.
local function in_real_time(calls)
  for _, call in ipairs(calls) do
    if UNREAL[call.connect] or stalls(call) then
      return false
    end
    call.req.timeout = call.req.timeout > 0 and 10 or 0
    call.req.connect_timeout = nil
  end
  return true
end

-- Descriptors of the process when no client is there.
local open

return function(input, world)
  world = world or require "spec.hardening.fuzz.world"
  local a, b = input:byte(1, 2)
  local calls = b and calls_of(input)
  if not b or world.real and not in_real_time(calls) then
    return
  end
  local run = { world = world, calls = calls, budget = pick(BUDGETS, a, 4) }
  local list, all_fail, all_work = connections(run.calls, a % 4 == 0)
  run.no_connection = all_fail
  world.begin(list)
  for _, call in ipairs(run.calls) do
    plan(world, call)
    call.refused = is_refused(call.req)
  end
  plan(world, FINE)
  run.client = client_of.client(nil, nil, pick(CONNECTIONS, b, 1))
  run.simple = all_work and (a % 4 == 0 or a % 4 == 2)
  modes[a % 4](run)
  if not run.closed then
    check_usable(run, FINE)
  end
  run.client:close()
  harvest(run)
  for _, call in ipairs(run.calls) do
    check_call(run, call)
  end
  world.finish()
  open = open or world.descriptors()
  assert(world.descriptors() == open, "a descriptor is left")
end
