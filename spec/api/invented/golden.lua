return {
  url = "https://api.weixin.qq.com/cgi-bin/invention/get"
    .. "?access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  requests = {
    {
      why = "all fields",
      params = { invention_id = "7", sizes = { 1, 2 } },
      body = '{"invention_id":"7","sizes":[1,2]}',
    },
  },
  answers = {
    {
      why = "one that has grown",
      body = '{"phase":2,"progress":100,"height":0.5}',
      result = { phase = 2, phase_name = "grown", progress = 100, height = 0.5 },
    },
    {
      why = "an answer without a phase",
      body = '{"errcode":0}',
      err = { kind = "protocol" },
    },
  },
}
