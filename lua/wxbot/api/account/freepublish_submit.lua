local shared = require "wxbot.api.fields"

return {
  name = "freepublish_submit",
  summary = "Submit a draft for publication",
  source = "https://developers.weixin.qq.com/doc/offiaccount/Publish/Publish.html",
  path = "/cgi-bin/freepublish/submit",
  repeats = "never",
  errors = { 40001, 40007, 40014, 42001, 48001, 53500, 53501 },
  request = {
    { name = "media_id", type = "string", id = true, required = true,
      doc = "Media id of the draft" },
  },
  response = {
    shared.errcode, shared.errmsg,
    { name = "publish_id", type = "string", required = true,
      doc = "Id of the publication, which has only begun: follow it" },
    { name = "msg_data_id", type = "string", doc = "Data id of the message" },
  },
}
