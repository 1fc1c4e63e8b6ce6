local shared = require "wxbot.api.fields"

return {
  name = "label_batchset",
  summary = "Tag users, one batch",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/bot/batchsetlabel",
  path = "/openapi/label/batchset/{token}",
  repeats = "unless_newer",
  -- A late repeat must not undo a newer tag of the same kind.
  supersedes = { "appid", "category", each = "list" },
  -- The document has no limit; its cousin for official accounts takes 50.
  batch = { name = "tag", field = "list", what = "openids", done = "tagged",
    size = 50, parallel = 4 },
  requires_any = { "errcode", "code" },
  errors = { 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1009, 1010, 1011, 1013, 1019 },
  request = {
    shared.account_appid,
    { name = "category", type = "string", required = true,
      doc = "Name of the tag" },
    { name = "label", type = "string", required = true,
      doc = "Second-level tag" },
    { name = "desc", type = "string", required = true,
      doc = "Rule by which users get the tag" },
    { name = "list", type = "list", of = "string", id = true, item_name = "openid",
      required = true, doc = "Openids of the users to tag" },
  },
  response = {
    shared.errcode,
    { name = "code", type = "integer", doc = "0" },
    -- The document's table belongs to aibot, its example shows a text.
    { name = "msg", type = "any", doc = "Success, as a text" },
    { name = "answer_type", type = "string", doc = "Listed by the document, never seen" },
    { name = "from_user_name", type = "string", doc = "Listed by the document, never seen" },
    { name = "to_user_name", type = "string", doc = "Listed by the document, never seen" },
    { name = "status", type = "string", doc = "Listed by the document, never seen" },
    shared.rid,
  },
}
