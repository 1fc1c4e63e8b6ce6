-- Causes in what third-party platforms send.
return {
  unknown_component = { "There is no third-party platform with the appid {1}.",
    "Send its own appid in component_appid, not that of an account." },
  wrong_component_secret = { "{1} is not the AppSecret of the third-party "
    .. "platform.", "Compare it with the console; here it is an option of the "
    .. "emulator." },
  unknown_ticket = { "component_verify_ticket was not pushed by this platform.",
    "Send the newest ticket that was pushed, whole, with ticket@@@." },
  ended_ticket = { "component_verify_ticket has ended: {1} seconds ago.",
    "Wait for the next push, which comes within ten minutes; keep the newest." },
  not_component_token = { "The access token is not one of the third-party "
    .. "platform.", "Send a component_access_token; those of accounts are for "
    .. "the interfaces of accounts." },
  component_token = { "The access token is the third-party platform's own.",
    "Send the authorizer_access_token of the account." },
  unknown_auth_code = { "authorization_code was not given out here, or the "
    .. "account has withdrawn since.", "Send the code of the redirection "
    .. "(auth_code) or of the push, whole, with queryauthcode@@@." },
  ended_auth_code = { "authorization_code has ended: {1} seconds ago.",
    "Exchange it as soon as it comes; the account can authorise anew." },
  not_an_authorizer = { "The account {1} has not authorised the third-party "
    .. "platform, or has withdrawn.", "Have its administrator authorise it." },
  wrong_refresh_token = { "authorizer_refresh_token is not the one of this "
    .. "account that is valid now.", "Take it from api_get_authorizer_info; it "
    .. "changes when an account authorises anew." },
}
