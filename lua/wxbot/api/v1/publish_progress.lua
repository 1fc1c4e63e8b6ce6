-- Query how far the publishing of the bot is.

return {
  name = "publish_progress",
  summary = "Query how far the publishing of the bot is",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/bot/publish_progress",
  service = "chatbot",
  path = "/openapi/publish_progress/{token}",
  needs = { "token", "aes_key", "appid" },
  wire = "encrypted_xml",
  repeats = "always",
  errors = { 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011,
    1013, 1015, 1019 },
  request = {
    { name = "managerid", type = "string", id = true, required = true,
      administrator = true,
      doc = "Administrator id (the creator's or an administrator's)" },
  },
  payload = "data",
  response = {
    { name = "progress", type = "integer", doc = "Progress, percent" },
    -- Not the numbers of task_fetch, where 2 is success.
    { name = "status", type = "integer", required = true,
      enum_names = { "success", "failure", "publishing" },
      doc = "1 success, 2 failure, 3 publishing" },
  },
  envelope = {
    { name = "request_id", type = "string", doc = "Request id" },
    { name = "rid", type = "string", doc = "Trace id" },
  },
}
