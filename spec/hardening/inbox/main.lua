-- The kills as a program: `make inbox`. N: number of pushes, 100000; SEED.

local kills = require "spec.hardening.inbox.kills"
local platform = require "spec.hardening.inbox.platform"
local start = require "spec.server.start"

local asked = platform.asked()
asked.pause = 4
if os.execute("test -t 2") == true then
  asked.progress = function(done, all)
    io.stderr:write(("\r%d of %d"):format(done, all))
  end
end

local ran, world = pcall(kills.run, asked)
start.stop_all()
platform.tell(ran, world, nil, function()
  print(("nginx killed: %d times; handled twice: %d; %d s; the file at the end: "
    .. "%d bytes"):format(world.kills, world.twice, world.seconds, world.bytes))
end)
