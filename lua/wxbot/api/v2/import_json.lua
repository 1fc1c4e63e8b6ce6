local DATA = {
  { name = "skill", type = "string", required = true,
    doc = "Name of the skill" },
  { name = "old_intent", type = "string",
    doc = "Standard question to be renamed (not in the newest document)" },
  { name = "intent", type = "string", required = true,
    doc = "Standard question: made when there is none, else updated" },
  { name = "threshold", type = "string",
    doc = 'Similarity, as "0.9" (not in the newest document)' },
  { name = "disable", type = "boolean", doc = "Is it disabled?" },
  { name = "questions", type = "list", of = "string",
    doc = "Similar questions" },
  { name = "answers", type = "list", of = "string",
    doc = "Answers, one of which is taken by chance" },
}

return {
  name = "v2_import_json",
  summary = "Import questions with their answers",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/import",
  path = "/v2/bot/import/json",
  repeats = "never",
  -- The document has no limit.
  batch = { name = "import", field = "data", what = "questions",
    done = "handed over", size = 100, max_bytes = 256 * 1024,
    replace = { field = "mode", value = 1, after = 0, waiter = "v2_fetch",
      params = {} } },
  requires_task_id = "task_id",
  request = {
    { name = "mode", type = "integer", required = true, min = 0, max = 1,
      doc = "0 add and overwrite, 1 replace everything" },
    { name = "data", type = "list", of = "object", fields = DATA,
      required = true, doc = "Questions with their answers" },
  },
  response = {
    { name = "task_id", type = "string", required = true,
      doc = "Task id, for v2:fetch and v2:wait_task" },
  },
}
