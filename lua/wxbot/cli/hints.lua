--- What to look at when the platform refuses: by the code of the error.

local config = require "wxbot.cli.config"

local concat = table.concat
local ipairs = ipairs

local function check(...)
  local variables = {}
  for i, name in ipairs{ ... } do
    variables[i] = config.variables[name]
  end
  return ("check %s, or %s in the --config file"):format(
    concat(variables, " and "), concat({ ... }, " and "))
end

return {
  [1001] = check "token",
  [1002] = "the bot has to be approved in the console before anybody can ask it",
  [1005] = check "aes_key" .. ", and the clock of this machine",
  [1010] = check "appid",
  [1011] = "--appid is that of an official account or mini program which is "
    .. "bound to the bot, not the bot's own",
  [1015] = "--openid and --managerid are ids of administrators of the bot",
  [1013] = check("aes_key", "appid"),
  [1019] = check("aes_key", "appid") .. "; is the open API enabled for the bot?",
  [1000012] = check "aes_key" .. ", and what is sent",
  ticket = "`wxbot receive --kind third_party --state FILE` keeps the next one, "
    .. "if WXBOT_SECRET is the same there; if none comes, "
    .. "`wxbot component start-push-ticket`",
  sign = check("appid", "token"),
  proxy = 'check --proxy or HTTPS_PROXY; --proxy "" goes without one',
  [210202] = "check WXBOT_MANAGERID: an administrator of the bot; and "
    .. "WXBOT_TOKEN",
  [40001] = check "access_token",
  [40013] = "check the appid of the account (wx…)",
  [40014] = check "access_token",
  [40125] = "check the AppSecret of the account",
  [40164] = "add the address of this machine to the IP white list (IP白名单) of "
    .. "the account",
  [42001] = "the access token has expired: get a new one",
  [45009] = "the calls of today are used up; they are counted anew tomorrow",
  [45011] = "wait for the next minute",
  [61014] = "--state FILE has the token of the third-party platform",
  [48001] = "the account may not use these interfaces; personal accounts, and "
    .. "those that are not verified, have lost them in July 2025",
}
