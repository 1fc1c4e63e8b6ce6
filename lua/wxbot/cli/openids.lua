--- Openids for `wxbot tag`, one by one: nothing is held but the line at hand.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local read = require "wxbot.cli.read"
local terminal = require "wxbot.cli.terminal"
local text = require "wxbot.util.text"

local M = {}

---@class wxbot.cli.Openids
---@field next fun(): string|nil
---@field total integer|nil how many there are, where that is known
---@field is_file boolean|nil it can be read more than once
---@field failure string|nil why reading stopped before the end

local function usage(message)
  return errors.invalid(message, "usage")
end

local function from_arguments(list)
  local i = 0
  return {
    total = #list,
    next = function()
      i = i + 1
      return list[i]
    end,
  }
end

-- Its `next` also tells the byte at which the next line begins; called with
-- that, it goes on there.
local function from_file(file, name)
  local source, offset = {}, 0
  function source.next(place)
    if place then
      file:seek("set", place)
      offset = place
    end
    local line, message
    repeat
      line, message = file:read("*l")
      if line == nil then
        source.failure = message and ("cannot read %s: %s"):format(name,
          message)
        return nil
      end
      local is_first = offset == 0
      offset = offset + #line + 1
      line = text.trim(is_first and text.without_mark(line) or line)
    until line ~= ""
    return line, offset
  end
  return source
end

local function choose(list, path)
  if #list == 1 and list[1] == "-" then
    list, path = {}, path or "-"
  end
  if path and #list > 0 then
    return usage("openids come from arguments or from --file, not from both")
  elseif #list > 0 then
    return from_arguments(list)
  elseif not path and terminal.is_terminal(0) then
    return usage("no openids: give them as arguments, in --file, or on "
      .. "standard input")
  end
  path = path or "-"
  local file, reason = read.open(path)
  if not file then
    return usage("cannot read " .. reason)
  end
  local source = from_file(file, read.name_of(path))
  source.is_file = path ~= "-" and file:seek() ~= nil
  return source
end

-- Bytes whose digest is taken at once.
local DIGESTED = 65536

--- A text that tells whether a file has changed.
---@param path string
---@return string|nil fingerprint
---@return wxbot.Error|nil err
function M.fingerprint(path)
  local file, reason = read.open(path)
  if not file then
    return usage("cannot read " .. reason)
  end
  local digest, size = "", 0
  local chunk, message
  repeat
    chunk, message = file:read(DIGESTED)
    -- LuaJIT takes a line that has one and the next for one.
    if chunk and chunk:find("\0", 1, true) then
      file:close()
      return usage(("%s is no text of UTF-8: there are NUL bytes in it"):format(
        path))
    elseif chunk then
      digest, size = core.sha256(digest .. chunk), size + #chunk
    end
  until not chunk
  file:close()
  if message then
    return usage(("cannot read %s: %s"):format(path, message))
  end
  return ("%d %s"):format(size, core.hex_encode(digest))
end

--- How many there are.
---@param source wxbot.cli.Openids
---@param look nil|fun(openid: string, number: integer)
---@return integer|nil count
---@return wxbot.Error|nil err
function M.count(source, look)
  local count = 0
  for openid in source.next do
    count = count + 1
    if look then
      look(openid, count)
    end
  end
  if source.failure then
    return errors.invalid(source.failure, "file")
  end
  return count
end

--- Opens what holds the openids, after those to be skipped.
---@param list string[] arguments
---@param path string|nil file, "-": standard input
---@param skip integer
---@return wxbot.cli.Openids|nil source
---@return wxbot.Error|nil err
function M.open(list, path, skip)
  local source, err = choose(list, path)
  for _ = 1, source and skip or 0 do
    if source.next() == nil then
      break
    end
  end
  return source, err
end

return M
