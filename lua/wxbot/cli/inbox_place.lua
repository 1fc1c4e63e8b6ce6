--- Where an inbox of `receive` is, for the commands that look into it: in a file, or
-- in Redis.

local errors = require "wxbot.util.errors"
local files = require "wxbot.receive.inbox.file"
local look = require "wxbot.receive.inbox.look"
local orders = require "wxbot.receive.inbox.orders"
local redis = require "wxbot.receive.inbox.redis"
local redis_check = require "wxbot.receive.inbox.redis_check"
local redis_cli = require "wxbot.cli.redis_cli"
local redis_url = require "wxbot.serve.redis_url"

local assert, concat, time = assert, table.concat, os.time
local gmatch, match = string.gmatch, string.match

local M = {}

local function in_file(path)
  return {
    read = function()
      return assert(look.read(path))
    end,
    -- Whoever has the inbox does it, within a second; nobody, then it is done here.
    order = function(verb, ids, owner)
      assert(orders.give(path, owner, verb, ids))
      local file = files.open{ path = path, owner = owner, clock = time }
      if file then
        file:close()
      end
    end,
  }
end

-- Whose inbox is meant: the only one, or the one that is named.
local function owner_of(command, asked)
  local text = assert(redis_check.answered(command("SMEMBERS",
    redis_check.owners)))
  local owners = {}
  for owner in gmatch(text, "[^\n]+") do
    if asked == nil or owner == asked then
      owners[#owners + 1] = owner
    end
  end
  if #owners == 0 then
    assert(errors.invalid("there is no inbox"
      .. (asked and " of " .. asked or ""), "owner"))
  elseif #owners > 1 then
    assert(errors.invalid("there are several inboxes; name one by --owner: "
      .. concat(owners, ", "), "owner"))
  end
  return owners[1]
end

local function in_redis(session)
  local options = session.options
  local command = redis_cli.new(assert(redis_url.read(options.path)),
    session.credentials.redis_password)
  local owner = owner_of(command, options.owner)
  local inbox = assert(redis.open{ command = command, owner = owner,
    clock = time })
  return {
    read = function()
      local waiting, dead = inbox:list()
      assert(waiting, dead)
      return { owner = owner, kind = match(owner, "^[a-z_]+"),
        waiting = waiting, dead = dead }
    end,
    order = function(verb, ids)
      local _, err = inbox[verb](inbox, ids)
      assert(not err, err)
    end,
  }
end

--- The inbox that a command names.
---@param session wxbot.cli.Session options: path, owner
---@return table place read() gives what is in it; order(verb, ids, owner) has it done
function M.of(session)
  local options = session.options
  if redis_url.is_url(options.path) then
    return in_redis(session)
  elseif options.owner then
    assert(errors.invalid("--owner is for an inbox in Redis", "usage"))
  end
  return in_file(options.path)
end

return M
