--- What is to be done with the dead of an inbox's file while another process has
-- that: a file beside it. Whoever has the inbox looks for it, does what it says
-- and removes it.

local journals = require "wxbot.util.journal"
local number = require "wxbot.util.text".number

local io_open = io and io.open -- a host may have no files
local remove = os.remove
local ipairs, match = ipairs, string.match

local M = {}

local function options_of(path, owner)
  return { path = path .. ".orders", kind = "wxbot-inbox-orders", version = 1,
    owner = owner }
end

--- Orders something.
---@param path string of the inbox
---@param owner string its owner
---@param verb string "retry" | "purge"
---@param ids integer[]
---@return true|nil done
---@return wxbot.Error|nil err
function M.give(path, owner, verb, ids)
  local journal, err = journals.open(options_of(path, owner), function()
    return true
  end)
  local done = journal ~= nil
  for _, id in ipairs(ids) do
    if done then
      done, err = journal:append(("%s %.0f"):format(verb, id))
    end
  end
  if journal then
    journal:close()
  end
  return done or nil, err
end

-- Adds one; what is to be done with many in a row is one order.
local function add(orders, verb, id)
  local last = orders[#orders]
  if not verb then
    return
  elseif not last or last.verb ~= verb then
    last = { verb = verb, ids = {} }
    orders[#orders + 1] = last
  end
  last.ids[#last.ids + 1] = number(id)
end

--- Does what was ordered; what cannot be read now, because somebody writes it,
--- can be the next time.
---@param path string of the inbox
---@param owner string
---@param verbs table<string, fun(ids: integer[])>
function M.take(path, owner, verbs)
  local options = options_of(path, owner)
  local file = io_open(options.path, "rb")
  if not file then
    return
  end
  file:close()
  local orders = {}
  local journal = journals.open(options, function(line)
    add(orders, match(line, "^([a-z]+) ([0-9]+)$"))
    return true
  end)
  if not journal then
    return
  end
  for _, order in ipairs(orders) do
    if verbs[order.verb] then
      verbs[order.verb](order.ids)
    end
  end
  remove(options.path)
  journal:close()
end

return M
