-- The answer path of the transport for nginx: the reader of HTTP behind the
-- loop that takes what a socket gives, on a socket that is made of the input.
-- An answer means the same however it is cut; what is read can be written and
-- read again; a body is read out of whatever chunks it comes in.
--
-- The first byte of the input says what is asked and allowed, the second one
-- into what pieces the rest, the answer, is cut.
local http1 = require "wxbot.transport.http1"
local same = require "spec.hardening.fuzz.same"

local METHODS = { "POST", "GET", "HEAD" }
local BODIES = { 1000, 100, 8, 0 }
local KINDS = { protocol = true, limit = true, transport = true,
  timeout = true }

-- The socket that the transport under test is given, made anew for each call.
local socket

local function none() end
local function yes() return true end

-- Light threads of one that never waits.
local thread = { wait = yes, kill = none,
  spawn = function(body, ...) body(...) end }

-- nginx is not in this process; the transport looks for it once.
local function transport_of()
  local kept = package.loaded.ngx
  package.loaded.ngx = {
    socket = { tcp = function() return socket end }, thread = thread,
    timer = {},
    sleep = none, update_time = none, now = function() return 0 end,
    get_phase = function() return "content" end,
  }
  local transport = require "wxbot.transport.resty".new()
  package.loaded.ngx = kept
  return transport
end

local transport = transport_of()

local function socket_of(pieces, ending)
  local made, at = { kept = false, settimeouts = none, close = none,
    connect = yes, sslhandshake = yes, send = yes,
    getreusedtimes = function() return 0 end }, 0
  function made.receiveany()
    at = at + 1
    if pieces[at] then
      return pieces[at]
    end
    return nil, ending
  end
  -- One that has bytes left is not to be kept; nginx sees that too.
  function made.setkeepalive()
    made.kept = at >= #pieces
    return made.kept
  end
  return made
end

local function cut(text, size)
  local pieces = {}
  for i = 1, #text, size do
    pieces[#pieces + 1] = text:sub(i, i + size - 1)
  end
  return pieces
end

local function is_header(name, value)
  return type(name) == "string" and name == name:lower()
    and not name:find("[%c%s:]") and type(value) == "string"
    and not value:find("[%z\r\n]")
end

local function check_response(response, asked)
  local status = response.status
  assert(status % 1 == 0 and status >= 200 and status < 600)
  assert(#response.body <= asked.max_body)
  for name, value in pairs(response.headers) do
    assert(is_header(name, value), name)
  end
end

local function check_error(err)
  assert(KINDS[err.kind] and err.code == err.kind, err.kind)
  assert(err.sent == nil or err.sent == true and err.kind == "limit")
  assert(not err.message:find("secret", 1, true), err.message)
end

-- What became of an answer, without the words for it.
local function outcome(pieces, asked)
  socket = socket_of(pieces, asked.ending)
  local response, err = transport:request(asked)
  if response then
    check_response(response, asked)
    return { response = response, kept = socket.kept }
  end
  check_error(err)
  assert(not socket.kept)
  return { kind = err.kind, sent = err.sent }
end

local FRAMING = { ["content-length"] = true, ["connection"] = true,
  ["transfer-encoding"] = true }

-- The answer as whoever has nothing to hide would have sent it.
local function written(response)
  local lines = { ("HTTP/1.1 %d Anything"):format(response.status) }
  for name, value in pairs(response.headers) do
    if not FRAMING[name] then
      lines[#lines + 1] = name .. ":" .. value
    end
  end
  lines[#lines + 1] = ("Content-Length: %d"):format(#response.body)
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. response.body
end

-- Headers besides those that frame. Empty ones that were joined leave blanks
-- at the ends.
local function plain_headers(headers)
  local plain = {}
  for name, value in pairs(headers) do
    plain[name] = not FRAMING[name] and value:match("^[ \t]*(.-)[ \t]*$")
      or nil
  end
  return plain
end

local function check_again(response, method)
  local parser = http1.parser(method, 1000)
  assert(parser:feed(written(response)))
  local again = parser:response()
  assert(again.status == response.status and again.body == response.body)
  assert(same(plain_headers(response.headers), plain_headers(again.headers)))
end

local function check_chunks(body, size)
  local parts = { "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" }
  for _, chunk in ipairs(cut(body, size)) do
    parts[#parts + 1] = ("%x\r\n%s\r\n"):format(#chunk, chunk)
  end
  parts[#parts + 1] = "0\r\n\r\n"
  local parser = http1.parser("GET", #body)
  assert(parser:feed(table.concat(parts)))
  assert(parser.keep and parser:response().body == body)
end

local function check(input)
  local flags, size = input:byte(1, 2)
  if not size then
    return
  end
  local text = input:sub(3)
  local asked = {
    url = (flags >= 128 and "https" or "http") .. "://a.test/secret",
    method = METHODS[flags % 3 + 1], max_body = BODIES[flags % 4 + 1],
    ending = flags % 32 < 16 and "closed" or "timeout",
  }
  local whole = outcome({ text }, asked)
  local parts = outcome(cut(text, size % 32 + 1), asked)
  -- What comes after the answer is not seen when it comes later.
  parts.kept, whole.kept = nil, parts.kept and nil or whole.kept
  whole.kept = nil
  assert(same(whole, parts))
  if whole.response then
    check_again(whole.response, asked.method)
  end
  check_chunks(text, size + 1)
end

-- In a coroutine: the transport for nginx does not wait below C functions, of
-- which those who run the checks have some.
return function(input)
  local running = coroutine.create(check)
  local ok, message = coroutine.resume(running, input)
  if not ok then
    error(debug.traceback(running, message), 0)
  end
end
