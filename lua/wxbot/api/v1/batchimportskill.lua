local shared = require "wxbot.api.fields"

local SKILL = {
  shared.skillname, shared.title,
  { name = "question", type = "list", of = "string", doc = "Similar questions" },
  { name = "answer", type = "list", of = "string", required = true,
    doc = "Answers; only texts are known to be kept" },
}

return {
  name = "batchimportskill",
  summary = "Import questions and answers, one batch",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/bot/batchimportskill",
  path = "/openapi/batchimportskill/{token}",
  repeats = "never",
  -- The document has no limit.
  batch = { name = "import", field = "skill", what = "questions",
    done = "handed over", size = 100, max_bytes = 256 * 1024,
    replace = { field = "mode", value = "1", after = "0",
      waiter = "task_fetch", params = { openid = "managerid" } } },
  request = {
    shared.managerid,
    -- Of the newer page only.
    { name = "mode", type = "string", enum = { "0", "1" },
      doc = "0 (default): add to what is there; 1: replace everything" },
    { name = "skill", type = "list", of = "object", fields = SKILL,
      required = true, doc = "Questions with their answers" },
  },
  -- The older page shows no data; the newer one most likely has the task there.
  payload = "data",
  payload_optional = true,
  requires_any = { "code", "errcode", "data" },
  response = shared.task_begun,
}
