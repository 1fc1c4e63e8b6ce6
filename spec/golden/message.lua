-- Written from the documents. Signed with hmac of another
-- language: header {"typ":"JWT","alg":"HS256"}, key the EncodingAESKey as it is.

return {
  url = "https://chatbot.weixin.qq.com/openapi/message/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  headers = { ["content-type"] = "application/x-www-form-urlencoded" },
  requests = {
    {
      why = "the document's fields",
      params = { username = "u1", msg = "你好" },
      body = "query=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJ1c2VybmFtZSI6InUxIiw"
        .. "ibXNnIjoi5L2g5aW9In0.wHTF2A5IiSycCnZ9Wct6UpJ5Grm7WqY5UVYKT2ySGPM",
    },
    {
      why = "text that needs escapes",
      params = { username = "u/1", msg = 'a"b\\\n</x>' },
      body = "query=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJ1c2VybmFtZSI6InUvMSI"
        .. "sIm1zZyI6ImFcImJcXFxuPC94PiJ9.rbZ_QKbNOIEIp6g8WI8f2WDsvEkTc0Aau-hq"
        .. "m-ZN0iU",
    },
  },
  answers = {
    {
      why = "an answer of the family of aibot",
      body = '{"ret":0,"answer":"你好呀","answer_type":"text","msg":[{"content":'
        .. '"你好呀","msg_type":"text"}],"from_user_name":"u1",'
        .. '"to_user_name":"bot","status":"FAQ","bid_stat":{"up_ret":0}}',
      result = { ret = 0, answer = "你好呀", answer_type = "text",
        msg = { { content = "你好呀", msg_type = "text" } },
        from_user_name = "u1", to_user_name = "bot", status = "FAQ",
        bid_stat = { up_ret = 0 }, options = {}, slot_info = {},
        slots_info = {}, text = "你好呀", rich = { { kind = "text",
          text = "你好呀", links = {}, articles = {}, play_list = {} } } },
    },
    {
      why = "a failure whose msg is a list",
      body = '{"ret":1005,"msg":[{"content":"no"}],"rid":"00000001"}',
      err = { kind = "platform", code = 1005, rid = "00000001",
        message = "the signature is expired or not valid" },
    },
  },
}
