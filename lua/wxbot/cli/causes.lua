--- Why a text does not decrypt, as an error of the command.

local causes = require "wxbot.sandbox.causes"
local errors = require "wxbot.util.errors"
local texts = require "wxbot.util.text"

local M = {}

-- A sentence as messages are written.
local function clause(sentence)
  return (sentence:gsub("^[A-Z][a-z ]", texts.lower):gsub("%.$", ""))
end

--- The error of a reason.
---@param reason string[] id of a cause, and what its sentences have places for
---@return wxbot.Error err kind "crypto"
function M.error(reason)
  local noted = causes.note({}, reason)
  return errors.new{ kind = "crypto", code = noted.cause_id,
    message = clause(noted.cause), hint = clause(noted.cure) }
end

return M
