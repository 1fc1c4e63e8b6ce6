-- What takes part in a measurement is a process of its own that reads lines
-- "OPERATION SIZE COUNT" and answers each with the CPU seconds of so many
-- calls, or with one result if COUNT is 0. Its first line names its
-- operations; "absent: …" says why it takes no part.

local M = {}

-- ------------------------------------------------------------ the asking side

--- Starts a party. It ends when we do.
---@param command string of the shell
---@return table party has(operation), ask(operation, size, count) -> line; absent: why, if it is
function M.start(command)
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute(("mkfifo -m 600 '%s'"):format(path)))
  local input = assert(io.popen(("exec %s >'%s'"):format(command, path), "w"))
  local output = assert(io.open(path))
  os.remove(path)
  local first = output:read("*l") or "absent: it does not start"
  local operations = {}
  for name in first:gmatch("%S+") do
    operations[name] = true
  end
  return {
    absent = first:match("^absent: (.*)"),
    has = function(name)
      return operations[name] == true
    end,
    ask = function(name, size, count)
      input:write(("%s %d %d\n"):format(name, size, count))
      input:flush()
      return output:read("*l") or error(command .. " ended")
    end,
  }
end

-- --------------------------------------------------------- the answering side

local JIT = type(jit) == "table"

-- A loop of its own for every measurement: LuaJIT compiles each for what it
-- sees in it. Inputs are distinct and results stay alive.
local LOOP = [[
  local call, self, inputs, slots = ...
  local kept, slot = {}, 0
  return function(count)
    for _ = 1, count do
      slot = slot % slots + 1
      kept[slot] = call(self, inputs[slot])
    end
    return kept[slot]
  end
]]

--- A loop over distinct inputs, as many as bench/floor.c has.
---@param size integer bytes of an input
---@param make fun(size: integer): any
---@param call fun(self: any, input: any): any what is measured
---@param self any
---@return fun(count: integer): any run returns the last result
function M.loop(size, make, call, self)
  local inputs = {}
  local slots = math.min(64, math.max(4, math.floor(262144 / size)))
  for i = 1, slots do
    inputs[i] = make(size)
  end
  return assert((JIT and loadstring or load)(LOOP))(call, self, inputs, slots)
end

--- Answers until the input ends.
-- Each operation makes, for a size, a function that is called with a count and
-- returns a result and what else is to be told of the calls.
---@param operations table<string, fun(size: integer): fun(count: integer): any, any>
function M.serve(operations)
  local names = {}
  for name in pairs(operations) do
    names[#names + 1] = name
  end
  io.write(table.concat(names, " "), "\n")
  io.flush()
  local prepared = {}
  for line in io.lines() do
    local name, size, count = line:match("(%S+) (%d+) (%d+)")
    if prepared.what ~= name .. size then
      -- What was prepared before is no part of the figures, nor is what
      -- preparing leaves behind.
      prepared.run = nil
      collectgarbage()
      prepared.what = name .. size
      prepared.run = operations[name](tonumber(size))
      collectgarbage()
    end
    if count == "0" then
      print((prepared.run(1)))
    else
      local began = os.clock()
      local _, note = prepared.run(tonumber(count))
      print(("%.9f %s"):format(os.clock() - began, note or ""))
    end
    io.flush()
  end
end

--- Says that there is nothing to measure, and ends.
---@param why string
function M.absent(why)
  print("absent: " .. why:gsub("\n.*", ""))
  os.exit(0)
end

return M
