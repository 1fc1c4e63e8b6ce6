--- Everything that an endpoint lists: one page after another.

local api = require "wxbot.api"
local call = require "wxbot.call"
local fields_of = require "wxbot.call.schema.fields"

local floor, ipairs = math.floor, ipairs

local M = {}

-- The most that the platform gives on a page.
local function max_count(endpoint)
  return api.field(endpoint.request, endpoint.pages.count).max
end

--- Fields of the method, instead of those that say which page.
---@param endpoint table
---@return table[] own
function M.fields(endpoint)
  local pages, most = endpoint.pages, max_count(endpoint)
  return {
    { name = pages.offset, type = "integer", min = 0,
      doc = "How many to leave out (default 0)" },
    { name = pages.count, type = "integer", min = 1, max = most,
      doc = ("How many to get at once (default %d)"):format(most) },
  }
end

-- Where it stopped, and how to go on.
local function stopped(run, err)
  local name, offset = run.pages.offset, run.offset
  err.offset, err.advice = offset, ("go on with %s = %d"):format(name, offset)
  if err.kind == "limit" then
    err.advice = ("the one at %s %d is too large; behind it, go on with "
      .. "%s = %d"):format(name, offset, name, offset + 1)
  end
  return nil, err
end

-- A page; a smaller one, from then on, when it is too large.
local function page_of(run)
  local request = fields_of.pick(run.endpoint.request, run.params)
  request[run.pages.offset] = run.offset
  while true do
    request[run.pages.count] = run.count
    local page, err = call.run(run.context, run.endpoint, request, run.options)
    if page or err.kind ~= "limit" or run.count == 1 then
      return page, err
    end
    run.count = floor(run.count / 2)
  end
end

-- What is on the next page, or nil behind the last one.
local function next_items(run)
  if run.total and run.offset >= run.total then
    return nil
  end
  local page, err = page_of(run)
  local items = page and page[run.pages.items]
  if not page then
    return stopped(run, err)
  elseif #items == 0 then
    return nil
  end
  run.total = page[run.pages.total]
  run.offset = run.offset + #items
  for _, item in ipairs(items) do
    item.repaired = page.repaired
  end
  return items
end

--- An iterator over everything. A failure comes as `false, err`, once, and ends
-- it; `err.offset` says where. `item.repaired` is that of its page. What is
-- added or deleted meanwhile moves the pages: something may then come twice or
-- not at all.
---@param context wxbot.Context
---@param endpoint table with pages
---@param params table of its request; offset and count (of a page) may be missing
---@param options table { timeout } of one page
---@return fun(): table|false|nil, wxbot.Error|nil
function M.run(context, endpoint, params, options)
  local pages = endpoint.pages
  local run = { context = context, endpoint = endpoint, pages = pages,
    params = params, options = options, offset = params[pages.offset] or 0,
    count = params[pages.count] or max_count(endpoint) }
  local items, i = {}, 0
  return function()
    local err
    i = i + 1
    if items and items[i] == nil then
      items, err = next_items(run)
      i = 1
    end
    if err then
      return false, err
    end
    return items and items[i]
  end
end

return M
