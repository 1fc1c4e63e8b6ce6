-- Publish the bot.

return {
  name = "v2_publish",
  summary = "Publish the bot through v2",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/publish",
  service = "v2",
  path = "/v2/bot/publish",
  header = { "access_token" },
  needs = { "appid", "token", "access_token" },
  wire = "v2",
  repeats = "never",
  requires_task_id = "task_id",
  errors = { 110001, 110002, 110003, 210106, 210201, 210202, 210205, 1000012,
    1003001, 1110001 },
  request = {},
  payload = "data",
  response = {
    { name = "task_id", type = "string", required = true,
      doc = "Task id; v2:wait_bot_publish follows the publishing" },
  },
  envelope = {
    { name = "request_id", type = "string", doc = "Request id" },
  },
}
