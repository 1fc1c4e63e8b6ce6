local shared = require "wxbot.api.fields"

return {
  name = "publish",
  summary = "Publish the bot",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/bot/publish",
  path = "/openapi/publish/{token}",
  repeats = "never",
  request = { shared.managerid },
  -- The page shows no data; API version 2 answers with a task.
  payload = "data",
  payload_optional = true,
  requires_any = { "code", "errcode", "data" },
  response = shared.task_begun,
}
