local shared = require "wxbot.api.fields"

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
  request = { shared.managerid },
  payload = "data",
  -- Not the numbers of task_fetch, where 2 is success.
  response = { shared.progress, shared.publish_status },
}
