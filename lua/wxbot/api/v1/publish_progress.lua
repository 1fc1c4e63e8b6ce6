-- Query how far the publishing of the bot is.

return {
  name = "publish_progress",
  summary = "Query how far the publishing of the bot is",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/bot/publish_progress",
  path = "/openapi/publish_progress/{token}",
  repeats = "always",
  waiter = {
    name = "wait_bot_publish", what = "publishing by", id = "managerid",
    state = "status", pending = { 3 }, success = 1,
  },
  request = {
    { name = "managerid", type = "string", id = true, required = true,
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
}
