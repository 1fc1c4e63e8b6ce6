local article = require "wxbot.api.article"

return {
  name = "draft_add",
  summary = "Put articles into the draft box, as one draft",
  source = "https://developers.weixin.qq.com/doc/service/api/draftbox/draftmanage/api_draft_add",
  path = "/cgi-bin/draft/add",
  -- A repeat would make a second draft.
  repeats = "never",
  limits = { per_day = 1000 },
  errors = { 40001, 40007, 40014, 42001, 45002, 45003, 45004, 45005, 45008,
    45166, 48001, 53402, 53404, 53405, 53406 },
  request = {
    { name = "articles", type = "list", of = "object", required = true,
      fields = article.request, doc = "The articles, in their order" },
  },
  response = {
    { name = "media_id", type = "string", required = true,
      doc = "Media id of the draft" },
  },
}
