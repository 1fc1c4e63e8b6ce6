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
  response = {
    { name = "state", type = "integer", required = true,
      enum_names = { [0] = "preparing", "running", "success", "failure" },
      doc = "0 preparing, 1 running, 2 success, 3 failure" },
    shared.progress,
    { name = "start", type = "integer", doc = "Start of the task, unix seconds" },
    { name = "end", type = "integer", doc = "End of the task, unix seconds" },
    { name = "url", type = "string", text = true, doc = "Download link of an export task" },
    { name = "msg", type = "string", text = true, doc = "Failure message when state is 3" },
    shared.imported_skills,
    { name = "fail_skill_info", type = "list", of = "any",
      doc = "Skills and intents that failed, with the reason, 5000 at most" },
    -- Only the example answer shows it.
    { name = "import_export_time", type = "any", doc = "Time of import or export" },
  },
  -- Beside data, kept in the result.
  envelope = {
    { name = "progress_bar", type = "string", doc = "Progress bar" },
    shared.request_id,
    { name = "type", type = "integer", doc = "Type of the task" },
  },
}
