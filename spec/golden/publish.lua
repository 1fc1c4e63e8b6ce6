-- Written from the document.
-- Sealed with openssl enc, the random being 0123456789abcdef.

local URL = "https://chatbot.weixin.qq.com/openapi/publish/"
  .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv"
local HEADERS = { ["content-type"] = "application/json" }

return {
  requests = {
    {
      why = "the document's field",
      params = { managerid = "ADMIN" },
      url = URL,
      headers = HEADERS,
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
      why = "the document's failure of one who is no administrator",
      body = '{"errcode":1015,"errmsg":"","rid":"31904d53"}',
      err = { kind = "platform", code = 1015, rid = "31904d53", message =
        "the openid or managerid is not an administrator of this bot" },
    },
    {
      why = "an answer that confirms nothing",
      body = "{}",
      err = { kind = "protocol" },
    },
    {
      why = "seen: a malformed request, as plain text",
      body = "Error request, response status: 503",
      err = { kind = "unavailable", status = 503 },
    },
  },
}
