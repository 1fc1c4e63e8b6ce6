-- A name server on 127.0.0.1: `lua5.4 dns.lua PORT`. Names that end in .test
-- are 127.0.0.1, those in .silent get no answer, all others do not exist.
local socket = require "socket"

local server = assert(socket.udp())
assert(server:setsockname("127.0.0.1", tonumber(arg[1])))
server:settimeout(120) -- a server whose spec was killed goes away
print("ready")
io.stdout:flush()

-- The labels of the question, and where it ends.
local function question_of(query)
  local labels, at = {}, 13
  while query:byte(at) > 0 do
    local length = query:byte(at)
    labels[#labels + 1] = query:sub(at + 1, at + length)
    at = at + length + 1
  end
  return labels, query:sub(13, at + 4)
end

local ADDRESS = "\192\12\0\1\0\1\0\0\0\1\0\4\127\0\0\1"

while true do
  local query, host, port = server:receivefrom()
  if not query then
    break
  end
  local labels, question = question_of(query)
  local kind = labels[#labels]
  local found = kind == "test"
  if kind ~= "silent" then
    server:sendto(query:sub(1, 2) .. (found and "\129\128" or "\129\131")
      .. "\0\1" .. (found and "\0\1" or "\0\0") .. "\0\0\0\0" .. question
      .. (found and ADDRESS or ""), host, port)
  end
end
