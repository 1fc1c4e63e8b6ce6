-- Query an asynchronous task.

local INTENT = {
  { name = "id", type = "string", doc = "Intent id" },
  { name = "name", type = "string", text = true, doc = "Name of the intent" },
}

local SKILL = {
  { name = "id", type = "string", doc = "Skill id" },
  { name = "name", type = "string", text = true, doc = "Name of the skill" },
  { name = "intents", type = "list", of = "object", fields = INTENT,
    doc = "Its intents" },
}

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
      doc = "Administrator id (the creator's or an administrator's), not an openid of WeChat" },
    { name = "task_id", type = "string", id = true, required = true,
      doc = "Task id" },
  },
  payload = "data",
  response = {
    { name = "state", type = "integer", required = true,
      enum_names = { [0] = "preparing", "running", "success", "failure" },
      doc = "0 preparing, 1 running, 2 success, 3 failure" },
    { name = "progress", type = "integer", doc = "Progress, percent" },
    { name = "start", type = "integer", doc = "Start of the task, unix seconds" },
    { name = "end", type = "integer", doc = "End of the task, unix seconds" },
    { name = "url", type = "string", text = true, doc = "Download link of an export task" },
    { name = "msg", type = "string", text = true, doc = "Failure message when state is 3" },
    { name = "success_skill_info", type = "list", of = "object", fields = SKILL,
      doc = "Imported skills, 5000 at most" },
    { name = "fail_skill_info", type = "list", of = "any",
      doc = "Skills and intents that failed, with the reason, 5000 at most" },
    -- Only the example answer shows it.
    { name = "import_export_time", type = "any", doc = "Time of import or export" },
  },
  -- Beside data, kept in the result.
  envelope = {
    { name = "progress_bar", type = "string", doc = "Progress bar" },
    { name = "request_id", type = "string", doc = "Request id" },
    { name = "type", type = "integer", doc = "Type of the task" },
  },
}
