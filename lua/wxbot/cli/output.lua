--- What the command line writes: answers to stdout, errors to stderr.
--
-- Text that came from the platform is never written to a terminal as it is:
-- control characters could redraw the screen or run what it remembers.

local texts = require "wxbot.util.text"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local line_of = require "wxbot.call.attempt"
local progress = require "wxbot.cli.progress"

local error, ipairs, tostring, type = error, ipairs, tostring, type
local stdout, stderr = io.stdout, io.stderr

local M = {}

-- Values that no error may show.
local secrets = {}

--- Keeps a value out of everything that goes to stderr.
---@param value string|nil
function M.hide(value)
  if type(value) == "string" and #value > 3 then
    secrets[#secrets + 1] = value
  end
end

local function redact(text)
  for _, secret in ipairs(secrets) do
    text = texts.replace(text, secret, "***")
  end
  return text
end

--- Replaces control characters (C0 but newline and tab, DEL, C1) and those
--- that turn the direction of what follows by "?".
---@param text string
---@return string
function M.plain(text)
  if not core.utf8_valid(text) then
    text = text:gsub("[\128-\255]", "?")
  end
  text = text:gsub("\194[\128-\159]", "?")
  text = text:gsub("\226\128[\170-\174]", "?"):gsub("\226\129[\166-\169]", "?")
  return (text:gsub("[%z\1-\8\11-\31\127]", "?"))
end

-- One pattern for blanks around a newline looks for the newline anew at each
-- of many blanks.
local function joined(blanks)
  return blanks:find("[\r\n]") and " "
end

--- The same, on one line.
---@param text string
---@return string
function M.line(text)
  return M.plain((text:gsub("[ \t-\r]+", joined)))
end

--- Writes to stdout as it is; a stream that takes nothing is an error.
---@param text string
function M.write(text)
  local ok, message = stdout:write(text)
  if ok then
    ok, message = stdout:flush()
  end
  if not ok then
    error(errors.new{ kind = "unavailable", code = "stdout",
      message = "cannot write to standard output: " .. message }, 0)
  end
end

--- Writes a line of text to stdout, safe for a terminal.
---@param text string
function M.print(text)
  M.write(M.plain(text) .. "\n")
end

--- Writes a text of the platform's on one line behind a label, if there is one.
---@param label string
---@param text any
function M.labelled(label, text)
  if type(text) == "string" and text ~= "" then
    M.print(label .. M.line(text))
  end
end

-- Inside JSON strings, the only place where these can be.
local function escape_rest(text)
  return (text:gsub("\194([\128-\159])", function(byte)
    return ("\\u%04x"):format(byte:byte())
  end):gsub("\127", "\\u007f"))
end

--- Writes a value to stdout as one JSON line with sorted names.
---@param value table
function M.json(value)
  local text, message = json.encode(value)
  if not text then
    error(errors.new{ kind = "invalid", code = "json",
      message = "the result cannot be written as JSON: " .. message }, 0)
  end
  M.write(escape_rest(text) .. "\n")
end

--- Writes what the bot answers: its words, or the questions it recommends.
---@param reply table
function M.reply(reply)
  if #reply.options == 0 or reply.tier ~= "recommend" and reply.text ~= "" then
    M.print(reply.text)
    return
  end
  M.print("Did you mean:")
  for i, option in ipairs(reply.options) do
    M.print(("  %d. %s"):format(i, M.line(option.title or "")))
  end
end

local SHOWN = { "kind", "code", "message", "endpoint", "rid", "status",
  "sent", "attempts", "quota_ends", "done", "skip", "result", "hint" }

local function error_json(err)
  local shown = {}
  for _, name in ipairs(SHOWN) do
    shown[name] = err[name]
  end
  local text = json.encode{ error = shown }
    or json.encode{ error = { kind = err.kind, message = M.plain(err.message) } }
  return escape_rest(text)
end

--- Writes a line to stderr, below a progress bar if there is one.
---@param text string
function M.note(text)
  progress.close()
  stderr:write("wxbot: ", redact(M.line(text)), "\n")
end

--- Writes a line to stderr that says by itself what it is.
---@param text string safe for a terminal
function M.tell(text)
  stderr:write(redact(text), "\n")
end

--- Tells stderr of an attempt (`on_call` of a bot): --verbose.
---@param attempt wxbot.Attempt
function M.attempt(attempt)
  M.note(line_of(attempt))
end

--- Writes a traceback to stderr.
---@param text string
function M.trace(text)
  progress.close()
  stderr:write(redact(M.plain(text)), "\n")
end

--- Writes an error to stderr: a sentence and a hint, or one JSON line.
---@param err wxbot.Error
---@param as_json boolean|nil
function M.error(err, as_json)
  progress.close()
  if as_json then
    stderr:write(redact(error_json(err)), "\n")
    return
  end
  M.note(tostring(err))
  if err.hint then
    M.note(err.hint)
  end
end

return M
