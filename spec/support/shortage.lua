-- A process without descriptors: run as
--   LUA spec/support/shortage.lua WHAT URL TLS_URL CA_FILE
-- With none left, then with one, two and so on it makes the calls of each kind
-- of transport, and prints what came of them, a line each; WHAT is the
-- transport. After each the same transport must be of use again.

local loop_of = require "wxbot.transport.loop"
local process = require "spec.process"
local shared = require "wxbot.transport.default"
local wxbot = require "wxbot"

local what, url, tls_url, ca_file = arg[1], arg[2], arg[3], arg[4]

local LIMIT, MOST = 48, 13

-- Opens files until `left` descriptors are left.
local function exhaust(left)
  local files = {}
  process.limit(LIMIT)
  repeat
    local file = io.open("/dev/null")
    files[#files + 1] = file
  until not file
  for _ = 1, left do
    table.remove(files):close()
  end
  return files
end

local function restore(files)
  for _, file in ipairs(files) do
    file:close()
  end
end

local function post(address)
  return { method = "POST", url = address, body = "x", timeout = 5 }
end

local function plainly(transport, address)
  return transport:request(post(address))
end

local function in_fiber(loop, address)
  local answer, err
  loop:spawn(function()
    answer, err = loop:request(post(address))
  end)
  loop:run()
  return answer, err
end

local function new_loop()
  return loop_of.new{ ca_file = ca_file }
end

local WAYS = {
  curl = { function() return wxbot.curl{ ca_file = ca_file } end, plainly },
  loop = { new_loop, plainly },
  fiber = { new_loop, in_fiber },
  default = { function() return shared end, plainly },
}

-- A transport made when there are descriptors, or when there are none.
local function try(early, left, address)
  local make, call = WAYS[what][1], WAYS[what][2]
  local transport = early and make() or nil
  local files = exhaust(left)
  local ran, answer, err = pcall(function()
    transport = transport or make()
    return call(transport, address)
  end)
  restore(files)
  print(ran, answer and answer.body or err and err.kind or answer,
    err and tostring(err.sent), err and err.message)
  assert(assert(call(transport, url)).body == "x")
  if transport.close then
    transport:close()
  end
end

WAYS[what][2](WAYS[what][1](), url) -- loads what is loaded late
for left = 0, MOST do
  for _, early in ipairs{ true, false } do
    try(early, left, url)
    try(early, left, url:gsub("127.0.0.1", "localhost"))
    if what ~= "default" then
      try(early, left, tls_url)
    end
  end
end
print "done"
