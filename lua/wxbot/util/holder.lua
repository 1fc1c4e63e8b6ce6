--- Who holds a turn, or makes what others wait for; and whether it is gone.
--
-- A coroutine is gone when it was closed, or when nobody can resume it any
-- more. Of a light thread that was killed, or whose request has ended, nginx
-- tells other requests nothing, and its coroutine goes on with another one. So
-- there a light thread of the same request watches it, which waits on a
-- semaphore: where nobody waits any more, the holder or all its request is
-- gone.

local core = require "wxbot.core"

local package, pcall, require, setmetatable = package, pcall, require,
  setmetatable
local running, status = coroutine.running, coroutine.status

local M = {}

---@class wxbot.Holder
---@field over boolean it holds no more
---@field watched table|boolean who watches it, and the semaphore; false at first

-- Seconds between two looks at a light thread.
local LOOK = 0.5

-- Holder -> its thread; no thread is kept alive.
local threads = setmetatable({}, { __mode = "kv" })

local ngx = package.loaded.ngx
local spawn, kill = ngx and ngx.thread and ngx.thread.spawn,
  ngx and ngx.thread and ngx.thread.kill
local new_semaphore = spawn and require "ngx.semaphore".new

-- A thread of nginx that has ended is a zombie until it is waited for.
local ENDED = { dead = true, zombie = true }

local function has_ended(holder)
  local thread = threads[holder]
  return thread == nil or thread ~= "main" and ENDED[status(thread)] == true
end

local function watch(holder, semaphore)
  holder.watched = { thread = running(), semaphore = semaphore }
  repeat
    semaphore:wait(LOOK)
  until holder.over or has_ended(holder)
end

--- Notes that the caller holds. Other light threads of its request may go on
--- meanwhile.
---@param holder wxbot.Holder
function M.begin(holder)
  -- The main program of LuaJIT has no thread.
  threads[holder] = running() or "main"
  -- Where it cannot wait nobody sees it hold; so is it in a phase without
  -- light threads.
  if spawn and core.isyieldable() then
    pcall(spawn, watch, holder, new_semaphore())
  end
end

--- Notes that it holds no more; that needs no memory.
---@param holder wxbot.Holder
function M.finish(holder)
  holder.over = true
  -- A thread that nobody waits for is kept until its parent has ended, unless
  -- it is killed.
  if holder.watched then
    pcall(kill, holder.watched.thread)
  end
end

--- Has it ended in the middle?
---@param holder wxbot.Holder that has begun and is not over
---@return boolean
function M.is_gone(holder)
  if holder.watched and threads[holder] then
    return holder.watched.semaphore:count() >= 0
  end
  return has_ended(holder)
end

--- Does it wait for the caller? That is so when it is the caller itself, or
--- has resumed it.
---@param holder wxbot.Holder
---@return boolean
function M.is_above(holder)
  local thread = threads[holder]
  return thread ~= nil and (thread == "main" or thread == running()
    or status(thread) == "normal")
end

return M
