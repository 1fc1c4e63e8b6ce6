--- What is to be done with the dead of an inbox's file while another process has
-- that: a file beside it. Whoever has the inbox looks for it, does what it says
-- and removes it.

local journals = require "wxbot.util.journal"

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

--- Does what was ordered; what cannot be read now, because somebody writes it,
--- can be the next time.
---@param path string of the inbox
---@param owner string
---@param verbs table<string, fun(id: string)>
function M.take(path, owner, verbs)
  local options = options_of(path, owner)
  local file = io_open(options.path, "rb")
  if not file then
    return
  end
  file:close()
  local orders = {}
  local journal = journals.open(options, function(line)
    orders[#orders + 1] = { match(line, "^([a-z]+) ([0-9]+)$") }
    return true
  end)
  if not journal then
    return
  end
  for _, order in ipairs(orders) do
    if verbs[order[1]] then
      verbs[order[1]](order[2])
    end
  end
  remove(options.path)
  journal:close()
end

return M
