-- Written from the document.

return {
  url = "https://api.weixin.qq.com/cgi-bin/component/api_component_token",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  requests = {
    {
      why = "the document's example",
      params = { component_appid = "appid_value",
        component_appsecret = "appsecret_value",
        component_verify_ticket = "ticket_value" },
      body = '{"component_appid":"appid_value",'
        .. '"component_appsecret":"appsecret_value",'
        .. '"component_verify_ticket":"ticket_value"}',
    },
  },
  answers = {
    {
      why = "the document's success",
      body = '{"component_access_token":"61W3mEpU66027wgNZ_MhGHNQDHnFATkDa9-'
        .. '2llqrMBjUwxRSNPbVsMmyD-yq8wZETSoE5NQgecigDrSHkPtIYA",'
        .. '"expires_in":7200}',
      result = { component_access_token = "61W3mEpU66027wgNZ_MhGHNQDHnFATkDa9-"
        .. "2llqrMBjUwxRSNPbVsMmyD-yq8wZETSoE5NQgecigDrSHkPtIYA",
        expires_in = 7200 },
      canonical = '{"component_access_token":"61W3mEpU66027wgNZ_MhGHNQDHnFATkDa9'
        .. '-2llqrMBjUwxRSNPbVsMmyD-yq8wZETSoE5NQgecigDrSHkPtIYA",'
        .. '"expires_in":7200}',
    },
    {
      why = "the document's failure of a ticket that has ended",
      body = '{"errcode":61005,"errmsg":"component ticket is expired"}',
      err = { kind = "platform", code = 61005,
        message = "component ticket is expired" },
    },
    {
      why = "a text that repeats the secret and the ticket",
      body = '{"errcode":40125,"errmsg":"appsecret_value and ticket_value"}',
      err = { kind = "platform", code = 40125, message = "*** and ***" },
    },
  },
}
