-- Written from the document.

return {
  url = "https://openaiapi.weixin.qq.com/v2/async/fetch",
  content_type = "application/json",
  requests = {
    {
      why = "the document's field",
      params = { task_id = "T1" },
      body = '{"task_id":"T1"}',
      sign = "a4bd6f4927d6b6ca377ed0834edbcfd8",
    },
  },
  answers = {
    {
      why = "an import that has ended",
      body = '{"code":0,"data":{"state":2,"msg":"","progress":100,"start":1,"end":2,"url":'
        .. '"","success_skill_info":[{"id":7,"name":"s","intents":[{"id":8,"name":"i"}]}'
        .. '],"fail_skill_info":null,"total_count":1,"success_count":1,"fail_count":0},"'
        .. 'msg":"success","request_id":"r1"}',
      result = { state = 2, state_name = "success", msg = "", progress = 100,
        start = 1, ["end"] = 2, url = "", success_skill_info = { { id = "7",
          name = "s", intents = { { id = "8", name = "i" } } } },
        fail_skill_info = {}, total_count = 1, success_count = 1,
        fail_count = 0, request_id = "r1" },
    },
    {
      why = "a task that runs, its list null",
      body = '{"code":0,"data":{"state":1,"success_skill_info":null}}',
      result = { state = 1, state_name = "running",
        success_skill_info = {}, fail_skill_info = {} },
    },
  },
}
