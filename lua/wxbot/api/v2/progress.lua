local shared = require "wxbot.api.fields"

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
    shared.progress, shared.publish_status,
    { name = "end_time", type = "string",
      doc = "End (the document calls it the start)" },
  },
}
