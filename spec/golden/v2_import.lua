-- Written from the document.

return {
  requests = {
    {
      why = "the document's fields",
      params = { mode = 0, data = { { skill = "s", intent = "i",
        disable = false, questions = { "q1", "q2" }, answers = { "a" } } } },
      url = "https://openaiapi.weixin.qq.com/v2/bot/import/json",
      content_type = "application/json",
      body = '{"mode":0,"data":[{"skill":"s","intent":"i","disable":false,"questions":["q1'
        .. '","q2"],"answers":["a"]}]}',
    },
    {
      why = "the fields of the older document, too",
      params = { mode = 1, data = { { skill = "s", old_intent = "o",
        intent = "i", threshold = "0.9", answers = { "a" } } } },
      url = "https://openaiapi.weixin.qq.com/v2/bot/import/json",
      content_type = "application/json",
      body = '{"mode":1,"data":[{"skill":"s","old_intent":"o","intent":"i","threshold":"0.'
        .. '9","answers":["a"]}]}',
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
    {
      why = "an answer that confirms nothing",
      body = '{}',
      err = { kind = "protocol" },
    },
    {
      why = "seen: no administrator",
      body = '{"code":210202,"data":{"task_id":""},"msg":"该用户没有该bid操作权限","request_id":""}',
      err = { kind = "platform", code = 210202,
        message = "该用户没有该bid操作权限" },
    },
    {
      why = "seen: an internal error with its cause",
      body = '{"code":110001,"data":{"err_detail":210202},"msg":"Internal Server Error","r'
        .. 'equest_id":"r9"}',
      err = { kind = "platform", code = 110001, detail = 210202, rid = "r9",
        message = "Internal Server Error (210202: no permission: check account, "
          .. "token and aes_key)" },
    },
  },
}
