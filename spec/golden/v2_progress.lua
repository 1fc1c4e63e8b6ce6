-- Written from the document.

return {
  url = "https://openaiapi.weixin.qq.com/v2/bot/effective_progress",
  content_type = "application/json",
  requests = {
    {
      why = "the document's field",
      params = { env = "online" },
      body = '{"env":"online"}',
      sign = "806d5bd7d91afd17b5642a004b3ec5ff",
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"code":0,"data":{"progress":100,"status":1,"end_time":"t"},"msg":"success",'
        .. '"request_id":"r1"}',
      result = { progress = 100, status = 1, status_name = "success",
        end_time = "t", request_id = "r1" },
    },
    {
      why = "publishing that goes on",
      body = '{"code":0,"data":{"progress":40,"status":3}}',
      result = { progress = 40, status = 3, status_name = "publishing" },
    },
  },
}
