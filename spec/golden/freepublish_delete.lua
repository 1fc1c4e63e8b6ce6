-- Written from the document.

return {
  url = "https://api.weixin.qq.com/cgi-bin/freepublish/delete"
    .. "?access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  credentials = { access_token = "ACCESS_TOKEN" },
  requests = {
    {
      why = "the document's example",
      params = { article_id = "ARTICLE_ID", index = 1 },
      body = '{"article_id":"ARTICLE_ID","index":1}',
    },
    {
      why = "the wish to delete everything",
      params = { article_id = "ARTICLE_ID", all = true },
      read = { article_id = "ARTICLE_ID" },
      body = '{"article_id":"ARTICLE_ID"}',
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"errcode":0,"errmsg":"ok"}',
      result = { errcode = 0, errmsg = "ok" },
      canonical = '{"errcode":0,"errmsg":"ok"}',
    },
    {
      why = "an article that is not there, without a text",
      body = '{"errcode":53600,"errmsg":""}',
      err = { kind = "platform", code = 53600,
        message = "the article_id is not valid" },
    },
  },
}
