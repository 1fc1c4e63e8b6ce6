local shared = require "wxbot.api.fields"

return {
  name = "task_fetch",
  summary = "Query an import, export or publish task",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/bot/task_fetch",
  path = "/openapi/bts/taskfetch/{token}",
  repeats = "always",
  waiter = {
    name = "wait_task", what = "task", id = "task_id", state = "state",
    pending = { 0, 1 }, success = 2, reason = "msg",
  },
  -- Up to 5000 skills with their intents, twice.
  max_body = 16 * 1024 * 1024,
  request = {
    { name = "openid", type = "string", id = true, required = true,
      administrator = true,
      doc = "Administrator id (the creator's or an administrator's), not an openid of WeChat" },
    shared.task_id,
  },
  payload = "data",
  response = shared.list({
    { name = "state", type = "integer", required = true,
      enum_names = { [0] = "preparing", "running", "success", "failure" },
      doc = "0 preparing, 1 running, 2 success, 3 failure" },
  }, shared.task),
  -- Beside data, kept in the result.
  envelope = {
    { name = "progress_bar", type = "string", doc = "Progress bar" },
    shared.request_id,
    { name = "type", type = "integer", doc = "Type of the task" },
  },
}
