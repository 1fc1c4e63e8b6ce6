-- Written from the document.

return {
  requests = {
    {
      why = "the document's field",
      params = { account = "fb2ab07ce06" },
      url = "https://openaiapi.weixin.qq.com/v2/token",
      content_type = "application/json",
      body = '{"account":"fb2ab07ce06"}',
    },
    {
      why = "no account",
      params = {},
      url = "https://openaiapi.weixin.qq.com/v2/token",
      content_type = "application/json",
      body = '{}',
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
    {
      why = "seen: an internal error with its cause",
      body = '{"code":110001,"data":{"err_detail":210202},"msg":"Internal Server Error","r'
        .. 'equest_id":"r9"}',
      err = { kind = "platform", code = 110001, detail = 210202, rid = "r9",
        message = "Internal Server Error (210202: no permission: check account, "
          .. "token and aes_key)" },
    },
    {
      why = "seen: no administrator",
      body = '{"code":210202,"data":{"task_id":""},"msg":"该用户没有该bid操作权限","request_id":""}',
      err = { kind = "platform", code = 210202,
        message = "该用户没有该bid操作权限" },
    },
  },
}
