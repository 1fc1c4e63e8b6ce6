local ARTICLES = require "wxbot.api.account.freepublish_getarticle".response

local ITEM = {
  { name = "article_id", type = "string", doc = "Id of the publication's articles" },
  { name = "content", type = "object", fields = ARTICLES, doc = "The articles" },
  { name = "update_time", type = "integer", doc = "Last change, unix seconds" },
}

return {
  name = "freepublish_batchget",
  summary = "List what was published, one page",
  source = "https://developers.weixin.qq.com/doc/offiaccount/Publish/Get_publication_records.html",
  path = "/cgi-bin/freepublish/batchget",
  repeats = "always",
  limits = { per_day = 100 },
  pages = { name = "publications", what = "everything that was published",
    offset = "offset", count = "count", items = "item",
    total = "total_count" },
  -- As for one publication: a page that is longer can be halved.
  max_body = 16 * 1024 * 1024,
  requires_any = { "total_count", "item" },
  errors = { 40001, 40002, 40014, 42001, 48001 },
  request = {
    { name = "offset", type = "integer", required = true, min = 0,
      doc = "How many to leave out, from 0" },
    { name = "count", type = "integer", required = true, min = 1, max = 20,
      doc = "How many to list, 1 to 20" },
    { name = "no_content", type = "integer", min = 0, max = 1,
      doc = "1: without the content of the articles, of which a page may be larger "
        .. "than an answer is allowed to be" },
  },
  response = {
    { name = "total_count", type = "integer", doc = "How many there are" },
    { name = "item_count", type = "integer", doc = "How many are on this page" },
    { name = "item", type = "list", of = "object", fields = ITEM,
      doc = "What is on this page" },
  },
}
