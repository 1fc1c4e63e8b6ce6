--- Tagging any number of users, in batches.

local by_name = require "wxbot.endpoint".by_name
local call = require "wxbot.call"
local errors = require "wxbot.error"
local schema = require "wxbot.schema"

local ipairs, type = ipairs, type

local M = {}

-- The platform documents no limit; its cousin for official accounts takes 50.
M.BATCH = 50

local endpoint = by_name.label_batchset

-- Openids one by one, from a list or from an iterator.
local function openids(list)
  if type(list) == "function" then
    local ended = false
    return function()
      local openid = nil
      if not ended then
        openid = list()
        ended = openid == nil
      end
      return openid
    end
  end
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

local function next_batch(following, size)
  local batch = {}
  while #batch < size do
    local openid = following()
    if openid == nil then
      break
    end
    batch[#batch + 1] = openid
  end
  return batch
end

--- Adds to an error where a run stopped.
---@param err wxbot.Error
---@param done integer|nil how many are tagged, 0
---@param batch string[]|nil the openids of the batch that failed
---@return wxbot.Error
function M.failed(err, done, batch)
  done = done or 0
  err.endpoint = endpoint.name
  err.done, err.next, err.batch = done, done + 1, batch or {}
  err.advice = ("%d tagged, go on with number %d"):format(done, done + 1)
  return err
end

local function total_of(list)
  return type(list) == "table" and #list or nil
end

-- What an iterator gave has not been looked at before.
local function fault_of(params, batch, done)
  for i, openid in ipairs(batch) do
    if type(openid) ~= "string" then
      local problem = "must be a string (got " .. type(openid) .. ")"
      return errors.new{ kind = "invalid", code = "value", sent = false,
        message = ("list[%d] %s"):format(done + i, problem),
        field = "list", index = done + i, problem = problem }
    end
  end
  params.list = batch
  local _, err = schema.fault(endpoint.request, params, done)
  return err
end

--- Tags users batch by batch.
---@param state table a bot's private side
---@param params table appid, category, label, desc, list, batch, on_progress
---@param options table { timeout }
---@return table|nil result { done, batches }
---@return wxbot.Error|nil err with done, next and batch
function M.run(state, params, options)
  local size, total = params.batch or M.BATCH, total_of(params.list)
  local request = { appid = params.appid, category = params.category,
    label = params.label, desc = params.desc }
  local following = openids(params.list)
  local done, batches = 0, 0
  while true do
    local batch = next_batch(following, size)
    if #batch == 0 then
      break
    end
    local err = fault_of(request, batch, done)
    local answer
    if not err then
      answer, err = call.run(state, endpoint, request, options)
    end
    if not answer then
      return nil, M.failed(err, done, batch)
    end
    done, batches = done + #batch, batches + 1
    if params.on_progress then
      params.on_progress(done, total)
    end
  end
  if done == 0 then
    return nil, M.failed(errors.new{ kind = "invalid", code = "value",
      sent = false, message = "list must not be empty", field = "list",
      problem = "must not be empty" })
  end
  return { done = done, batches = batches }
end

return M
