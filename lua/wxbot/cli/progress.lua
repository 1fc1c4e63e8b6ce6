--- Progress on stderr: a bar on a terminal, lines anywhere else.

local terminal = require "wxbot.cli.terminal"

local floor, max, min = math.floor, math.max, math.min
local setmetatable = setmetatable
local stderr = io.stderr

local M = {}

---@class wxbot.cli.Progress
local Progress = {}
Progress.__index = Progress

local LONGEST_BAR = 40
local SHORTEST_BAR = 10

-- In a pipe, where nobody knows how many there are, a line for so many.
local STEP = 1000

-- What the text may grow by while a bar is on the screen.
local SLACK = 4

-- A bar that has not been ended by a newline.
local open = false

--- Ends a bar that is on the screen, so that a line can follow it.
function M.close()
  if open then
    open = false
    stderr:write("\n")
  end
end

--- Starts to show progress.
---@param only_bar boolean|nil write no lines where there is no terminal
---@return wxbot.cli.Progress
function M.new(only_bar)
  local on_terminal = terminal.is_terminal(2)
  return setmetatable({ on_terminal = on_terminal, only_bar = only_bar,
    steps = 0, width = on_terminal and terminal.width() or nil }, Progress)
end

local function filled(share, size)
  local done = floor(share * size)
  return ("#"):rep(done) .. ("."):rep(size - done)
end

-- Nobody knows how much is left: a mark that moves shows that it goes on.
local function moving(step, size)
  local at = step % (size - 2)
  return ("."):rep(at) .. "###" .. ("."):rep(size - 3 - at)
end

local function bar(progress, share, text)
  local size = progress.size
    or min(LONGEST_BAR, progress.width - #text - SLACK - 10)
  progress.size = size
  if size < SHORTEST_BAR then
    return text
  elseif share then
    return ("[%s] %3d %%  %s"):format(filled(share, size),
      floor(share * 100), text)
  end
  return ("[%s]  %s"):format(moving(progress.steps, size), text)
end

local function redraw(progress, share, text)
  -- In the last column some terminals would begin a new line.
  local line = bar(progress, share, text):sub(1, max(progress.width - 1, 1))
  local blank = (" "):rep((progress.drawn or 0) - #line)
  stderr:write("\r", line, blank)
  progress.drawn = #line
  open = true
end

--- Shows where things are.
---@param share number|nil 0 to 1; nil: not known
---@param text string one line, safe for a terminal, beside the bar
---@param line string|nil the same for a pipe, with the share in words; nil: this step is not worth a line
function Progress:update(share, text, line)
  self.steps = self.steps + 1
  if self.on_terminal then
    redraw(self, share and max(0, min(1, share)), text)
  elseif line and line ~= self.last and not self.only_bar then
    stderr:write(line, "\n")
    self.last = line
  end
end

--- Shows how many of many are done. In a pipe that is a line for every tenth.
---@param only_bar boolean|nil write no lines where there is no terminal
---@param total integer|nil
---@param verb string what is done to them
---@return fun(done: integer)
function M.counter(only_bar, total, verb)
  local shown, last = M.new(only_bar), 0
  local step = total and total / 10 or STEP
  return function(done)
    local text = total and ("%d of %d %s"):format(done, total, verb)
      or ("%d %s"):format(done, verb)
    local steps = floor(done / step)
    shown:update(total and done / total, text,
      (steps ~= last or done == total) and text or nil)
    last = steps
  end
end

return M
