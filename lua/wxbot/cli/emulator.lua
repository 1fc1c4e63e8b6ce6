--- Asks a served sandbox about itself, below /_wxbot/api/.

local base_url = require "wxbot.call.base_url"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"

local assert, error, type = assert, error, type

local M = {}

-- Bytes of an answer: 100 texts of 1 MiB.
local MAX_BODY = 2 ^ 27

-- Where `wxbot serve` is unless it was told otherwise.
local USUAL = "http://127.0.0.1:8080"

--- What it answers. What fails raises.
---@param session wxbot.cli.Session
---@param path string with its query
---@return table answer
function M.get(session, path)
  local urls = assert(base_url.read(session:base_url() or USUAL))
  local response, err = session:network():request{ method = "GET",
    url = urls.chatbot .. "/_wxbot/api/" .. path, idempotent = true,
    timeout = session.options.timeout or 10, max_body = MAX_BODY }
  if not response then
    error(errors.from(err), 0)
  end
  local answer = json.decode(response.body)
  if type(answer) == "table" and response.status == 200 then
    return answer
  end
  error(errors.new{ kind = "protocol", status = response.status,
    message = type(answer) == "table" and type(answer.error) == "string"
      and answer.error or "there is no emulator that tells of this: is it "
      .. "`wxbot serve` that --base-url names?" }, 0)
end

return M
