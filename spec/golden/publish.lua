-- Written from the document.
-- Sealed with openssl enc, the random being 0123456789abcdef.

return {
  url = "https://chatbot.weixin.qq.com/openapi/publish/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  headers = { ["content-type"] = "application/json" },
  requests = {
    {
      why = "the document's field",
      params = { managerid = "ADMIN" },
      plain = "<xml><managerid><![CDATA[ADMIN]]></managerid></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOT5oUMF/JZ4FQj3c5JpdXIbeXfkuFsRNaqOnVrZgtbDLe+L8dcZsg7vFV"
      .. "B0Slv+X8EmNu8Mm0Tw2PrYPY/fLL83JGnSkrbHguROmjHffGNMAz"
      .. '"}',
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"code":0,"errcode":0,"msg":"success"}',
      result = {},
    },
    {
      why = "an answer with a task",
      body = '{"code":0,"data":{"task_id":"TASK1"},"msg":"success"}',
      result = { task_id = "TASK1" },
    },
    {
      why = "a success beside data that is not what it might be",
      body = '{"code":0,"data":"","msg":"success"}',
      result = { data = "" },
    },
    {
      why = "such data alone, which confirms nothing",
      body = '{"data":""}',
      err = { kind = "protocol" },
    },
  },
}
