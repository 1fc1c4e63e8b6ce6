-- The kills as a program: `make inbox`. N: number of pushes, 100000; SEED.

local kills = require "spec.hardening.inbox.kills"
local start = require "spec.server.start"

local USERS = 500

local pushes = tonumber(os.getenv("N") or 100000)
local seed = tonumber(os.getenv("SEED") or os.time() % 1000000)
assert(pushes and pushes >= USERS and seed, "N and SEED must be numbers")
print(("%d pushes of %d users, seed %d"):format(pushes, USERS, seed))

local on_terminal = os.execute("test -t 2")
local progress = on_terminal == true and function(done, all)
  io.stderr:write(("\r%d of %d"):format(done, all))
end or nil

local ok, world = pcall(kills.run, { users = USERS,
  each = math.floor(pushes / USERS), flight = 50, seed = seed, pause = 4,
  progress = progress })
start.stop_all()
if not ok then
  io.stderr:write(tostring(world), "\n")
  os.exit(1)
end
print(("answered with 200: %d; not, and sent again: %d; nginx killed: %d times")
  :format(world.answered, world.again, world.kills))
print(("handled twice: %d; %d s; the file at the end: %d bytes"):format(
  world.twice, world.seconds, world.bytes))
for i, wrong in ipairs(world.wrong) do
  if i <= 20 then
    print("WRONG: " .. wrong)
  end
end
print(#world.wrong .. " lost, or out of order")
os.exit(#world.wrong == 0 and 0 or 1)
