--- send, kefu: customer service.

local by_name = require "wxbot.api".by_name
local endpoint_command = require "wxbot.cli.endpoint_command".new
local output = require "wxbot.cli.output"

local function show_state(answer)
  for _, name in ipairs{ "kefustate", "status" } do
    if answer[name] then
      output.print(name .. ": " .. output.line(answer[name]))
    end
  end
end

local send = endpoint_command(by_name.sendmsg, function() output.print("sent") end)
local get = endpoint_command(by_name.kefustate_get, show_state)
local change = endpoint_command(by_name.kefustate_change, function()
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
