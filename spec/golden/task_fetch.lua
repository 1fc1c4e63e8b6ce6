-- Written from the document; its example answer lacks a comma before "type".
-- Sealed with openssl enc, the random being 0123456789abcdef.

return {
  url = "https://chatbot.weixin.qq.com/openapi/bts/taskfetch/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  requests = {
    {
      why = "the document's fields",
      params = { openid = "ADMIN", task_id = "TASK1" },
      headers = { ["content-type"] = "application/json" },
      plain = "<xml><openid><![CDATA[ADMIN]]></openid>"
        .. "<task_id><![CDATA[TASK1]]></task_id></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOTzz7iJ2P7Oo1ljjFDZQOJacRpokOdg5oN+8X2d6An4e5/y4y63KJ"
      .. "mxSZaePRUQtujNc/24579tkG9CVhfXOfXWzeDGJS0zcnu4Ul039XLqIgxb6t4T3r/RJlxzuW"
      .. "b/q/JhHn0ftCSycajjQgFYl7g3s="
      .. '"}',
    },
  },
  answers = {
    {
      why = "the document's example, repaired",
      body = [[{
"code": 0,
"data": {
"end": 1654847065,
"fail_skill_info": null,
"import_export_time": null,
"msg": "",
"progress": 100,
"start": 1654847065,
"state": 2,
"success_skill_info": null,
"url": ""
},
"msg": "success",
"progress_bar": "",
"request_id": "255i0ug8-l9q4-3801-44ft-w7csjn9e5142",
"type": 2
}]],
      result = { ["end"] = 1654847065, fail_skill_info = {}, msg = "",
        progress = 100, start = 1654847065, state = 2,
        state_name = "success", success_skill_info = {}, url = "",
        progress_bar = "", type = 2,
        request_id = "255i0ug8-l9q4-3801-44ft-w7csjn9e5142" },
    },
    {
      why = "skills in the shape of the newer interface",
      body = '{"code":0,"data":{"state":2,"progress":100,'
        .. '"success_skill_info":[{"id":2098207,"name":"AAA",'
        .. '"intents":[{"id":47147532,"name":"BBC"}]}]},"msg":"success"}',
      result = { state = 2, state_name = "success", progress = 100,
        success_skill_info = { { id = "2098207", name = "AAA",
          intents = { { id = "47147532", name = "BBC" } } } },
        fail_skill_info = {} },
    },
    {
      why = "a task that failed",
      body = '{"code":0,"data":{"state":3,"msg":"skill is empty",'
        .. '"fail_skill_info":[{"name":"AAA","msg":"no answer"}]},'
        .. '"msg":"success","request_id":"r"}',
      result = { state = 3, state_name = "failure", msg = "skill is empty",
        fail_skill_info = { { name = "AAA", msg = "no answer" } },
        success_skill_info = {}, request_id = "r" },
    },
    {
      why = "numbers as strings and strings as numbers",
      body = '{"code":"0","data":{"state":"1","progress":"40",'
        .. '"start":"1654847065","msg":7},"request_id":12}',
      result = { state = 1, state_name = "running", progress = 40,
        start = 1654847065, msg = "7", request_id = "12",
        success_skill_info = {}, fail_skill_info = {} },
    },
    {
      why = "an answer without data",
      body = '{"code":0,"msg":"success"}',
      err = { kind = "protocol" },
    },
    {
      why = "not an administrator, without a text",
      body = '{"errcode":1015}',
      err = { kind = "platform", code = 1015, message = "the openid or "
        .. "managerid is not an administrator of this bot" },
    },
    {
      why = "a failure of API version 2",
      body = '{"code":210202,"data":null,"msg":"权限不足"}',
      err = { kind = "platform", code = 210202, message = "权限不足" },
    },
  },
}
