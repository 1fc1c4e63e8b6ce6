-- Publish the bot: what was imported becomes what users see.

return {
  name = "publish",
  summary = "Publish the bot",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/bot/publish",
  path = "/openapi/publish/{token}",
  repeats = "never",
  request = {
    { name = "managerid", type = "string", id = true, required = true,
      administrator = true,
      doc = "Administrator id (the creator's or an administrator's)" },
  },
  -- The page shows no data; API version 2 answers with a task.
  payload = "data",
  payload_optional = true,
  requires_any = { "code", "errcode", "data" },
  response = {
    { name = "task_id", type = "string",
      doc = "Task to follow with task_fetch; absent where the platform makes none" },
  },
}
