-- Publish the bot: what was imported becomes what users see.

return {
  name = "publish",
  summary = "Publish the bot",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/bot/publish",
  service = "chatbot",
  path = "/openapi/publish/{token}",
  needs = { "token", "aes_key", "appid" },
  wire = "encrypted_xml",
  repeats = "never",
  errors = { 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011,
    1013, 1015, 1019 },
  request = {
    { name = "managerid", type = "string", id = true, required = true,
      administrator = true,
      doc = "Administrator id (the creator's or an administrator's)" },
  },
  -- The page shows no data; the newer generation answers with a task.
  payload = "data",
  payload_optional = true,
  requires_any = { "code", "errcode", "data" },
  response = {
    { name = "task_id", type = "string",
      doc = "Task to follow with task_fetch; absent where the platform makes none" },
  },
  envelope = {
    { name = "request_id", type = "string", doc = "Request id" },
    { name = "rid", type = "string", doc = "Trace id" },
  },
}
