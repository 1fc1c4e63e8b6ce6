-- Delete what was published; this cannot be undone.

local shared = require "wxbot.api.fields"

return {
  name = "freepublish_delete",
  summary = "Delete a published article, or all of a publication",
  source = "https://developers.weixin.qq.com/doc/offiaccount/Publish/Delete_posts.html",
  path = "/cgi-bin/freepublish/delete",
  repeats = "never",
  limits = { per_day = 10 },
  requires_any = { "errcode" },
  errors = { 40001, 40014, 42001, 48001, 53600 },
  request = {
    shared.article_id,
    -- For the platform, none or 0 means all: too easily said by accident.
    { name = "index", type = "integer", min = 1, required_unless = "all",
      doc = "Number of the article, from 1" },
    { name = "all", type = "boolean", location = "client",
      doc = "Delete every article of the publication; then without index" },
  },
  response = { shared.errcode, shared.errmsg },
}
