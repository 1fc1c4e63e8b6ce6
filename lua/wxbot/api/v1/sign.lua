local shared = require "wxbot.api.fields"

return {
  name = "sign",
  summary = "Get a signature for a user from the platform",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/INTERFACEDOCUMENT",
  path = "/openapi/sign/{token}",
  needs = { "token" },
  wire = "json_or_form",
  repeats = "always",
  errors = { 1001, 1002, 1003 },
  request = {
    { name = "username", type = "string", doc = "User nickname" },
    shared.avatar,
    { name = "userid", type = "string", id = true, required = true,
      doc = "User id, any value" },
  },
  response = {
    { name = "signature", type = "string", required = true,
      doc = "Signature for aibot, about 500 bytes" },
    { name = "expiresIn", type = "integer", doc = "Life of the signature, seconds" },
  },
}
