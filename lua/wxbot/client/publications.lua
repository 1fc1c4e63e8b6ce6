--- What was published, all of it: one page after another.

local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local fields_of = require "wxbot.call.schema.fields"

local floor, ipairs = math.floor, ipairs

local M = {}

local endpoint = by_name.freepublish_batchget

-- The most that the platform gives.
M.COUNT = 20

-- Where it stopped, and how to go on.
local function stopped(run, err)
  local offset = run.offset
  err.offset, err.advice = offset, ("go on with offset = %d"):format(offset)
  if err.kind == "limit" then
    err.advice = ("the one at offset %d is too large; behind it, go on with "
      .. "offset = %d"):format(offset, offset + 1)
  end
  return nil, err
end

-- A page; a smaller one, from then on, when it is too large.
local function page_of(run)
  local request = fields_of.pick(endpoint.request, run.params)
  request.offset = run.offset
  while true do
    request.count = run.count
    local page, err = call.run(run.state, endpoint, request, run.options)
    if page or err.kind ~= "limit" or run.count == 1 then
      return page, err
    end
    run.count = floor(run.count / 2)
  end
end

-- The next page, or nil behind the last one.
local function turn(run)
  if run.total and run.offset >= run.total then
    return nil
  end
  local page, err = page_of(run)
  if not page then
    return stopped(run, err)
  elseif #page.item == 0 then
    return nil
  end
  run.total = page.total_count
  run.offset = run.offset + #page.item
  for _, item in ipairs(page.item) do
    item.repaired = page.repaired
  end
  return page.item
end

--- An iterator over everything that was published. A failure comes as
-- `false, err`, once, and ends it; `err.offset` says where. `item.repaired` is
-- that of its page. What is published
-- or deleted meanwhile moves the pages: something may then come twice or not
-- at all.
---@param state table a bot's private side
---@param params table offset, count (of a page), no_content
---@param options table { timeout } of one page
---@return fun(): table|false|nil, wxbot.Error|nil
function M.each(state, params, options)
  local run = { state = state, params = params, options = options,
    offset = params.offset or 0, count = params.count or M.COUNT }
  local item, i, ended = {}, 0, false
  return function()
    if ended then
      return nil
    end
    i = i + 1
    if item[i] == nil then
      local err
      item, err = turn(run)
      i = 1
      if not item then
        ended = true
        if err then
          return false, err
        end
        return nil
      end
    end
    return item[i]
  end
end

return M
