--- The access tokens of v2: kept as those of accounts are.

local by_name = require "wxbot.api".by_name
local memory = require "wxbot.store.memory"
local records = require "wxbot.auth.record"
local sources = require "wxbot.auth.source"

local M = {}

-- Seconds. The documents say two hours; the answer does not.
local LIFE = 7200

--- Gives a client's calls the access token.
---@param context table of the client
---@param options table its options
function M.attach(context, options)
  local source = sources.new{
    context = context, endpoint = by_name.v2_token, life = LIFE,
    params = { account = options.account }, secret = options.token,
    store = options.store or memory.new{ clock = context.clock },
    key = records.key(options.appid or "-", "v2", options.token or "-",
      options.account),
  }
  function context.access_token(rejected, seconds)
    local token, err = sources.get(source, rejected, seconds)
    return token, err
  end
  function context.report_token(token, accepted)
    sources.report(source, token, accepted)
  end
end

return M
