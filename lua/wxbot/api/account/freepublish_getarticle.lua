local article = require "wxbot.api.article"
local shared = require "wxbot.api.fields"

return {
  name = "freepublish_getarticle",
  summary = "Get the articles of a publication",
  source = "https://developers.weixin.qq.com/doc/offiaccount/Publish/Get_article_from_id.html",
  path = "/cgi-bin/freepublish/getarticle",
  repeats = "always",
  limits = { per_day = 100 },
  -- Up to eight articles, each of up to 1 MB.
  max_body = 16 * 1024 * 1024,
  requires_any = { "news_item" },
  errors = { 40001, 40014, 42001, 48001, 53600 },
  request = { shared.article_id },
  response = {
    { name = "news_item", type = "list", of = "object", fields = article.published,
      doc = "The articles" },
  },
}
