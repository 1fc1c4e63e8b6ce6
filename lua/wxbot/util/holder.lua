--- Who holds a mutex, or runs a call that others wait for; and whether it is
--- gone.
--
-- A coroutine is gone when it is dead, or was collected since nobody could
-- resume it any more. nginx tells other requests nothing of a light thread that
-- was killed, or whose request has ended, and gives its coroutine to another
-- request. So there a light thread of the same request watches the holder: it
-- waits on a semaphore, and where nobody waits any more, the holder or all its
-- request is gone. Whoever vanished in another way is gone at its deadline.

local core = require "wxbot.core"

local package, pcall, require, setmetatable = package, pcall, require,
  setmetatable
local running, status = coroutine.running, coroutine.status

local M = {}

---@class wxbot.Holder
---@field ends number its deadline, by the clock of its client
---@field over boolean it holds no more
---@field watcher table|boolean a light thread and its semaphore; false: none

-- Seconds between two looks at a light thread.
local LOOK = 0.5

local ngx = package.loaded.ngx
local spawn, kill = ngx and ngx.thread and ngx.thread.spawn,
  ngx and ngx.thread and ngx.thread.kill
local new_semaphore = spawn and require "ngx.semaphore".new

-- A thread of nginx that has ended is a zombie until it is waited for.
local ENDED = { dead = true, zombie = true }

-- Holder -> the thread that it runs in, "main" for the main program of LuaJIT.
-- Neither is kept from being collected.
local threads = setmetatable({}, { __mode = "kv" })

local function has_ended(holder)
  local thread = threads[holder]
  return not thread or thread ~= "main" and ENDED[status(thread)] == true
end

local function watch(holder, semaphore, now)
  holder.watcher = { thread = running(), semaphore = semaphore }
  repeat
    semaphore:wait(LOOK)
  until holder.over or now() >= holder.ends or has_ended(holder)
end

--- Notes that the caller holds. Other light threads of its request may go on
--- meanwhile.
---@param holder wxbot.Holder a table with `ends`; the other fields are set
---@param now fun(): number the clock of its client
function M.begin(holder, now)
  threads[holder] = running() or "main"
  holder.over, holder.watcher = false, false
  -- Where it cannot wait nobody sees it hold; so is it in a phase without
  -- light threads.
  if spawn and core.isyieldable() then
    pcall(spawn, watch, holder, new_semaphore(), now)
  end
end

--- Notes that it holds no more. All fields are preset: that must not allocate.
---@param holder wxbot.Holder
function M.finish(holder)
  holder.over = true
  -- A thread that nobody waits for is kept until its parent has ended, unless
  -- it is killed.
  if holder.watcher then
    pcall(kill, holder.watcher.thread)
  end
end

--- Is it over, past its deadline, or has it ended in the middle?
---@param holder wxbot.Holder that has begun
---@param now number
---@return boolean
function M.is_gone(holder, now)
  if holder.over or now >= holder.ends then
    return true
  elseif holder.watcher and threads[holder] then
    return holder.watcher.semaphore:count() >= 0
  end
  return has_ended(holder)
end

--- Does it wait for the caller? That is so when it is the caller itself, or
--- has resumed it.
---@param holder wxbot.Holder that may not have begun
---@return boolean
function M.is_above(holder)
  local thread = threads[holder]
  return thread ~= nil and (thread == "main" or thread == running()
    or status(thread) == "normal")
end

return M
