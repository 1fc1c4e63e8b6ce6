-- Written from the document.

return {
  url = "https://openaiapi.weixin.qq.com/v2/bot/import/json",
  content_type = "application/json",
  requests = {
    {
      why = "the document's fields",
      params = { mode = 0, data = { { skill = "s", intent = "i",
        disable = false, questions = { "q1", "q2" }, answers = { "a" } } } },
      body = '{"mode":0,"data":[{"skill":"s","intent":"i","disable":false,"questions":["q1'
        .. '","q2"],"answers":["a"]}]}',
      sign = "9c6258e9aea8fe950f116fcde3073a69",
    },
    {
      why = "the fields of the older document, too",
      params = { mode = 1, data = { { skill = "s", old_intent = "o",
        intent = "i", threshold = "0.9", answers = { "a" } } } },
      body = '{"mode":1,"data":[{"skill":"s","old_intent":"o","intent":"i","threshold":"0.'
        .. '9","answers":["a"]}]}',
      sign = "4597a7b4d22f5fe342988a997bc43e12",
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"code":0,"data":{"task_id":"T1"},"msg":""}',
      result = { task_id = "T1" },
    },
    {
      why = "seen: success without a task",
      body = '{"code":0,"data":{"task_id":null},"msg":""}',
      err = { kind = "platform", code = "task_id",
        message = "the platform began nothing: its task_id is empty" },
    },
    {
      why = "success with an empty task",
      body = '{"code":0,"data":{"task_id":""},"msg":""}',
      err = { kind = "platform", code = "task_id" },
    },
    {
      why = "success without data",
      body = '{"code":0,"data":null,"msg":""}',
      err = { kind = "platform", code = "task_id" },
    },
  },
}
