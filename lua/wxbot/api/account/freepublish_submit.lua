local shared = require "wxbot.api.fields"

return {
  name = "freepublish_submit",
  summary = "Submit a draft for publication",
  source = "https://developers.weixin.qq.com/doc/offiaccount/Publish/Publish.html",
  path = "/cgi-bin/freepublish/submit",
  repeats = "never",
  limits = { per_day = 100 },
  errors = { 40001, 40007, 40014, 42001, 48001, 53404, 53405, 53406, 53500,
    53501, 53503, 53504, 53505 },
  request = { shared.draft_id },
  response = {
    shared.errcode, shared.errmsg,
    { name = "publish_id", type = "string", required = true,
      doc = "Id of the publication, which has only begun: follow it" },
    { name = "msg_data_id", type = "string", doc = "Data id of the message" },
  },
}
