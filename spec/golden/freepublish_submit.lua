-- Written from the document, and answers that were seen.

return {
  url = "https://api.weixin.qq.com/cgi-bin/freepublish/submit"
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
      body = '{"errcode":0,"errmsg":"ok","publish_id":"100000001"}',
      result = { errcode = 0, errmsg = "ok", publish_id = "100000001" },
      canonical = '{"errcode":0,"errmsg":"ok","publish_id":"100000001"}',
    },
    {
      why = "ids as numbers, beyond what a double holds",
      body = '{"errcode":0,"errmsg":"ok","publish_id":2247483655,'
        .. '"msg_data_id":9223372036854775807}',
      result = { errcode = 0, errmsg = "ok", publish_id = "2247483655",
        msg_data_id = "9223372036854775807" },
    },
    {
      why = "an answer without a publish_id",
      body = '{"errcode":0,"errmsg":"ok"}',
      err = { kind = "protocol" },
    },
    {
      why = "seen: too many requests",
      body = '{"errcode":53501,"errmsg":"请勿频繁请求 hint: [a1-b2] '
        .. 'rid: 67db812a-08959018-7d56a8b6"}',
      err = { kind = "platform", code = 53501,
        rid = "67db812a-08959018-7d56a8b6" },
    },
    {
      why = "a draft that is not there, without a text",
      body = '{"errcode":40007}',
      err = { kind = "platform", code = 40007,
        message = "the media_id is not valid" },
    },
  },
}
