-- Written from the document.
-- Sealed with openssl enc, the random being 0123456789abcdef.

return {
  url = "https://chatbot.weixin.qq.com/openapi/setautoreply/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  headers = { ["content-type"] = "application/json" },
  requests = {
    {
      why = "only what is required",
      params = { managerid = "ADMIN", skillname = "技能1", title = "标准问题",
        content = "回答" },
      plain = "<xml><managerid><![CDATA[ADMIN]]></managerid>"
        .. "<skillname><![CDATA[技能1]]></skillname>"
        .. "<title><![CDATA[标准问题]]></title>"
        .. "<content><![CDATA[回答]]></content></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOTx5k32aZD2PEnmcUzA/mhH8Q7UU+Bl4xxYsNHJuMEgGtJQKnlEZgkyx3"
      .. "MYNVvFXkB4mLVUct8zAwMFvCuncIiHcxnFQkAb+v8qyPCPOLiFktLkPnp0atAIHq0HrinyF9Tn1o"
      .. "8PNxdb+ddxkmaEpHiYChsiuQoLKL6lxUAbS8Xxl4uMSuSylNtK3dNivBJ0n3yaHYNYdXtYga2Xmy"
      .. "Uyb8+jtQq9waSV1LATPDiewiyHkQ3okGQFaZzVnuN56IB8KanTb29l7C3rwy0SUXg92GDvk="
      .. '"}',
    },
    {
      why = "all fields",
      params = { managerid = "ADMIN", skillname = "技能1", title = "标准问题",
        content = "回答", list = { "相似问题1", "相似问题2" } },
      plain = "<xml><managerid><![CDATA[ADMIN]]></managerid>"
        .. "<skillname><![CDATA[技能1]]></skillname>"
        .. "<title><![CDATA[标准问题]]></title>"
        .. "<content><![CDATA[回答]]></content><list>"
        .. "<question><![CDATA[相似问题1]]></question>"
        .. "<question><![CDATA[相似问题2]]></question></list>"
        .. "</xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOT9TpC7O3xUBvjbT9RJSe7fTAaG8fejdjfYGd4NJTUjrEMnzqRf7+XYwS"
      .. "F4Byp1YiIOXVCLaFgqku3RmdFC/Vunu0S/3/4bjd701WQL1yiu+vel/mIhHBSxqIzpbDtIKcp6FL"
      .. "dRWsr5ThLNrleqw5WHfYl7bsgaO/FalHziX1KfeAR00zM/eo+XlWhyK/d/wE0MkEZqEWIxHR+Sde"
      .. "Sehto7XjwxK5vI4wnCknUEIhYA/6n/GJi1q01tqjGq3Td09h1qosz8GBbOxe0ZQp+dRjRANgWKm+"
      .. "6kanWbECnWcxswl/nIYR9fe9spbHs3n5ipGg0BZ7LrLxspOswrhLEk4gEhtrYoBZGDgBzbBENoJC"
      .. "TYBDK4NCOeXoi528/glaDHquSbaicmNH8i78BQAe/tDUYK8="
      .. '"}',
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"code":0,"msg":"success"}',
      result = {},
    },
    {
      why = "a failure in the envelope of administration",
      body = '{"code":-1,"msg":"system error"}',
      err = { kind = "platform", code = -1, message = "system error" },
    },
    {
      why = "a success beside data that is not what it might be",
      body = '{"code":0,"data":"","msg":"success"}',
      result = { data = "" },
    },
    {
      why = "such data alone, which confirms nothing",
      body = '{"data":""}',
      err = { kind = "protocol" },
    },
  },
}
