local article = require "wxbot.api.article"
local shared = require "wxbot.api.fields"

return {
  name = "draft_get",
  summary = "Get the articles of a draft",
  source = "https://developers.weixin.qq.com/doc/service/api/draftbox/draftmanage/api_getdraft",
  path = "/cgi-bin/draft/get",
  repeats = "always",
  limits = { per_day = 500 },
  -- Several articles, each of up to 1 MB.
  max_body = 16 * 1024 * 1024,
  requires_any = { "news_item" },
  errors = { 40001, 40007, 40014, 42001, 48001 },
  request = { shared.draft_id },
  response = {
    { name = "news_item", type = "list", of = "object", fields = article.draft,
      doc = "The articles" },
  },
}
