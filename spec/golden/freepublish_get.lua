-- Written from the document, and answers that were seen.

local URL = "https://api.weixin.qq.com/cgi-bin/freepublish/get"
  .. "?access_token=ACCESS_TOKEN"

return {
  credentials = { access_token = "ACCESS_TOKEN" },
  requests = {
    {
      why = "the document's example",
      params = { publish_id = "100000001" },
      url = URL,
      headers = { ["content-type"] = "application/json; charset=utf-8" },
      body = '{"publish_id":"100000001"}',
    },
    {
      why = "an access token with characters that a URL reserves",
      credentials = { access_token = "a/b+c=d&e?f#g" },
      params = { publish_id = "1" },
      url = "https://api.weixin.qq.com/cgi-bin/freepublish/get"
        .. "?access_token=a%2Fb%2Bc%3Dd%26e%3Ff%23g",
      headers = { ["content-type"] = "application/json; charset=utf-8" },
      body = '{"publish_id":"1"}',
    },
  },
  answers = {
    {
      why = "the document's success",
      body = [[{
"publish_id": "100000001",
"publish_status": 0,
"article_id": "ARTICLE_ID",
"article_detail": {
"count": 1,
"item": [
{
"idx": 1,
"article_url": "ARTICLE_URL"
}
]
},
"fail_idx": []
}]],
      result = { publish_id = "100000001", publish_status = 0,
        publish_status_name = "success", article_id = "ARTICLE_ID",
        article_detail = { count = 1,
          item = { { idx = 1, article_url = "ARTICLE_URL" } } },
        fail_idx = {} },
      canonical = '{"publish_id":"100000001","publish_status":0,'
        .. '"article_id":"ARTICLE_ID","article_detail":{"count":1,"item":'
        .. '[{"idx":1,"article_url":"ARTICLE_URL"}]},"fail_idx":[]}',
    },
    {
      why = "the document's publication in progress",
      body = '{"publish_id": "100000001", "publish_status": 1, '
        .. '"fail_idx": [1]}',
      result = { publish_id = "100000001", publish_status = 1,
        publish_status_name = "publishing", fail_idx = { 1 } },
    },
    {
      why = "the document's originality failure",
      body = '{"publish_id": "100000001", "publish_status": 2, '
        .. '"fail_idx": [1, 2]}',
      result = { publish_id = "100000001", publish_status = 2,
        publish_status_name = "originality_failure", fail_idx = { 1, 2 } },
    },
    {
      why = "seen: an id beyond 31 bits, as a number",
      body = '{"publish_id":2247483655,"publish_status":3,"fail_idx":[1]}',
      result = { publish_id = "2247483655", publish_status = 3,
        publish_status_name = "failure", fail_idx = { 1 } },
    },
    {
      why = "an id beyond what a double holds",
      body = '{"publish_id":9223372036854775808,"publish_status":1}',
      result = { publish_id = "9223372036854775808", publish_status = 1,
        publish_status_name = "publishing", fail_idx = {} },
    },
    {
      why = "not authorised, without a text",
      body = '{"errcode":48001}',
      err = { kind = "platform", code = 48001, message =
        "the account is not authorised to use this interface" },
    },
  },
}
