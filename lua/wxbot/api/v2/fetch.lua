local shared = require "wxbot.api.fields"

return {
  name = "v2_fetch",
  summary = "Query the state of a task of v2",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/fetch",
  path = "/v2/async/fetch",
  repeats = "always",
  waiter = {
    name = "wait_task", what = "task", id = "task_id", state = "state",
    pending = { 1 }, success = 2, reason = "msg",
  },
  -- Up to 5000 skills with their intents, twice.
  max_body = 16 * 1024 * 1024,
  request = { shared.task_id },
  response = shared.list({
    -- Unlike task_fetch it has no state of preparing.
    { name = "state", type = "integer", required = true,
      enum_names = { "running", "success", "failure" },
      doc = "1 running, 2 success, 3 failure" },
    { name = "total_count", type = "integer", doc = "Rows in all" },
    { name = "success_count", type = "integer", doc = "Rows imported" },
    { name = "fail_count", type = "integer", doc = "Rows that failed" },
    { name = "replace_count", type = "integer", doc = "Rows replaced" },
    { name = "success_upload_count", type = "integer",
      doc = "Rows uploaded" },
  }, shared.task),
}
