-- Causes in signatures: the token (JWT) of aibot, message and nlp, and the
-- headers of version 2.
local OWN = "Make it of the claims with HS256 and the EncodingAESKey as it "
  .. "stands, 43 characters; or ask the sign interface."
local MD5 = "sign is md5(TOKEN + timestamp + nonce + md5(body)), both in small "
  .. "hexadecimal digits, of the bytes that are sent."

return {
  no_signature = { "The member signature is missing or empty.",
    "Ask the sign interface for one, and send it with the query." },
  signature_elsewhere = { "The signature is in the {1}, and the platform reads "
    .. "the member signature of the JSON body.", "Put it into the body, beside "
    .. "query." },
  signature_type = { "signature is of type {1}, where a string is wanted.",
    "Take the member signature out of the answer of sign, not the whole "
    .. "answer." },
  signature_format = { "The signature is no token of three parts, divided by "
    .. "dots.", OWN },
  signature_header = { "The signature's first part is no header of a token: {1}.",
    OWN },
  signature_alg = { "The signature was not made with HS256.", OWN },
  signature_decoded_key = { "The signature was made with the decoded key: the 32 "
    .. "bytes that the EncodingAESKey stands for.", OWN },
  signature_token_key = { "The signature was made with the TOKEN as its key.",
    OWN },
  signature_appid_key = { "The signature was made with the APPID as its key.",
    OWN },
  signature_padded_key = { "The signature was made with the EncodingAESKey and "
    .. "= behind it.", OWN },
  signature_key = { "The signature was made with another key, or changed "
    .. "afterwards.", OWN },
  signature_expired = { "The signature has expired: {1} seconds ago.",
    "Ask for a new one; one of the sign interface lasts 2 hours. Else look at "
    .. "the clock of the machine that makes it." },
  signature_early = { "The signature is not valid yet: for {1} seconds.",
    "Look at the clock of the machine that makes it; times are in seconds, not "
    .. "in milliseconds." },
  signature_claims = { "The signature is good, but its claims cannot be used: "
    .. "{1}.", "Claims are a JSON object; iat, exp and nbf are numbers, in "
    .. "seconds." },
  signature_no_userid = { "The signature is good, but its claims have no userid.",
    "Name the user in the claim userid." },
  signature_userid_name = { "The signature is good, but the claim is named {1}, "
    .. "and the platform reads userid.", "Name the user in the claim userid, in "
    .. "small letters." },
  signature_userid_type = { "The signature is good, but its userid is of type "
    .. "{1}, where a string is wanted.", "Write the userid as a string." },
  no_query_token = { "The body has no query, which holds the signed token.",
    "Send the form query=TOKEN, or JSON with the member query." },
  no_username = { "The token is good, but it names no username.",
    "Name the user in the claim username." },

  header_missing = { "The header {1} is missing.", "Send request_id, timestamp, "
    .. "nonce and sign; a proxy in between may drop names with _." },
  appid_header = { "The header X-APPID does not name this bot.",
    "Send the bot's APPID in it." },
  sign_clear_text = { "sign was made over the clear text, and what is sent is "
    .. "encrypted.", MD5 },
  sign_no_body = { "sign was made without the body.", MD5 },
  sign_plain_body = { "sign was made with the body itself in place of its md5.",
    MD5 },
  sign_upper_case = { "sign is in capital letters.", MD5 },
  sign_access_token = { "sign was made with the access token in place of the "
    .. "TOKEN.", MD5 },
  sign_aes_key = { "sign was made with the EncodingAESKey in place of the TOKEN.",
    MD5 },
  sign_wrong = { "sign is not that of this body, timestamp and nonce.", MD5 },
}
