-- busted's own command asks for a `lua` and picks the interpreter by a flag;
-- started like this it runs on the Lua that runs this file.

-- `make check` runs specs that start no process (.ci/quick.lua); who does is
-- told.
if os.getenv("SPECS_START_NO_PROCESS") then
  local function refuse()
    error("this spec is said to start no process: see .ci/quick.lua", 2)
  end
  io.popen, os.execute = refuse, refuse -- luacheck: ignore
end

require "busted.runner" { standalone = false }
