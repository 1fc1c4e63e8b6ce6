-- A platform in bad weather, for many calls at once: right answers, with
-- faults mixed in at random. Run as `lua5.4 storm.lua SEED APPID
-- AES_KEY`, one process over luv.
--
-- Every call brings a mark of its own, "call-N-end", and a right answer
-- brings it back. GET /ledger tells what was seen, a line each:
--   "fault NAME TIMES"
--   "call N SEEN DONE"   whole requests that came, and those carried out
--
-- It prints "port P", and ends with the process that started it.

local uv = require "luv"
local wxbot = require "wxbot"

local APPID, AES_KEY = arg[2], arg[3]
local FAULTY = 0.25 -- of the requests

math.randomseed(tonumber(arg[1]))
local crypt = assert(wxbot.msgcrypt(AES_KEY, APPID))

local seen, done, counts = {}, {}, {}

-- ------------------------------------------------------------------ answers

local function answer(body, status, headers)
  return ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s"):format(
    status or "200 OK", headers or "", #body, body)
end

-- Path of an endpoint -> its right answer around the mark.
local BODIES = {
  ["/openapi/sign/"] = '{"signature":"%s","expiresIn":7200}',
  ["/openapi/aibot/"] = '{"ret":0,"status":"FAQ","answer":"%s"}',
  ["/openapi/label/batchset/"] = '{"errcode":0,"msg":"%s"}',
  ["/openapi/bts/taskfetch/"] =
    '{"code":0,"request_id":"%s","data":{"state":2,"progress":100}}',
  ["/cgi-bin/freepublish/get"] = '{"publish_status":1,"publish_id":"%s"}',
}

local function body_for(path, mark)
  for prefix, body in pairs(BODIES) do
    if path:sub(1, #prefix) == prefix then
      return body:format(mark)
    end
  end
  error("what is " .. path)
end

-- ------------------------------------------------------------------- faults

local function close(conn)
  if not conn:is_closing() then
    conn:close()
  end
end

local function reset(conn)
  if not conn:is_closing() then
    conn:close_reset()
  end
end

local function send(conn, text, after)
  if not conn:is_closing() then
    conn:write(text, after and function()
      after(conn)
    end)
  end
end

local function later(seconds, callback)
  local timer = uv.new_timer()
  timer:start(math.floor(seconds * 1000), 0, function()
    timer:close()
    callback()
  end)
end

local CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

local function says(text)
  return function(conn)
    send(conn, text)
  end
end

-- Each is given the connection and the body of the right answer.
local FAULTS = {
  ["closes after the request"] = close,
  ["resets after the request"] = reset,
  ["cuts the status line"] = function(conn)
    send(conn, "HTTP/1.1 2", reset)
  end,
  ["cuts the headers"] = function(conn)
    send(conn, "HTTP/1.1 200 OK\r\nX: 1\r\n", close)
  end,
  ["cuts the body"] = function(conn, body)
    send(conn, answer(body):sub(1, -4), close)
  end,
  ["cuts the chunks"] = function(conn, body)
    send(conn, CHUNKED .. ("%x\r\n%s\r\n"):format(#body, body), close)
  end,
  ["has a broken chunk"] = function(conn)
    send(conn, CHUNKED .. "zz\r\n", close)
  end,
  ["sends garbage"] = function(conn)
    send(conn, ("\0\255\r\n"):rep(20), close)
  end,
  ["sends too long a header"] = function(conn)
    send(conn, "HTTP/1.1 200 OK\r\nX: " .. ("x"):rep(2 ^ 17), close)
  end,
  ["sends too long a body"] = function(conn)
    send(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n{", close)
  end,
  ["answers 500"] = says(answer("oh", "500 Oh")),
  ["answers 502"] = says(answer("<html>", "502 Oh")),
  ["answers 503"] = says(answer("", "503 Oh")),
  ["is busy"] = says(answer('{"errcode":-1,"errmsg":"system busy"}')),
  ["answers nothing"] = says(answer("")),
  ["answers half"] = function(conn, body)
    send(conn, answer(body:sub(1, -4)))
  end,
  ["answers HTML"] = says(answer("<html>")),
  ["redirects"] = says(answer("", "302 Found", "Location: /x\r\n")),
  ["claims gzip"] = says(answer("\31\139\8\0", nil, "Content-Encoding: gzip\r\n")),
  -- The right answer, in unusual ways.
  ["closes after the answer"] = function(conn, body)
    send(conn, answer(body), close)
  end,
  ["answers late"] = function(conn, body)
    later(0.05 + 0.1 * math.random(), function()
      send(conn, answer(body))
    end)
  end,
  ["answers bit by bit"] = function(conn, body)
    local text = answer(body)
    send(conn, text:sub(1, 9))
    later(0.005, function()
      send(conn, text:sub(10, 60))
      later(0.005, function()
        send(conn, text:sub(61))
      end)
    end)
  end,
  ["answers in chunks"] = function(conn, body)
    send(conn, CHUNKED .. ("1\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"):format(
      body:sub(1, 1), #body - 1, body:sub(2)))
  end,
  ["says continue first"] = function(conn, body)
    send(conn, "HTTP/1.1 100 Continue\r\n\r\n" .. answer(body))
  end,
}

-- Those that do not carry out the request.
local REFUSALS = {
  ["answers 429"] = says(answer("", "429 Slow down")),
}

-- Those that break before they have read it.
local EARLY = { ["closes unread"] = close, ["resets unread"] = reset }

-- Long for the caller, who waits for the deadline: seldom.
local SELDOM = { ["never answers"] = function() end }

local function names_of(faults)
  local names = {}
  for name in pairs(faults) do
    names[#names + 1] = name
    counts[name] = 0
  end
  table.sort(names)
  return names
end

local LISTS = { { 0.85, FAULTS }, { 0.06, REFUSALS }, { 0.07, EARLY },
  { 0.02, SELDOM } }
for _, list in ipairs(LISTS) do
  list.names = names_of(list[2])
end

-- A fault for a request, and the list that it is from; nil: none.
local function draw()
  if math.random() >= FAULTY then
    return nil
  end
  local luck = math.random()
  for _, list in ipairs(LISTS) do
    luck = luck - list[1]
    if luck < 0 or list == LISTS[#LISTS] then
      local name = list.names[math.random(#list.names)]
      counts[name] = counts[name] + 1
      return list[2][name], list[2]
    end
  end
end

-- ----------------------------------------------------------------- requests

local function ledger()
  local lines = {}
  for name, times in pairs(counts) do
    lines[#lines + 1] = ("fault %d %s"):format(times, name)
  end
  for number, times in pairs(seen) do
    lines[#lines + 1] = ("call %d %d %d"):format(number, times,
      done[number] or 0)
  end
  return table.concat(lines, "\n") .. "\n"
end

local function mark_of(body)
  local sealed = body:match('"encrypt":"([^"]+)"')
  local text = sealed and assert(crypt:decrypt(sealed)) or body
  return assert(text:match("call%-%d+%-end"), "a request without a mark")
end

local function serve(conn, path, body, fault, list)
  if path == "/ledger" then
    return send(conn, answer(ledger()))
  end
  local mark = mark_of(body)
  local number = tonumber(mark:match("%d+"))
  seen[number] = (seen[number] or 0) + 1
  if list ~= REFUSALS then
    done[number] = (done[number] or 0) + 1
  end
  local right = body_for(path, mark)
  if fault then
    fault(conn, right)
  else
    send(conn, answer(right))
  end
end

local function accept(server)
  local conn, input, fault, list = uv.new_tcp(), "", nil, nil
  local drawn = false
  server:accept(conn)
  conn:nodelay(true)
  conn:read_start(function(err, data)
    if err or not data then
      return close(conn)
    end
    input = input .. data
    if not drawn and not input:find("^GET") then
      fault, list = draw()
      drawn = true
      if list == EARLY then
        return fault(conn)
      end
    end
    local _, stop = input:find("\r\n\r\n", 1, true)
    local length = stop and tonumber(input:lower():match(
      "content%-length: *(%d+)")) or 0
    if stop and #input >= stop + length then
      local path, body = input:match("^%u+ (%S+)"), input:sub(stop + 1)
      input, drawn = "", false
      serve(conn, path, body, fault, list)
    end
  end)
end

local server = uv.new_tcp()
assert(server:bind("127.0.0.1", 0))
assert(server:listen(256, function(err)
  assert(not err, err)
  accept(server)
end))
print("port " .. server:getsockname().port)
io.stdout:flush()

-- Goes away with whoever started it.
local parent = uv.os_getppid()
uv.new_timer():start(1000, 1000, function()
  if uv.os_getppid() ~= parent then
    os.exit(0)
  end
end)
uv.run()
