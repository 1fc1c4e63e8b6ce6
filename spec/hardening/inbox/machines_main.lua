-- Redis and several receivers as a program: `make inbox-redis`. N: number of
-- pushes, 100000; SEED.

local machines = require "spec.hardening.inbox.machines"
local start = require "spec.server.start"

local USERS, RECEIVERS = 500, 3

local pushes = tonumber(os.getenv("N") or 100000)
local seed = tonumber(os.getenv("SEED") or os.time() % 1000000)
assert(pushes and pushes >= USERS and seed, "N and SEED must be numbers")
math.randomseed(seed)
print(("%d pushes of %d users to %d receivers, seed %d"):format(pushes, USERS,
  RECEIVERS, seed))

local ok, world = pcall(machines.run, { users = USERS, receivers = RECEIVERS,
  each = math.floor(pushes / USERS), flight = 50, pause = 5 })
start.stop_all()
if not ok or not world then
  io.stderr:write(world and tostring(world)
    or "nginx has no client of Redis here: lua-nginx-redis", "\n")
  os.exit(1)
end
print(("answered with 200: %d; not, and sent again: %d; nginx killed: %d times, "
  .. "Redis once"):format(world.answered, world.again, world.kills))
print(("handled twice: %d; pushed in %.0f s, handled in %.0f s"):format(world.twice,
  world.pushed, world.seconds))
for i, wrong in ipairs(world.wrong) do
  if i <= 20 then
    print("WRONG: " .. wrong)
  end
end
print(#world.wrong .. " lost, or out of order")
os.exit(#world.wrong == 0 and 0 or 1)
