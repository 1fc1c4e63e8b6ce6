-- Written from the document.

return {
  url = "https://openaiapi.weixin.qq.com/v2/token",
  content_type = "application/json",
  requests = {
    {
      why = "the document's field",
      params = { account = "fb2ab07ce06" },
      body = '{"account":"fb2ab07ce06"}',
      sign = "434cda1d90923ac8a09a01fd08668c56",
    },
    {
      why = "no account",
      params = {},
      body = '',
      sign = "339b0f5911d1c85a5378ceddfc75c5d0",
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"code":0,"data":{"access_token":"AT"},"msg":"success","request_id":"r1"}',
      result = { access_token = "AT", request_id = "r1" },
    },
    {
      why = "an answer without a token",
      body = '{"code":0,"data":{},"msg":"success"}',
      err = { kind = "protocol" },
    },
  },
}
