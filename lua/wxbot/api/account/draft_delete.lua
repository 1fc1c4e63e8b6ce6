-- Delete a draft; this cannot be undone.

local shared = require "wxbot.api.fields"

return {
  name = "draft_delete",
  summary = "Delete a draft",
  source = "https://developers.weixin.qq.com/doc/service/api/draftbox/draftmanage/api_draft_delete",
  path = "/cgi-bin/draft/delete",
  repeats = "never",
  limits = { per_day = 1000 },
  requires_any = { "errcode" },
  errors = { 40001, 40007, 40014, 42001, 48001 },
  request = { shared.draft_id },
  response = { shared.errcode, shared.errmsg },
}
