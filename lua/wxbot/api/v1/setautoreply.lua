local shared = require "wxbot.api.fields"

return {
  name = "setautoreply",
  summary = "Create or replace one question and its answer",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/deprecated/bot/setautoreply",
  path = "/openapi/setautoreply/{token}",
  repeats = "never",
  request = {
    shared.managerid, shared.skillname, shared.title,
    { name = "content", type = "string", required = true, doc = "Answer" },
    { name = "list", type = "list", of = "string", item_name = "question",
      doc = "Similar questions" },
  },
  -- As for batchimportskill, of which this is one line.
  payload = "data",
  payload_optional = true,
  requires_any = { "code", "errcode", "data" },
  response = shared.task_begun,
}
