-- Written from the document; its example answer lacks quotes and a comma.

local SIGNATURE = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3OD"
  .. "kwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRydWUsImp0aSI6IjI2NTQ0NzYzLTk1Nz"
  .. "ctNDZlNS1iOTFlLTA3NjAyMzhiMjUwNSIsImlhdCI6MTU4NjA5Nzc4MSwiZXhwIjoxNTg2MT"
  .. "AxMzgxfQ.qugHipCyBnONQRGY2fadm1LH-bLi0TrVqam3vZTpRcI"

return {
  url = "https://chatbot.weixin.qq.com/openapi/sign/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  requests = {
    {
      why = "only what is required",
      params = { userid = "alsjdasf12" },
      body = '{"userid":"alsjdasf12"}',
    },
    {
      why = "all fields, with text that needs escapes",
      params = { userid = "u/1", username = '小"明\\\n',
        avatar = "https://example.com/a.png" },
      body = '{"username":"小\\"明\\\\\\n",'
        .. '"avatar":"https://example.com/a.png","userid":"u/1"}',
    },
  },
  answers = {
    {
      why = "the document's example, repaired",
      body = '{"signature": "' .. SIGNATURE .. '", "expiresIn": 7200}',
      result = { signature = SIGNATURE, expiresIn = 7200 },
      canonical = '{"signature":"' .. SIGNATURE .. '","expiresIn":7200}',
    },
    {
      why = "an answer without a signature",
      body = '{"expiresIn": 7200}',
      err = { kind = "protocol" },
    },
    {
      why = "seen: the body was not parsed",
      body = '{"errcode":1003,"errmsg":"userid is required"}',
      err = { kind = "platform", code = 1003,
        message = "userid is required" },
    },
  },
}
