-- Causes in the credentials of who calls.
return {
  wrong_token = { "The last part of the path is not the bot's TOKEN.",
    "Take the TOKEN (WXBOT_TOKEN) from the same place as the APPID." },
  token_is_appid = { "The last part of the path is the bot's APPID, and its "
    .. "TOKEN is wanted.", "Put the TOKEN there." },
  token_is_aes_key = { "The last part of the path is the bot's EncodingAESKey, "
    .. "and its TOKEN is wanted.", "Put the TOKEN there, and never a key." },
  token_is_access_token = { "The last part of the path is an access token, and "
    .. "the bot's TOKEN is wanted.", "Put the TOKEN there." },
  token_is_placeholder = { "The last part of the path is the documents' "
    .. "placeholder.", "Put the bot's TOKEN in its place." },
  not_approved = { "The bot is not approved, as the emulator was told.",
    "Have it approved in the console; here leave approved as it is." },

  no_access_token = { "The URL names no access_token.",
    "Add ?access_token=… to the URL." },
  access_token_in_header = { "The access token is in a header, and the platform "
    .. "reads the URL.", "Add ?access_token=… to the URL." },
  access_token_in_body = { "The access token is in the body, and the platform "
    .. "reads the URL.", "Add ?access_token=… to the URL." },
  access_token_form = { "The access token has characters that none has.",
    "Send it as it was given out; percent-encode nothing twice." },
  access_token_is_token = { "The access token is the bot's TOKEN.",
    "Get an access token for the account: the interface token or "
    .. "stable_token gives it." },
  access_token_is_v2 = { "The access token is one of version 2, for the bot's "
    .. "interfaces.", "Get one for the account: the interface token or "
    .. "stable_token gives it." },
  wrong_access_token = { "The access token was not given out here, or is "
    .. "long gone.", "Get one from the same platform that is called." },
  replaced_access_token = { "A newer access token has taken the place of this "
    .. "one.", "Use the newest one; keep it in one place for all programs." },
  expired_access_token = { "The access token has expired: {1} seconds ago.",
    "Get a new one; it lasts 2 hours." },
  not_authorised = { "The account may not use these interfaces, as the emulator "
    .. "was told.", "Have the account verified; here leave authorised as it is." },

  grant_type = { "grant_type is {1}.", "Send client_credential." },
  no_account_appid = { "appid is missing or empty.",
    "Send the account's appid (wx…) and its secret." },
  no_secret = { "secret is missing or empty.",
    "Send the account's AppSecret." },
  unknown_account = { "There is no account with the appid {1}.",
    "Send the appid (wx…) of the account, not that of the bot." },
  wrong_secret = { "secret is not the AppSecret of the account.",
    "Compare it with the console; here it is an option of the emulator." },

  no_v2_token = { "The header X-OPENAI-TOKEN is missing.",
    "Ask /v2/token for an access token and send it in this header." },
  wrong_v2_token = { "The access token in X-OPENAI-TOKEN was not given out here, "
    .. "or is long gone.", "Ask /v2/token for one." },
  expired_v2_token = { "The access token in X-OPENAI-TOKEN has expired: {1} "
    .. "seconds ago.", "Ask /v2/token for a new one; it lasts 2 hours." },
}
