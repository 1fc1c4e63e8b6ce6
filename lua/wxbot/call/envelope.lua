--- Tells success from failure, whatever envelope an answer came in.

local texts = require "wxbot.util.text"
local codes = require "wxbot.api.errcode"
local errors = require "wxbot.util.errors"

local abs, floor, tointeger = math.abs, math.floor, math.tointeger
local ipairs, pairs, type = ipairs, pairs, type

local M = {}

local MAX_EXACT = 2 ^ 53

-- Failures come as errcode, code, ret or error, by endpoint and API version.
local CODES = { "errcode", "code", "ret", "error" }
-- In aibot `msg` is a list, so only a string is ever taken for a text.
local TEXTS = { "errmsg", "msg", "message", "error" }

--- A number that is a whole one, as such.
---@param number number
---@return integer|nil
function M.integer(number)
  if floor(number) == number and abs(number) < MAX_EXACT then
    return tointeger and tointeger(number) or number
  end
end

-- A number that is no whole one is a word like any other.
local function code_of(value)
  local number = texts.number(value)
  if value == "" or number == 0 then
    return nil
  elseif type(value) == "string" then
    return number and M.integer(number) or value
  end
  return number and (M.integer(number) or texts.of_number(number))
end

local function text_of(answer, code)
  for _, name in ipairs(TEXTS) do
    local text = answer[name]
    if type(text) == "string" and text ~= "" and text ~= code then
      return text
    end
  end
  return codes[code] or type(code) == "string" and code
    or "the platform refused the call"
end

-- An `error` that is neither text nor number: it says no all the same. (An
-- empty text, 0 and false are taken for none.)
local function code_of_object(value)
  if type(value) == "table" then
    return code_of(value.errcode) or code_of(value.code) or "error", value
  elseif value == true then
    return "error", {}
  end
end

local function rid_of(answer, text)
  if type(answer.rid) == "string" and answer.rid ~= "" then
    return answer.rid
  end
  return text:match("rid: ([A-Za-z0-9-]+)")
end

--- The failure that an answer tells of.
---@param answer table
---@return wxbot.Error|nil
function M.failure(answer)
  local code, inner
  for i = 1, #CODES do
    local value = answer[CODES[i]]
    code = code or value ~= nil and value ~= 0 and code_of(value)
  end
  if not code and answer.error then
    code, inner = code_of_object(answer.error)
  end
  if code then
    local text = text_of(inner or answer, code)
    return errors.new{ kind = "platform", code = code, message = text,
      rid = rid_of(answer, text) }
  end
end

-- What only says that all is well, and what `data` is taken out of.
local DROPPED = { code = true, errcode = true, errmsg = true, msg = true,
  ret = true, error = true }

-- What stands for a result that need not be there. No document says what the
-- member is then: beside a code, which says yes, it may be anything.
local function substitute(answer, member)
  local given = answer[member]
  if given == nil or answer.code ~= nil or answer.errcode ~= nil then
    return { [member] = given }
  end
end

--- Takes the result out of an answer; what stood beside it is kept.
---@param answer table
---@param member string
---@param optional boolean|nil an answer without it has an empty one
---@return table|nil result
function M.unwrap(answer, member, optional)
  local result = answer[member]
  if type(result) ~= "table" then
    result = optional and substitute(answer, member) or nil
  end
  if not result then
    return nil
  end
  for name, value in pairs(answer) do
    if name ~= member and not DROPPED[name] and result[name] == nil then
      result[name] = value
    end
  end
  return result
end

return M
