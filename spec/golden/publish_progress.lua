-- Written from the document.
-- Sealed with openssl enc, the random being 0123456789abcdef.

return {
  url = "https://chatbot.weixin.qq.com/openapi/publish_progress/"
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
      body = '{"code":0,"data":{"progress":100,"status":1},"msg":"success"}',
      result = { progress = 100, status = 1, status_name = "success" },
    },
    {
      why = "publishing that goes on",
      body = '{"code":0,"data":{"progress":40,"status":3},"msg":"success"}',
      result = { progress = 40, status = 3, status_name = "publishing" },
    },
    {
      why = "publishing that failed, with numbers as strings",
      body = '{"code":"0","data":{"progress":"40","status":"2"}}',
      result = { progress = 40, status = 2, status_name = "failure" },
    },
    {
      why = "an answer without a status",
      body = '{"code":0,"data":{"progress":100},"msg":"success"}',
      err = { kind = "protocol" },
    },
  },
}
