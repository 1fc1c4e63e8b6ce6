-- Written from the document.

return {
  url = "https://api.weixin.qq.com/cgi-bin/draft/delete"
    .. "?access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  credentials = { access_token = "ACCESS_TOKEN" },
  requests = {
    {
      why = "the document's example",
      params = { media_id = "MEDIA_ID" },
      body = '{"media_id":"MEDIA_ID"}',
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
      why = "the document's failure",
      body = '{"errcode":40007,"errmsg":"invalid media_id"}',
      err = { kind = "platform", code = 40007, message = "invalid media_id" },
    },
  },
}
