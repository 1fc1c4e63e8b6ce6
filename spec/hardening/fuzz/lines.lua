-- Tells which share of the lines of lua/wxbot the kept inputs reach, of files
-- that they reach at all: .ci/lua 5.4 spec/hardening/fuzz/lines.lua HARNESS... Lines that
-- only loading a file runs do not count for it.
local inputs = require "spec.hardening.fuzz.inputs"

local luac = os.getenv("LUAC") or "luac5.4"

-- An `end` is a line of code even where each branch has returned before it.
local function ends_of(path)
  local ends, i = {}, 0
  for text in io.lines(path) do
    i = i + 1
    ends[i] = text:find("^%s*end[,)}]*$") ~= nil
  end
  return ends
end

-- The lines of functions, by luac; "main" is what loading runs.
local function lines_of(path)
  local lines, inside, ends = {}, false, ends_of(path)
  local listing = assert(io.popen(luac .. " -l -p '" .. path .. "'"))
  for text in listing:lines() do
    if text:find("^main <") or text:find("^function <") then
      inside = text:find("^function") ~= nil
    end
    local line = inside and text:match("^%s+%d+%s+%[(%d+)%]")
    if line and not ends[tonumber(line)] then
      lines[tonumber(line)] = true
    end
  end
  listing:close()
  return lines
end

-- source -> line -> true
local reached = {}
local function note(_, line)
  local source = debug.getinfo(2, "S").source
  reached[source] = reached[source] or {}
  reached[source][line] = true
end

-- In a thread, because the transport for nginx waits in none but those.
local function run(check, bytes)
  local thread = coroutine.create(check)
  debug.sethook(thread, note, "l")
  assert(coroutine.resume(thread, bytes))
end

local function replay(name)
  local check = require("spec.hardening.fuzz.checks." .. name)
  for _, bytes in ipairs(inputs.read(("spec/hardening/fuzz/corpus/%s.txt"):format(name))) do
    run(check, bytes)
  end
end

for _, name in ipairs(arg) do
  if package.searchpath("spec.hardening.fuzz.checks." .. name, package.path) then
    replay(name)
  end
end

local paths = {}
for source in pairs(reached) do
  paths[#paths + 1] = source:match("^@(lua/wxbot/.*)$")
end
table.sort(paths)
for _, path in ipairs(paths) do
  local all, hit = 0, 0
  for line in pairs(lines_of(path)) do
    all = all + 1
    hit = hit + (reached["@" .. path][line] and 1 or 0)
  end
  print(("%-50s %4d of %4d lines  %5.1f %%"):format(path, hit, all,
    100 * hit / all))
end
