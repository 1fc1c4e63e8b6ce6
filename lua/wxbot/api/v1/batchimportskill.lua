-- Import questions and answers in bulk.

local SKILL = {
  { name = "skillname", type = "string", required = true,
    doc = "Name of the skill" },
  { name = "title", type = "string", required = true,
    doc = "Standard question" },
  { name = "question", type = "list", of = "string", doc = "Similar questions" },
  { name = "answer", type = "list", of = "string", required = true,
    doc = "Answers; only texts are known to be kept" },
}

return {
  name = "batchimportskill",
  summary = "Import questions and answers, one batch",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/bot/batchimportskill",
  service = "chatbot",
  path = "/openapi/batchimportskill/{token}",
  needs = { "token", "aes_key", "appid" },
  wire = "encrypted_xml",
  repeats = "never",
  errors = { 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011,
    1013, 1015, 1019 },
  request = {
    { name = "managerid", type = "string", id = true, required = true,
      administrator = true,
      doc = "Administrator id (the creator's or an administrator's)" },
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
  response = {
    { name = "task_id", type = "string",
      doc = "Task to follow with task_fetch; absent where the platform makes none" },
  },
  envelope = {
    { name = "request_id", type = "string", doc = "Request id" },
    { name = "rid", type = "string", doc = "Trace id" },
  },
}
