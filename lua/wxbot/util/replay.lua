--- Reads what a journal has (wxbot.util.journal).

local open_file = require "wxbot.util.open_file"
local texts = require "wxbot.util.text"

local error, pcall = error, pcall
local concat = table.concat
local find, match, sub = string.find, string.match, string.sub

local M = {}

-- Bytes that are read at once.
local CHUNK = 65536

--- The first line of a journal.
---@param options table kind, version, owner
---@param written integer bytes when it was last written anew, 0: it never was
---@return string line as long, whatever that is
function M.first_line(options, written)
  return ("%s %d %s %015d\n"):format(options.kind, options.version,
    options.owner, written)
end

-- What is wrong with the first line of a file, nil if nothing is; whose it is
-- and its bytes when it was last written anew.
local function wrong_head(line, options)
  local kind, rest = match(line, "^([a-z-]+) (.*)\n$")
  local version, tail = match(rest or "", "^([0-9]+) (.+)$")
  local owner = match(tail or "", "^[^ ]+")
  if kind ~= options.kind or not owner then
    return ("it is no file of kind %s"):format(options.kind)
  elseif texts.number(version) ~= options.version then
    return ("it is of version %s, this is version %d"):format(version,
      options.version)
  elseif options.owner and owner ~= options.owner then
    return ("it belongs to %s, not to %s"):format(owner, options.owner)
  end
  return nil, owner, texts.number(sub(tail, #owner + 2)) or 0
end

-- The lines of a file with their ends; the last may have none. After them nil,
-- and why there are no more if reading failed. A file's own reading of lines
-- ends at a NUL in LuaJIT.
local function lines_of(file)
  local chunk, at, kept, failed = "", 1, {}, nil
  return function()
    while true do
      local stop = find(chunk, "\n", at, true)
      kept[#kept + 1] = sub(chunk, at, stop)
      at = stop and stop + 1
      if not stop then
        chunk, failed = file:read(CHUNK)
      end
      if failed then
        return nil, failed
      elseif stop or not chunk then
        local line = concat(kept)
        chunk, kept = chunk or "", {}
        return line ~= "" and line or nil
      end
      at = at or 1
    end
  end
end

-- Tells whether a file has less than its first line: nothing was ever added.
local function is_new(head, options)
  return head == nil or sub(head, -1) ~= "\n" and (not options.owner
    or sub(M.first_line(options, 0), 1, #head) == head)
end

-- Gives each record to on_record; returns the bytes of what is whole, or nil,
-- why one cannot be read, and which line that is.
local function records(next_line, on_record, bytes)
  local number, line, failed = 1, next_line()
  while line and sub(line, -1) == "\n" do
    number = number + 1
    local taken, reason = on_record(sub(line, 1, -2))
    if not taken then
      return nil, reason, number
    end
    bytes = bytes + #line
    line, failed = next_line()
  end
  if failed then
    return nil, failed, number + 1
  end
  return bytes
end

-- Reads a file from its beginning; returns the bytes of what is whole, whose it
-- is and its bytes when it was last written anew, or nil and why the file cannot
-- be used.
local function replay(file, options, on_record)
  local next_line = lines_of(file)
  local head, failed = next_line()
  if failed then
    return nil, failed
  elseif is_new(head, options) then
    return 0, options.owner, 0
  end
  local wrong, owner, written = wrong_head(head, options)
  if wrong then
    return nil, wrong
  end
  local bytes, reason, number = records(next_line, on_record, #head)
  if not bytes then
    return nil, ("line %d: %s"):format(number, reason)
  end
  return bytes, owner, written
end

--- Reads the file of a journal, by a handle of its own: what writes has no
--- buffer.
---@param options table path, kind, version; owner: nil, whoever
---@param on_record fun(record: string): any, string|nil nil and a reason: it cannot be read
---@return integer|nil bytes of what is whole
---@return string|nil owner whose it is, if it has a first line; with nil why it cannot be read
---@return integer|nil written bytes when it was last written anew, 0: it never was
function M.file(options, on_record)
  local file, reason = open_file(options.path)
  if not file then
    return nil, (match(reason, "^.*: (.*)$") or reason)
  end
  local ran, bytes, why, written = pcall(replay, file, options, on_record)
  file:close()
  if not ran then
    error(bytes, 0)
  end
  return bytes, why, written
end

--- Reads what was added to a file since.
---@param file file* without a buffer
---@param bytes integer of what is known
---@param on_record fun(record: string): any, string|nil as of `file`
---@return integer|nil bytes of what is whole
---@return string|nil reason why it cannot be read
function M.rest(file, bytes, on_record)
  local ok, reason = file:seek("set", bytes)
  if not ok then
    return nil, reason
  end
  bytes, reason = records(lines_of(file), on_record, bytes)
  return bytes, reason
end

return M
