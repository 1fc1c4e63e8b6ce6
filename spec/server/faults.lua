-- Every way in which a server breaks, as data. For each:
--
--   name      finishes "a server that …"
--   steps     what the first connection does (see by_script.lua), { "good" }
--             being: answers well from now on. So do all further connections
--   outcome   what one attempt comes to, a key of M.outcomes
--   sent      of the error, where the outcome does not say it
--   status    of the error
--   requests  whole requests that are read before the server breaks, 1
--   again     false: is not even repeated where that is allowed
--   backlog   "full": nobody gets in; "closed": nobody listens

local M = {}

-- What the caller hears after one attempt: kinds of the error, what it says
-- of `sent` ("any": it depends on who was faster), whether a right answer
-- would do as well, and who repeats ("all", "others": all but acts).
M.outcomes = {
  fine        = { fine = true },
  either      = { fine = true, kinds = { "protocol", "transport", "limit" },
                  sent = "any" },
  not_sent    = { kinds = { "transport" }, sent = false, repeats = "all" },
  dropped     = { kinds = { "timeout" }, sent = false },
  at_once     = { fine = true, kinds = { "transport" }, sent = "any",
                  repeats = "others" },
  unknown     = { kinds = { "transport" }, repeats = "others" },
  late        = { kinds = { "timeout" } },
  protocol    = { kinds = { "protocol" } },
  limit       = { kinds = { "limit" }, sent = true },
  not_fine    = { kinds = { "protocol" }, sent = true },
  refusal     = { kinds = { "platform" }, sent = true },
  unavailable = { kinds = { "unavailable" }, sent = true, repeats = "others" },
  busy        = { kinds = { "platform" }, sent = true, repeats = "others" },
  limited     = { kinds = { "unavailable" }, sent = true, repeats = "all" },
}

-- What any endpoint is content with.
local CONTENT = '"data":{"state":1},"ret":0,"status":"FAQ","signature":"s",'
  .. '"publish_status":0}'
local GOOD = '{"errcode":0,' .. CONTENT

local function answer(body, status, headers)
  return ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s"):format(
    status or "200 OK", headers or "", #body, body)
end

M.good = { { "read" }, { "send", answer(GOOD) }, { "again" } }

local CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
local function chunk(text)
  return ("%x\r\n%s\r\n"):format(#text, text)
end

local LEFT = "\r\n"
local READ, CLOSE, RESET = { "read" }, { "close" }, { "reset" }
-- So that what was sent arrives before the end by RST does.
local PAUSE = { "sleep", 0.02 }
-- Longer than any deadline of the specs.
local STALL = { "sleep", 20 }

local list = {}

local function fault(name, outcome, steps, more)
  local entry = { name = name, outcome = assert(M.outcomes[outcome], outcome),
    steps = steps, requests = 1 }
  for key, value in pairs(more or {}) do
    entry[key] = value
  end
  list[#list + 1] = entry
end

-- A fault that is in the bytes of the answer. Ends the connection, unless
-- `more.stays`.
local function bytes(name, outcome, text, more)
  fault(name, outcome, { READ, { "send", text },
    more and more.stays and { "good" } or CLOSE }, more)
end

-- An orderly answer, after which the connection goes on.
local function answers(name, outcome, text, more)
  more = more or {}
  more.stays = true
  bytes(name, outcome, text, more)
end

-- --------------------------------------------------------------- connection

fault("does not listen", "not_sent", {}, { backlog = "closed", requests = 0 })
fault("lets nobody in", "dropped", {}, { backlog = "full", requests = 0 })
fault("closes at once", "at_once", { CLOSE }, { requests = 0 })
fault("resets at once", "at_once", { RESET }, { requests = 0 })
fault("resets after 1 byte", "unknown", { { "take", 1 }, RESET },
  { requests = 0 })
fault("resets within the head", "unknown", { { "take", 40 }, RESET },
  { requests = 0 })
fault("resets after the head", "unknown", { { "head" }, RESET },
  { requests = 1 })
fault("resets after the request", "unknown", { READ, RESET })
fault("closes after the request", "unknown", { READ, CLOSE })
fault("reads nothing and says nothing", "late", { STALL }, { requests = 0 })
fault("reads the request and says nothing", "late", { READ, STALL })
fault("resets within the status line", "unknown",
  { READ, { "send", "HTTP/1.1 2" }, PAUSE, RESET })
fault("resets within the headers", "unknown",
  { READ, { "send", "HTTP/1.1 200 OK\r\nX: 1\r\n" }, PAUSE, RESET })
fault("resets within the body", "unknown",
  { READ, { "send", answer(GOOD):sub(1, -5) }, PAUSE, RESET })
fault("sends a byte a second", "late", { READ, { "drip", answer(GOOD), 1 } })
fault("sends a byte of a header now and then", "late", { READ,
  { "send", "HTTP/1.1 200 OK\r\n" }, { "drip", "X: " .. ("x"):rep(500), 0.05 } })
fault("sends a byte of the body now and then", "late", { READ,
  { "send", "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" },
  { "drip", (" "):rep(900), 0.05 } })
fault("says no more before the body", "late", { READ,
  { "send", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" }, STALL })
fault("pauses before it answers", "fine",
  { READ, { "sleep", 0.1 }, { "send", answer(GOOD) }, { "good" } })

-- -------------------------------------------------------------------- head

bytes("speaks another protocol", "protocol", "220 mail.example ESMTP\r\n")
bytes("speaks HTTP/0.9", "protocol", GOOD)
bytes("speaks HTTP/9", "protocol", "HTTP/9.1 200 OK\r\n\r\n" .. GOOD)
bytes("sends bytes without sense", "protocol", ("\0\255\1\254"):rep(99))
bytes("sends a status that is no number", "protocol",
  "HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\n{}")
bytes("sends a header without a colon", "protocol",
  "HTTP/1.1 200 OK\r\ngarbage\r\n\r\n")
bytes("sends a zero in a header", "protocol",
  "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}")
bytes("folds a header", "either",
  "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: " .. #GOOD .. "\r\n\r\n"
  .. GOOD)
bytes("begins its headers with a blank", "protocol", "HTTP/1.1 200 OK\r\n X: a\r\n"
  .. "Content-Length: " .. #GOOD .. "\r\n\r\n" .. GOOD)
bytes("ends its lines with line feeds alone", "protocol",
  "HTTP/1.1 200 OK\nContent-Length: " .. #GOOD .. "\n\n" .. GOOD)
bytes("sends more headers than 5,000", "limit", "HTTP/1.1 200 OK\r\n"
  .. ("X: a\r\n"):rep(5000) .. "Content-Length: " .. #GOOD .. "\r\n\r\n" .. GOOD)
bytes("sends a header of 9 KiB", "limit", "HTTP/1.1 200 OK\r\nX: "
  .. ("x"):rep(9216) .. "\r\nContent-Length: " .. #GOOD .. "\r\n\r\n" .. GOOD)
bytes("sends a header of 1 MiB", "limit", "HTTP/1.1 200 OK\r\nX: "
  .. ("x"):rep(2 ^ 20) .. "\r\nContent-Length: 2\r\n\r\n{}")
fault("floods with headers", "limit", { READ, { "send", "HTTP/1.1 200 OK\r\n" },
  { "flood", ("X: y\r\n"):rep(1000), 1e9 } })
fault("floods with interim answers", "limit", { READ,
  { "flood", "HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n", 1e9 } }, { sent = "any" })
fault("never sends its 100-continue", "fine", { { "head" }, { "sleep", 0.1 },
  { "send", answer(GOOD) }, CLOSE })
answers("sends a 100-continue that nobody asked for", "fine",
  "HTTP/1.1 100 Continue\r\n\r\n" .. answer(GOOD))
fault("sends a 100-continue and no more", "late", { READ,
  { "send", "HTTP/1.1 100 Continue\r\n\r\n" }, STALL })
bytes("ends within the headers", "unknown", "HTTP/1.1 200 OK\r\nX: 1\r\n")

-- ------------------------------------------------------------------ framing

local function length(value, body)
  return ("HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n%s"):format(value,
    body or GOOD)
end

bytes("announces more than it sends", "unknown", length(#GOOD + 5))
bytes("announces less than it sends", "protocol", length(#GOOD - 5),
  { sent = true })
bytes("announces a negative length", "protocol", length("-5"))
bytes("announces a length that is no number", "protocol", length("x"))
bytes("announces a signed length", "protocol", length("+" .. #GOOD))
bytes("announces two lengths", "protocol", length(#GOOD
  .. "\r\nContent-Length: " .. #GOOD + 5))
bytes("announces two lengths that are alike", "protocol", length(#GOOD
  .. "\r\nContent-Length: " .. #GOOD))
bytes("announces two lengths in a line", "protocol",
  length(("%d, %d"):format(#GOOD, #GOOD)))
bytes("announces a length with a fraction", "protocol", length(#GOOD .. ".0"))
bytes("announces a length beyond measure", "limit", length(("9"):rep(40)))
bytes("announces a length and chunks", "protocol", length(#GOOD + 99
  .. "\r\nTransfer-Encoding: chunked", chunk(GOOD) .. "0" .. LEFT .. LEFT))
bytes("sends a body without a length", "fine", "HTTP/1.1 200 OK\r\n\r\n" .. GOOD)
answers("sends a body in chunks", "fine", CHUNKED .. chunk(GOOD:sub(1, 9))
  .. chunk(GOOD:sub(10)) .. "0" .. LEFT .. LEFT)
bytes("sends a chunk without a size", "protocol", CHUNKED .. "zz\r\nok\r\n")
bytes("sends a chunk beyond measure", "limit", CHUNKED
  .. "ffffffffffffffff\r\n" .. GOOD)
bytes("sends a chunk of a negative size", "protocol", CHUNKED .. "-5\r\n" .. GOOD)
bytes("sends a chunk without its end", "protocol", CHUNKED
  .. "2\r\n{}xx2\r\n{}\r\n0\r\n\r\n")
bytes("ends before the last chunk", "unknown", CHUNKED .. chunk(GOOD))
fault("sends a chunk extension of 1 MiB", "limit", { READ, { "send", CHUNKED
  .. ("%x;"):format(#GOOD) .. ("x"):rep(2 ^ 20) .. LEFT .. GOOD .. LEFT .. "0"
  .. LEFT .. LEFT }, CLOSE })
fault("floods with trailers", "limit", { READ, { "send", CHUNKED .. chunk(GOOD)
  .. "0" .. LEFT }, { "flood", ("X: y\r\n"):rep(1000), 1e9 } })
fault("floods with chunks", "limit", { READ, { "send", CHUNKED },
  { "flood", chunk((" "):rep(1000)), 1e9 } })
fault("floods with body", "limit", { READ, { "send", "HTTP/1.1 200 OK\r\n\r\n" },
  { "flood", (" "):rep(1000), 1e9 } })
bytes("announces a body over the cap", "limit", length(1048577, ""))
bytes("sends a body with a 204", "protocol", answer(GOOD, "204 No Content"),
  { sent = true, status = 204 })
bytes("sends a body with a 304", "protocol", answer(GOOD, "304 Not Modified"),
  { sent = true, status = 304 })

-- ----------------------------------------------------------------- encoding

answers("calls gzip what is none", "fine",
  answer(GOOD, nil, "Content-Encoding: gzip\r\n"))
-- A tiny stored gzip member; three names of the encoding change nothing.
answers("compresses though nobody asked", "not_fine", answer(
  "\31\139\8\0\0\0\0\0\0\3\1\2\0\253\255{}", nil, "Content-Encoding: gzip\r\n"))
answers("says that it compressed three times", "not_fine", answer(
  "\31\139\8\0\0\0\0\0\0\3\1\2\0\253\255{}", nil,
  "Content-Encoding: gzip, gzip, gzip\r\n"))
bytes("calls gzip how it transfers", "protocol", "HTTP/1.1 200 OK\r\n"
  .. "Transfer-Encoding: gzip\r\n\r\n" .. GOOD)

-- ------------------------------------------------------------------- status

for _, status in ipairs{ 301, 302, 303, 307, 308 } do
  for where, location in pairs{
    ["itself"] = "/openapi/elsewhere", ["plain http"] = "http://127.0.0.1:1/",
    ["another host"] = "https://other.example/", ["a file"] = "file:///etc/passwd",
  } do
    answers(("redirects to %s by %d"):format(where, status), "not_fine",
      answer("", status .. " Moved", "Location: " .. location .. "\r\n"),
      { status = status })
  end
end
for _, status in ipairs{ 400, 401, 403, 404, 405, 413 } do
  answers("answers " .. status, "not_fine", answer("no", status .. " No"),
    { status = status })
end
for _, status in ipairs{ 500, 502, 503, 504 } do
  answers("answers " .. status, "unavailable",
    answer("<html>", status .. " Oh", "Retry-After: 0\r\n"), { status = status })
end
for name, header in pairs{
  ["without Retry-After"] = "", ["with Retry-After"] = "Retry-After: 0\r\n",
  ["with a date in Retry-After"] =
    "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n",
  ["with a negative Retry-After"] = "Retry-After: -1\r\n",
} do
  answers("answers 429 " .. name, "limited", answer("", "429 Slow", header),
    { status = 429 })
end
answers("answers 429 with a huge Retry-After", "limited",
  answer("", "429 Slow", "Retry-After: 99999999\r\n"),
  { status = 429, again = false })

-- --------------------------------------------------------------------- body

for name, body in pairs{
  ["HTML"] = "<html><body>no</body></html>", ["nothing"] = "",
  ["half of its JSON"] = GOOD:sub(1, -3), ["a byte order mark"] = "\239\187\191" .. GOOD,
  ["a name that is no UTF-8"] = '{"errcode":0,"\255\254":"",' .. CONTENT,
  ["a list"] = "[1]", ["a text"] = '"ok"', ["null"] = "null",
  ["a name twice"] = '{"errcode":0,"errcode":0,' .. CONTENT,
} do
  answers("answers with " .. name, "not_fine", answer(body), { status = 200 })
end
answers("writes errcode as a text", "fine", answer('{"errcode":"0",' .. CONTENT))
answers("writes errcode as a float", "fine", answer('{"errcode":0.0,' .. CONTENT))
answers("sends no errcode", "fine", answer("{" .. CONTENT))
answers("sends a text that is no UTF-8", "fine",
  answer('{"errcode":0,"errmsg":"\255\254",' .. CONTENT))
answers("refuses with a code as a text", "refusal", answer('{"errcode":"1015"}'))
answers("refuses with a code as a float", "refusal", answer('{"errcode":1015.0}'))
answers("says that it is busy", "busy", answer('{"errcode":-1,"errmsg":"busy"}'))

M.list = list

-- ---------------------------------------------------------------------- TLS

-- Servers that break before there is a connection to ask on. `cert` names a
-- certificate of authority.sh and `options` what else openssl is told;
-- `steps` are those of a server without TLS, `attempts` what a call makes
-- that must not be sent twice.
M.tls = {
  { name = "shows an expired certificate", cert = "old",
    attempts = 1 },
  { name = "shows the certificate of another host", cert = "other",
    attempts = 1 },
  { name = "shows a certificate that signed itself", cert = "alone",
    attempts = 1 },
  { name = "shows a certificate of an unknown authority", cert = "strange",
    attempts = 1 },
  { name = "speaks TLS 1.0 only", cert = "good",
    options = "-tls1 -cipher ALL:@SECLEVEL=0" },
  { name = "speaks TLS 1.1 only", cert = "good",
    options = "-tls1_1 -cipher ALL:@SECLEVEL=0" },
  { name = "wants a certificate that the caller has not", cert = "good",
    options = "-Verify 1 -verify_return_error -tls1_2" },
  { name = "answers without TLS", steps = { { "take", 1 },
    { "send", answer(GOOD) }, STALL } },
  { name = "sends bytes without sense", steps = { { "take", 1 },
    { "send", ("\0\255\1\254"):rep(99) }, STALL } },
  { name = "sends half a record", kind = "timeout", steps = { { "take", 1 },
    { "send", "\22\3\3\0\90\2" }, STALL } },
  { name = "says nothing in the handshake", kind = "timeout",
    steps = { STALL } },
  { name = "closes in the handshake", kind = "tls transport", attempts = 3,
    steps = { { "take", 1 }, CLOSE } },
  { name = "resets in the handshake", kind = "tls transport", attempts = 3,
    steps = { { "take", 1 }, RESET } },
}

-- Servers that ask for a new handshake on a connection in use, and how to say
-- so to renegotiate.c. Who goes along gets the answer; but not for ever.
M.renegotiating = {
  { name = "asks for a new handshake before it answers", how = "before" },
  { name = "asks for a new handshake within the answer", how = "within" },
  { name = "asks for new handshakes for ever", how = "ever", forever = true },
}

return M
