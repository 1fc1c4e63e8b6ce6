-- The network of checks/curl.lua where there is no curl.c: a server on a real
-- port of this machine, in this process, that has its turn between the steps
-- of the client. Nothing here can wait: the check leaves out what would.
local socket = require "socket"

local M = { real = true }

local KEEP, CLOSE, RESET = 0, 1, 2
local DROPPED, BROKEN = 5, 6

local listener = assert(socket.bind("127.0.0.1", 0))
listener:settimeout(0)
M.url = "http://127.0.0.1:" .. select(2, listener:getsockname())

local plans, conns, hows, accepted

local function hang_up(conn)
  conn.socket:close()
  conn.open = false
end

--- A new network; a byte says how the first, the second connection goes.
function M.begin(list)
  for _, conn in ipairs(conns or {}) do
    hang_up(conn)
  end
  plans, conns, hows, accepted = {}, {}, list, 0
end

--- Connections work from now on.
function M.mend()
  hows = ""
end

--- Plans what becomes of the next call; returns its number.
function M.answer(text, piece, ending, _, early)
  plans[#plans + 1] = { text = text, ending = ending, early = early,
    piece = piece > 0 and piece or #text, seen = 0, request = "", told = 0,
    whole = false, conn = 0, before = 0 }
  return #plans
end

local function accept()
  local client = listener:accept()
  if client then
    client:settimeout(0)
    accepted = accepted + 1
    conns[#conns + 1] = { socket = client, got = "", open = true, last = 0,
      number = accepted, how = hows:byte(accepted) or 0 }
  end
  return client ~= nil
end

-- Reads what is there; true: there was something, or it is over.
local function receive(conn)
  local data, why, part = conn.socket:receive(65536)
  data = data or part or ""
  conn.got = conn.got .. data
  if why == "closed" then
    hang_up(conn)
  end
  return #data > 0 or not conn.open
end

local function note(conn, n, request, whole)
  local plan = plans[n]
  if conn.call ~= n then
    plan.seen = plan.seen + 1
    plan.conn, plan.before, plan.told = conn.number, conn.last, 0
    conn.call, conn.at = n, 1
  end
  plan.request, plan.whole = request, whole
end

-- Looks at what has come; true: there is more of a request than before.
local function take_request(conn)
  local head = conn.got:match("^.-\r\n\r\n")
  if not head then
    return
  end
  local n = tonumber(head:match("\r\nX%-Call: (%d+)"))
  local length = #head + (tonumber(head:match("\r\nContent%-Length: (%d+)"))
    or 0)
  local whole = #conn.got >= length
  note(conn, n, conn.got:sub(1, length), whole)
  if whole or plans[n].early then
    conn.got = conn.got:sub(length + 1)
    conn.answering = true
  end
end

local function end_answer(conn, ending)
  conn.last, conn.call, conn.answering = conn.call, nil, false
  if ending == RESET then
    conn.socket:setoption("linger", { on = true, timeout = 0 })
  end
  if ending == CLOSE or ending == RESET then
    hang_up(conn)
  elseif ending ~= KEEP then
    conn.socket:shutdown("send")
  end
end

local function answer(conn)
  local plan = plans[conn.call]
  local last = math.min(#plan.text, conn.at + plan.piece - 1)
  local sent, why, partly = conn.socket:send(plan.text, conn.at, last)
  sent = last < conn.at and last or sent or partly
  if why == "closed" then
    hang_up(conn)
    return true
  end
  local moved = sent >= conn.at
  conn.at, plan.told = sent + 1, sent
  if conn.at > #plan.text then
    end_answer(conn, plan.ending)
    return true
  end
  return moved
end

local function serve(conn)
  if not conn.open then
    return false
  elseif conn.how == DROPPED then
    hang_up(conn)
    return true
  end
  local moved = receive(conn)
  if conn.how == BROKEN and moved and conn.open then
    hang_up(conn)
  end
  if conn.open and not conn.answering then
    take_request(conn)
  end
  return conn.open and conn.answering and answer(conn) or moved
end

--- Each connection has a turn; false when none could do a thing.
function M.turn()
  local moved = accept()
  for _, conn in ipairs(conns) do
    moved = serve(conn) or moved
  end
  return moved
end

--- How often a call was seen, whether all of it, the bytes, the connection,
--- the call before it there, and how many bytes were answered.
function M.story(n)
  local plan = plans[n]
  return plan.seen, plan.whole, plan.request, plan.conn, plan.before,
    plan.told
end

--- All that was sent has been read, all is closed.
function M.finish()
  while M.turn() do end
  M.begin("")
end

--- What a transfer holds meanwhile, and what is open, only C can tell.
function M.kept()
  return 0
end

function M.descriptors()
  return 0
end

return M
