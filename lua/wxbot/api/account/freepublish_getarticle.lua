local shared = require "wxbot.api.fields"

local ARTICLE = {
  { name = "title", type = "string", text = true, doc = "Title" },
  { name = "author", type = "string", text = true, doc = "Author" },
  { name = "digest", type = "string", text = true, doc = "Digest" },
  { name = "content", type = "string", text = true, doc = "Content, HTML" },
  { name = "content_source_url", type = "string", text = true, doc = "Link to the original" },
  { name = "thumb_media_id", type = "string", doc = "Media id of the cover" },
  { name = "thumb_url", type = "string", text = true, doc = "URL of the cover" },
  { name = "show_cover_pic", type = "integer", doc = "1: the cover is shown" },
  { name = "need_open_comment", type = "integer", doc = "1: comments are open" },
  { name = "only_fans_can_comment", type = "integer",
    doc = "1: only followers may comment" },
  { name = "url", type = "string", text = true, doc = "Permanent link to the article" },
  { name = "is_deleted", type = "boolean", doc = "The article was deleted" },
}

return {
  name = "freepublish_getarticle",
  summary = "Get the articles of a publication",
  source = "https://developers.weixin.qq.com/doc/offiaccount/Publish/Get_article_from_id.html",
  path = "/cgi-bin/freepublish/getarticle",
  repeats = "always",
  -- Up to eight articles, each of up to 1 MB.
  max_body = 16 * 1024 * 1024,
  requires_any = { "news_item" },
  errors = { 40001, 40014, 42001, 48001, 53600 },
  request = { shared.article_id },
  response = {
    { name = "news_item", type = "list", of = "object", fields = ARTICLE,
      doc = "The articles" },
  },
}
