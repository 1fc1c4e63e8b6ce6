--- component token, component start-push-ticket: what no endpoint's command does
--- for a third-party platform.

local components = require "wxbot.cli.component"
local output = require "wxbot.cli.output"

local assert = assert

local function token(session)
  local options = session.options
  local appid = options.authorizer_appid
  local source = appid and components.account(session, appid)
    or components.source(session)
  session:show({ access_token = assert(source:get()) }, nil, function(answer)
    output.print(answer.access_token)
  end)
end

local function start_push_ticket(session)
  session:show(assert(components.source(session):start_push_ticket()), nil,
    function() output.print("started") end)
end

return {
  { name = "component token",
    summary = "Print an access token of a third-party platform, or of an account",
    doc = "It is a secret: put it into WXBOT_ACCESS_TOKEN, for commands in the "
      .. "name of the account.",
    prints = "the token alone, which is kept or new",
    json = { { name = "access_token", doc = "The token" } },
    fields = { components.state(true), { name = "authorizer_appid", type = "string",
      doc = "The account that has authorised (wx…); without it, the platform "
        .. "itself" } },
    run = token },
  { name = "component start-push-ticket",
    summary = "Have the platform push tickets again",
    doc = "WXBOT_APPID and WXBOT_SECRET are those of the third-party platform.",
    prints = "the word started",
    json = { { name = "errmsg", doc = "What the platform says" } },
    run = start_push_ticket },
}
