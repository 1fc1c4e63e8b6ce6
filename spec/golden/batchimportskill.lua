-- Written from the document.
-- Sealed with openssl enc, the random being 0123456789abcdef.

return {
  url = "https://chatbot.weixin.qq.com/openapi/batchimportskill/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  headers = { ["content-type"] = "application/json" },
  requests = {
    {
      why = "the document's example",
      params = { managerid = "ADMIN", mode = "0", skill = {
        { skillname = "技能名称1", title = "标准问题2",
          question = { "相似问题1", "相似问题2" }, answer = { "1", "2" } },
        { skillname = "技能名称1", title = "标准问题3", answer = { "3" } },
      } },
      plain = "<xml><managerid><![CDATA[ADMIN]]></managerid>"
        .. "<mode><![CDATA[0]]></mode><skill>"
        .. "<skillname><![CDATA[技能名称1]]></skillname>"
        .. "<title><![CDATA[标准问题2]]></title>"
        .. "<question><![CDATA[相似问题1]]></question>"
        .. "<question><![CDATA[相似问题2]]></question>"
        .. "<answer><![CDATA[1]]></answer>"
        .. "<answer><![CDATA[2]]></answer></skill><skill>"
        .. "<skillname><![CDATA[技能名称1]]></skillname>"
        .. "<title><![CDATA[标准问题3]]></title>"
        .. "<answer><![CDATA[3]]></answer></skill></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOT6/labXgcWc1BTHVLRLgLMJRB0mdP2s6tJuZ5XrU45Il98EdB48FmhUi"
      .. "IF+LDRn/L1jgvJlUO2Zg6aqG1LcM39OYnT5L5l6ri5JfH9VgZhdzsE9NAecmki615bh4zP30B9P5"
      .. "GyN01ZlsjjKu6hyAv5fSSh0IM2syb62JjQKQex/vMpz3X5nn5Dh8RXYy+mIHprStHxf4FjMZXXKT"
      .. "reG5kl1oRA47zcr1KpW/PP7UfSqA3vN7ZO13gZsLi4B1ZNjRgrkKGrhuMgCFPJ15kczNgfvIYjBp"
      .. "C02uCLuHxu/c8oW13K48jSJXacoHi9V0PD5oW+wyulTQ1gE7DooUoAze2hDknlgOK1BF6auJYsik"
      .. "PWXfz+9mReKcIOWG7aysiShjwNbX88hLknKkJE3bxMeyuYm48khf9YuHFmYjGWRSd22Cr61q7OWK"
      .. "NJ1QJw5P7w+ydnaN7AntCCTf6MiizCH14WFRJSFdc6ZBVNksJVy2ZjoQ5+AsRy17+hvg50TJvfd+"
      .. "mQV0E+ameatuAaEGk8QIyi4EJ4Rw2hHkIGCTOB7w6cZnZpBxcBLAor09KWgfvxt55FlxnONRIc+T"
      .. "E0ZisHlm8x4FsU6dbFT6B7nq+35/m/vx7BJ0QODqKvrkw+M97soH+cRhBdXYUDerdURIEI06a+4="
      .. '"}',
    },
    {
      why = "values that try to end their section",
      params = { managerid = "ADMIN", skill = {
        { skillname = "a]]></skillname>", title = "1<2&3", answer = { "]]>" } },
      } },
      plain = "<xml><managerid><![CDATA[ADMIN]]></managerid><skill>"
        .. "<skillname><![CDATA[a]]]]><![CDATA[></skillname>]]></skillname>"
        .. "<title><![CDATA[1<2&3]]></title>"
        .. "<answer><![CDATA[]]]]><![CDATA[>]]></answer></skill>"
        .. "</xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOT9a9uaTcK/ZRWDMk7oir6f5wsmEnQymUaG3RZrV9p5pzhyUfM7wC7QrS"
      .. "9tvvt329a12bMsCdgX3DsjaGRujHtTU5r6ZT3mCYNz3h5Oi1lIULJBhMUBRsZ3vKZ9L9TMTXVIfI"
      .. "uQz+dMCRkw1g/gZXdAo18ildQhbBuh05hlOHC7PAVjVOdVj9zm4RiFkhcIuijXpbgxnN75CW0nZV"
      .. "+1gIgb7s4p4XLSJL6GPYdZCsw5sJeRybSoVTjdUDk0QSZUCn/aRKkDPBFVe656mK5khTFAY7si7B"
      .. "6sIeR6je90HgrQLZ63HwDHKrqbXCF4/QY6Bcwg=="
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
      why = "an answer with a task",
      body = '{"code":0,"data":{"task_id":12345678901234567890},'
        .. '"msg":"success","request_id":"r1"}',
      result = { task_id = "12345678901234567890", request_id = "r1" },
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
