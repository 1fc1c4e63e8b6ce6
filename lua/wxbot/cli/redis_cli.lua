--- Sends commands to a Redis with the program redis-cli, for commands of ours that
--- run once.

local errors = require "wxbot.util.errors"
local shell = require "wxbot.serve.shell"
local texts = require "wxbot.util.text"

local error, io, pcall = error, io, pcall
local concat, match = table.concat, string.match
local remove, tmpname = os.remove, os.tmpname

local M = {}

-- The password comes by standard input, for arguments can be read by everybody.
-- The last line of what is said is the program's status.
local SCRIPT = [[
IFS= read -r password
[ -z "$password" ] || export REDISCLI_AUTH="$password"
redis-cli --raw -e -h %s -p %d -n %d %s >%s 2>&1 </dev/null
echo $? >>%s]]

-- The program of a shell that is not there.
local NOT_FOUND = "127"

local function missing()
  error(errors.new{ kind = "unavailable", code = "redis-cli", sent = false,
    message = "redis-cli is missing, which asks Redis here",
    hint = "Debian has it in the package redis-tools" }, 0)
end

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text or ""
end

-- Runs the script; what the program says, and its status.
local function run(script, password, place)
  local pipe, message = io.popen(script, "w")
  if not pipe then
    return message
  end
  pipe:write(password or "", "\n")
  pipe:close()
  local text, status = match(read(place), "^(.*\n)([0-9]+)\n$")
  if not text then
    text, status = "", match(read(place), "^([0-9]+)\n$")
  end
  return text, status
end

--- Makes what sends commands. A reply is a text, also where it is a number.
---@param where table of wxbot.serve.redis_url
---@param password string|nil
---@return fun(...: string): string|nil, string|nil command
function M.new(where, password)
  return function(...)
    local words, place = { ... }, tmpname()
    for i = 1, #words do
      words[i] = shell.quote(words[i])
    end
    local quoted = shell.quote(place)
    local ran, text, status = pcall(run, SCRIPT:format(shell.quote(where.host),
      where.port, where.db, concat(words, " "), quoted, quoted), password, place)
    remove(place)
    if not ran then
      error(text, 0)
    elseif status == NOT_FOUND then
      missing()
    elseif status ~= "0" then
      return nil, texts.trim(text)
    end
    return (text:gsub("\n$", ""))
  end
end

return M
