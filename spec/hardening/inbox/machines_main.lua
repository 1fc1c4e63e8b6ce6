-- Redis and several receivers as a program: `make inbox-redis`. N: number of
-- pushes, 100000; SEED.

local machines = require "spec.hardening.inbox.machines"
local platform = require "spec.hardening.inbox.platform"
local start = require "spec.server.start"

local asked = platform.asked()
asked.receivers, asked.pause = 3, 5
math.randomseed(asked.seed)

local ran, world = pcall(machines.run, asked)
start.stop_all()
platform.tell(ran, world, "nginx has no client of Redis here: lua-nginx-redis",
  function()
    print(("nginx killed: %d times, Redis once; handled twice: %d"):format(
      world.kills, world.twice))
    print(("pushed in %.0f s, handled in %.0f s"):format(world.pushed,
      world.seconds))
    for _, line in ipairs(world.ended) do
      print("ended by itself: " .. line)
    end
  end)
