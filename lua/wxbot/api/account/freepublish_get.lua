local ARTICLE = {
  { name = "idx", type = "integer", doc = "Number of the article" },
  { name = "article_url", type = "string", text = true, doc = "Permanent link to the article" },
}

return {
  name = "freepublish_get",
  summary = "Query the state of a publication",
  source = "https://developers.weixin.qq.com/doc/offiaccount/Publish/Get_status.html",
  path = "/cgi-bin/freepublish/get",
  repeats = "always",
  limits = { per_day = 100 },
  waiter = {
    name = "wait_publication", what = "publication", id = "publish_id",
    state = "publish_status", pending = { 1 }, success = 0,
    interval = 2, max_interval = 120, timeout = 1800, max_attempts = 50,
  },
  errors = { 40001, 40002, 40014, 42001, 48001, 53502 },
  request = {
    { name = "publish_id", type = "string", id = true, required = true,
      doc = "Id of the publication" },
  },
  response = {
    { name = "publish_id", type = "string", doc = "Id of the publication" },
    { name = "publish_status", type = "integer", required = true,
      enum_names = { [0] = "success", "publishing", "originality_failure", "failure",
        "platform_refused", "deleted", "banned" },
      doc = "0 success, 1 publishing, 2 originality check failed, 3 failed, 4 refused by "
        .. "the platform, 5 all articles deleted by the user, 6 all banned by the system" },
    { name = "article_id", type = "string", doc = "Id of the article, after success" },
    { name = "article_detail", type = "object", doc = "Articles, after success",
      fields = {
        { name = "count", type = "integer", doc = "Number of articles" },
        { name = "item", type = "list", of = "object", fields = ARTICLE,
          doc = "The articles" },
      } },
    { name = "fail_idx", type = "list", of = "integer",
      doc = "Numbers of the articles that failed" },
  },
}
