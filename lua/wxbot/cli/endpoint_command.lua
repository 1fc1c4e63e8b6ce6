--- The command of an endpoint: its flags in, its answer shown.

local output = require "wxbot.cli.output"

local M = {}

--- Makes what calls an endpoint with what the command line gave.
---@param endpoint table description
---@param show function takes the answer, when no JSON is asked for
---@return fun(session: wxbot.cli.Session): true|nil, wxbot.Error|nil
function M.new(endpoint, show)
  return function(session)
    local bot, err = session:bot(endpoint.needs)
    if not bot then
      return nil, err
    end
    local answer
    answer, err = bot[endpoint.name](bot, session:params(endpoint.request))
    if not answer then
      return nil, err
    elseif session.json then
      return output.json(answer)
    end
    show(answer)
    return true
  end
end

return M
