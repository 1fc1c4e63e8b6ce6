-- Written from the documents. Signed with hmac of another
-- language: header {"typ":"JWT","alg":"HS256"}, key the EncodingAESKey as it is.

local TOKEN = "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv"

return {
  open = true, -- each service answers with fields of its own
  headers = { ["content-type"] = "application/x-www-form-urlencoded" },
  requests = {
    {
      why = "a text to be cut into words",
      params = { name = "tokenize", uid = "u1", data = { q = "你好" } },
      read = { uid = "u1", data = { q = "你好" } },
      url = "https://chatbot.weixin.qq.com/openapi/nlp/tokenize/"
        .. TOKEN,
      body = "query=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJ1aWQiOiJ1MSIsImRhdGE"
        .. "iOnsicSI6IuS9oOWlvSJ9fQ.YvFo3x5iZQ6E0M2whu6o-LKS5qVqAIjMIHgOw35rnO"
        .. "Y",
    },
    {
      why = "a list of objects to a service with a hyphen",
      params = { name = "ner-product", uid = "u1",
        data = { candidates = { { text = "a" }, { text = "b" } } } },
      read = { uid = "u1",
        data = { candidates = { { text = "a" }, { text = "b" } } } },
      url = "https://chatbot.weixin.qq.com/openapi/nlp/ner-product/"
        .. TOKEN,
      body = "query=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJ1aWQiOiJ1MSIsImRhdGE"
        .. "iOnsiY2FuZGlkYXRlcyI6W3sidGV4dCI6ImEifSx7InRleHQiOiJiIn1dfX0.KtnCt"
        .. "eu_m9nmCoSbAQqq3IffL1V05n8-oD33ZbhSOy8",
    },
    {
      why = "no data, which stays an object",
      params = { name = "recommend_questions", uid = "u1", data = {} },
      read = { uid = "u1", data = {} },
      url = "https://chatbot.weixin.qq.com/openapi/nlp/recommend_questions/"
        .. TOKEN,
      body = "query=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJ1aWQiOiJ1MSIsImRhdGE"
        .. "iOnt9fQ.WlS_unBtXjD5Y5s2PiM8IwMJvz8ojqtZZFwqOWVEklc",
    },
  },
  answers = {
    {
      why = "the document's sentiment, whose error is null",
      body = '{"error":null,"result":[["高兴",0.9],["无情感",0.1]],"costime":12}',
      result = { result = { { "高兴", 0.9 }, { "无情感", 0.1 } },
        costime = 12 },
    },
    {
      why = "an answer of another shape, as it comes",
      body = '{"results":[{"question":"a","score":0.5}],"exact_match":false}',
      result = { results = { { question = "a", score = 0.5 } },
        exact_match = false },
    },
    {
      why = "an error that is a text",
      body = '{"error":"q is empty","result":[]}',
      err = { kind = "platform", code = "error",
        message = "q is empty" },
    },
    {
      why = "an error that is an object",
      body = '{"error":{"code":7,"message":"no such model"}}',
      err = { kind = "platform", code = 7, message = "no such model" },
    },
    {
      why = "an error that is an object of nothing known",
      body = '{"error":{"a":1},"result":null}',
      err = { kind = "platform", code = "error" },
    },
    {
      why = "a failure of the other kind",
      body = '{"errcode":1005,"errmsg":"","rid":"00000001"}',
      err = { kind = "platform", code = 1005, rid = "00000001" },
    },
  },
}
