-- Runs busted in the worker of nginx.conf, in a timer, where sockets are.
local watch = require "spec.support.watch"

local M = {}

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do
    list[#list + 1] = word
  end
  return list
end

-- Leaves the number of failures for spec/nginx/run, and ends nginx.
local function leave(code)
  local file = assert(io.open(os.getenv("WXBOT_SPEC_WORK") .. "/rc", "w"))
  file:write(code, "\n")
  file:close()
  io.stdout:flush()
  os.exit(0)
end

-- What nginx has logged after the last spec must hold no secret either.
local function look_at_log()
  local clean, message = pcall(watch.judge)
  if not clean then
    io.stdout:write(tostring(message), "\n")
  end
  return clean
end

-- busted tells the number of what failed by its way to exit.
local function exit(code)
  if type(code) ~= "number" then
    code = code and 0 or 1
  end
  if not look_at_log() and code == 0 then
    code = 1
  end
  leave(math.min(code, 100))
end

local function run(premature)
  if premature then
    return
  end
  setmetatable(_G, nil) -- nginx warns of new globals; busted makes some
  io.stdout:setvbuf("no")
  _G.print = function(...)
    local texts = { ... }
    for i = 1, select("#", ...) do
      texts[i] = tostring(texts[i])
    end
    io.stdout:write(table.concat(texts, "\t"), "\n")
  end
  watch.follow(os.getenv("WXBOT_SPEC_WORK") .. "/error.log")
  _G.arg = words(os.getenv("WXBOT_SPEC"))
  table.insert(_G.arg, 1, "--output=plainTerminal")
  _G.arg[0] = "spec/nginx/boot.lua"
  require("busted.compatibility").exit = exit
  local ok, message = xpcall(function()
    require "busted.runner" { standalone = false }
  end, debug.traceback)
  if not ok then
    io.stdout:write("busted ended with an error: ", tostring(message), "\n")
  end
  leave(ok and look_at_log() and 0 or 1)
end

function M.start()
  assert(ngx.timer.at(0, run))
end

return M
