--- The second API version, of openaiapi.weixin.qq.com: what its descriptions
--- share, and which there are.

local shared = require "wxbot.api.fields"

return {
  host = "https://openaiapi.weixin.qq.com",
  client = "v2",
  facts = {
    service = "v2",
    wire = "v2",
    header = { "access_token" },
    needs = { "appid", "token", "access_token" },
    errors = { 110001, 110002, 110003, 210106, 210201, 210202, 210205, 1000012,
      1003001, 1110001 },
    payload = "data",
    envelope = { shared.request_id },
  },
  endpoints = {
    "token", "import_json", "fetch", "publish", "progress", "query",
  },
}
