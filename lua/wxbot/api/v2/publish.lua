return {
  name = "v2_publish",
  summary = "Publish the bot through v2",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/publish",
  path = "/v2/bot/publish",
  repeats = "never",
  requires_task_id = "task_id",
  request = {},
  response = {
    { name = "task_id", type = "string", required = true,
      doc = "Task id; v2:wait_bot_publish follows the publishing" },
  },
}
