-- Query how far the publishing of the bot is.

return {
  name = "v2_progress",
  summary = "Query how far the publishing through v2 is",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/progress",
  path = "/v2/bot/effective_progress",
  repeats = "always",
  waiter = {
    name = "wait_bot_publish", what = "publishing for", id = "env",
    state = "status", pending = { 3 }, success = 1,
  },
  request = {
    { name = "env", type = "string", required = true,
      enum = { "online", "debug" }, doc = "online, or debug" },
  },
  response = {
    { name = "progress", type = "integer", doc = "Progress, percent" },
    { name = "status", type = "integer", required = true,
      enum_names = { "success", "failure", "publishing" },
      doc = "1 success, 2 failure, 3 publishing" },
    { name = "end_time", type = "string",
      doc = "End (the document calls it the start)" },
  },
}
