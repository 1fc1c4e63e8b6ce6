-- Written from the document.

return {
  url = "https://api.weixin.qq.com/cgi-bin/component/api_start_push_ticket",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  requests = {
    {
      why = "the document's example",
      params = { component_appid = "wxd0bfc95064b5bfc1",
        component_secret = "28c223a63f7de0d5xxxxxxxxxxx" },
      body = '{"component_appid":"wxd0bfc95064b5bfc1",'
        .. '"component_secret":"28c223a63f7de0d5xxxxxxxxxxx"}',
    },
  },
  answers = {
    {
      why = "the document's success",
      body = '{"errcode":0,"errmsg":"ok"}',
      result = { errcode = 0, errmsg = "ok" },
      canonical = '{"errcode":0,"errmsg":"ok"}',
    },
    {
      why = "the document's success of tickets that come already",
      body = '{"errcode":0,"errmsg":"in a normal state"}',
      result = { errcode = 0, errmsg = "in a normal state" },
    },
    {
      why = "the document's failure",
      body = '{"errcode":40013,"errmsg":"invalid appid"}',
      err = { kind = "platform", code = 40013, message = "invalid appid" },
    },
    {
      why = "a text that repeats the secret",
      body = '{"errcode":40125,"errmsg":"28c223a63f7de0d5xxxxxxxxxxx is no '
        .. 'secret"}',
      err = { kind = "platform", code = 40125, message = "*** is no secret" },
    },
  },
}
