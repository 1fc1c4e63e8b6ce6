--- send, kefu: customer service.

local by_name = require "wxbot.endpoint".by_name
local output = require "wxbot.cli.output"

-- Calls an endpoint with what the command line gave, and shows the answer.
local function caller(endpoint, show)
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
      return output.json(answer, endpoint.response)
    end
    show(answer)
    return true
  end
end

local function show_state(answer)
  for _, name in ipairs{ "kefustate", "status" } do
    if answer[name] then
      output.print(name .. ": " .. output.line(answer[name]))
    end
  end
end

local send = caller(by_name.sendmsg, function() output.print("sent") end)
local get = caller(by_name.kefustate_get, show_state)
local change = caller(by_name.kefustate_change, function()
  output.print("changed")
end)

local function kefu(session)
  local run = session.options.command_kefu == "get" and get or change
  local done, err = run(session)
  return done, err
end

return {
  { name = "send", summary = by_name.sendmsg.summary,
    fields = by_name.sendmsg.request, positional = "msg", run = send },
  { name = "kefu", summary = "Who talks with a user: the bot or an agent",
    commands = {
      { name = "get", summary = by_name.kefustate_get.summary,
        fields = by_name.kefustate_get.request },
      { name = "change", summary = by_name.kefustate_change.summary,
        fields = by_name.kefustate_change.request },
    }, run = kefu },
}
