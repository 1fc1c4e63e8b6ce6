-- Written from the document.

local URL = "https://api.weixin.qq.com/cgi-bin/freepublish/delete"
  .. "?access_token=ACCESS_TOKEN"
local HEADERS = { ["content-type"] = "application/json; charset=utf-8" }

return {
  credentials = { access_token = "ACCESS_TOKEN" },
  requests = {
    {
      why = "the document's example",
      params = { article_id = "ARTICLE_ID", index = 1 },
      url = URL,
      headers = HEADERS,
      body = '{"article_id":"ARTICLE_ID","index":1}',
    },
    {
      why = "the wish to delete everything",
      params = { article_id = "ARTICLE_ID", all = true },
      read = { article_id = "ARTICLE_ID" },
      url = URL,
      headers = HEADERS,
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
    {
      why = "an answer that confirms nothing",
      body = "{}",
      err = { kind = "protocol" },
    },
    {
      why = "a token that is not valid, as it was seen",
      body = '{"errcode":40001,"errmsg":"invalid credential, access_token '
        .. 'is invalid or not latest rid: 67db812a-08959018-7d56a8b6"}',
      err = { kind = "platform", code = 40001,
        rid = "67db812a-08959018-7d56a8b6" },
    },
  },
}
