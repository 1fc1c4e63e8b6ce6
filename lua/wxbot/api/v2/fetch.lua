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
  response = {
    -- Unlike task_fetch it has no state of preparing.
    { name = "state", type = "integer", required = true,
      enum_names = { "running", "success", "failure" },
      doc = "1 running, 2 success, 3 failure" },
    { name = "msg", type = "string", text = true, doc = "Failure message" },
    shared.progress,
    { name = "start", type = "integer", doc = "Start, unix seconds" },
    { name = "end", type = "integer", doc = "End, unix seconds" },
    { name = "url", type = "string", text = true, doc = "Download link of an export" },
    shared.imported_skills,
    { name = "fail_skill_info", type = "list", of = "any",
      doc = "Skills that failed" },
    { name = "total_count", type = "integer", doc = "Rows in all" },
    { name = "success_count", type = "integer", doc = "Rows imported" },
    { name = "fail_count", type = "integer", doc = "Rows that failed" },
    { name = "replace_count", type = "integer", doc = "Rows replaced" },
    { name = "success_upload_count", type = "integer",
      doc = "Rows uploaded" },
    { name = "import_export_time", type = "any",
      doc = "Time of import or export" },
  },
}
