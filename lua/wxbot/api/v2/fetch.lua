-- Query the state of a task.

local SKILL = {
  { name = "id", type = "string", doc = "Skill id" },
  { name = "name", type = "string", text = true, doc = "Name of the skill" },
  { name = "intents", type = "list", of = "object", fields = {
      { name = "id", type = "string", doc = "Intent id" },
      { name = "name", type = "string", text = true, doc = "Name of the intent" },
    }, doc = "Intents of the skill" },
}

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
  request = {
    { name = "task_id", type = "string", id = true, required = true,
      doc = "Task id" },
  },
  response = {
    -- Unlike task_fetch it has no state of preparing.
    { name = "state", type = "integer", required = true,
      enum_names = { "running", "success", "failure" },
      doc = "1 running, 2 success, 3 failure" },
    { name = "msg", type = "string", text = true, doc = "Failure message" },
    { name = "progress", type = "integer", doc = "Progress, percent" },
    { name = "start", type = "integer", doc = "Start, unix seconds" },
    { name = "end", type = "integer", doc = "End, unix seconds" },
    { name = "url", type = "string", text = true, doc = "Download link of an export" },
    { name = "success_skill_info", type = "list", of = "object",
      fields = SKILL, doc = "Imported skills" },
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
