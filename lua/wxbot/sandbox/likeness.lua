--- How alike two texts are: the geometric mean of two shares, how much of the
-- query the question has, and how much of the question the query has.

local weights = require "wxbot.sandbox.weights"

local min, sqrt = math.min, math.sqrt
local CONTENT, here_of = weights.CONTENT, weights.here

--- PART: a single character in common says less than a pair.
local M = { PART = 0.4 }
local PART = M.PART

-- Who can, wants or needs asks nearly the same as who asks how.
local NEAR = 0.6
-- A bare list of key words does not ask what a whole sentence asks, nor what a
-- question asks of which it has less than WHOLE.
local BARE, WHOLE = 0.75, 0.9
-- What is not the same text is never quite certain.
local CEILING = 0.99

--- Notes all features of a text in `mark` as `stamp`.
---@param mark table<string, any>
---@param stamp any
---@param t wxbot.sandbox.Weighed
local function mark_all(mark, stamp, t)
  local token, near, pair = t.token, t.near, t.pair
  for i = 1, t.n do
    mark[token[i]] = stamp
    if near[i] then
      mark[near[i]] = stamp
    end
    if pair[i] then
      mark[pair[i]] = stamp
    end
  end
end

M.mark = mark_all

-- How much of token i the marked text has: 0, PART, NEAR or 1.
local function seen(mark, stamp, t, i)
  if mark[t.token[i]] ~= stamp then
    return t.near[i] and mark[t.near[i]] == stamp and NEAR or 0
  elseif not t.han[i] then
    return 1
  end
  local left, right = t.joined[i] and t.pair[i - 1], t.pair[i]
  if left and mark[left] == stamp or right and mark[right] == stamp then
    return 1
  end
  return (left or right) and PART or 1
end

-- How much of `t`, whose tokens weigh `here`, the marked text has: contents
-- matched and in all, the rest matched and in all.
local function coverage(t, here, mark, stamp)
  local had, all, form_had, form_all = 0, 0, 0, 0
  local kind = t.kind
  for i = 1, t.n do
    local weight = here[i]
    local part = seen(mark, stamp, t, i) * weight
    if kind[i] == CONTENT then
      had, all = had + part, all + weight
    else
      form_had, form_all = form_had + part, form_all + weight
    end
  end
  return had, all, form_had, form_all
end

-- A text of empty tokens alone agrees with its like.
local function agreement(q_had, q_all, t_had, t_all)
  if q_all > 0 and t_all > 0 then
    return sqrt(q_had / q_all * (t_had / t_all))
  end
  return (q_all > 0 or t_all > 0) and 0 or 1
end

--- The score of a query against one question.
---@param index table with mark and stamp, scratch of this function; and as weights.here has it
---@param q wxbot.sandbox.Weighed the query, with `here`, its weights, and `features`, each true
---@param t wxbot.sandbox.Weighed the question
---@return number score in [0, 0.99]
function M.compare(index, q, t)
  index.stamp = index.stamp + 1
  mark_all(index.mark, index.stamp, t)
  local q_had, q_all, q_form_had, q_form_all =
    coverage(q, q.here, index.mark, index.stamp)
  local t_had, t_all, t_form_had, t_form_all =
    coverage(t, here_of(index, t), q.features, true)
  local q_sum, t_sum = q_all + q_form_all, t_all + t_form_all
  if q_sum == 0 or t_sum == 0 then
    return 0
  end
  local agreed = agreement(q_had, q_all, t_had, t_all)
  local of_query = (q_had + agreed * q_form_had) / q_sum
  local of_question = (t_had + agreed * t_form_had) / t_sum
  local score = sqrt(of_query * of_question)
  if not q.form and (t.form or t_had < WHOLE * t_all) then
    score = score * BARE
  end
  return min(score, CEILING)
end

return M
