-- Written from the document.

return {
  url = "https://openaiapi.weixin.qq.com/v2/bot/publish",
  content_type = "application/json",
  requests = {
    {
      why = "no parameters",
      params = {},
      body = '',
      sign = "339b0f5911d1c85a5378ceddfc75c5d0",
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"code":0,"data":{"task_id":"T2"},"msg":"success","request_id":"r1"}',
      result = { task_id = "T2", request_id = "r1" },
    },
    {
      why = "publishing that goes on",
      body = '{"code":210205,"data":null,"msg":"Bot is being published"}',
      err = { kind = "platform", code = 210205,
        message = "Bot is being published" },
    },
    {
      why = "success without a task",
      body = '{"code":0,"data":{},"msg":"success"}',
      err = { kind = "platform", code = "task_id" },
    },
  },
}
