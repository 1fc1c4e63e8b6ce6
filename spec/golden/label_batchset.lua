-- Written from the documents (the Chinese page; the English one lost fields).
-- Sealed with openssl enc, the random being 0123456789abcdef.

return {
  url = "https://chatbot.weixin.qq.com/openapi/label/batchset/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  headers = { ["content-type"] = "application/json" },
  requests = {
    {
      why = "the document's example",
      params = { appid = "wxxxxx", category = "完件", label = "完成",
        desc = "在app中完成了用户信息", list = { "openid_1", "openid_2" } },
      plain = "<xml><appid><![CDATA[wxxxxx]]></appid>"
        .. "<category><![CDATA[完件]]></category>"
        .. "<label><![CDATA[完成]]></label>"
        .. "<desc><![CDATA[在app中完成了用户信息]]></desc>"
        .. "<list><openid><![CDATA[openid_1]]></openid>"
        .. "<openid><![CDATA[openid_2]]></openid></list></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOTyKsFHV0U/0pAJoGs19+H5Y57tq/QBc9rZk9OQ9QPQ0nBiuThrfr"
      .. "tTiPIdEYJ+waVgmOpozKmi6rDeJoOOpSrjXU4IJubx4M6JyWN17QAZtcZ2w8js5n3VfEGlgU"
      .. "XkTmJ3uA4i2JdU8WVU9uxM4wl1217BB65eYylAhUXXCbudwZzF3KR4Bu8FCZ9s9ghFqwxdoK"
      .. "djcEiOTimJ28b7uYVn4BXRMGc16jIviCYlWIGndP9P5xlfTYTy4vjS4ej2w7/wLtoRhSOlWR"
      .. "WTsNtwSPMZnonV04cyBiSsrWdO70BOAZUGKAftwc19mR/QIrMP6McpL6+Wl6NXmdX1Bhv7xs"
      .. "3BvTVv4SiqfqI6oZCYYjWtsCCBxG4Nx57rl8lRdt3Wxplo3/2IiT27yaqT07o162epU="
      .. '"}',
    },
    {
      why = "values that try to end their section",
      params = { appid = "wxxxxx", category = "a]]>b", label = "1<2&3",
        desc = "x]]></desc><list><openid>evil]]></openid></list>",
        list = { "openid_1" } },
      plain = "<xml><appid><![CDATA[wxxxxx]]></appid>"
        .. "<category><![CDATA[a]]]]><![CDATA[>b]]></category>"
        .. "<label><![CDATA[1<2&3]]></label>"
        .. "<desc><![CDATA[x]]]]><![CDATA[></desc><list><openid>evil"
        .. "]]]]><![CDATA[></openid></list>]]></desc>"
        .. "<list><openid><![CDATA[openid_1]]></openid></list></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOT8jzXR/qrvuqJ53r4g1VuP/uNIK9/1WbRvQcp6HM8i/moZUw39Oc"
      .. "I67glTZEe55lofa7muJU1J+9OcrwCvXVSjH19sa8h2sOB6SA02g3gyWYTy284BzZrL5BbMHF"
      .. "zAhxjuXRKA32aeyK2buV73LxGV1DK9QCMCPMI50HYr3GQpegcZqqG6E6yiYTAZrzhdX7G76G"
      .. "P21R6KDKu8lqHx3iz6LvBdZsJp0uJdysQv0dI4tjxmic3EqpwI5UOd22w9Vkv8XqflHD5f67"
      .. "VhGPYrEQyH+Hm8xamu2oCTVxEZxJh86xOYhepZKC4xID5QRK3CiIjTk4fQxay4PPXE5h+9dK"
      .. "PDLgRp2D4QsyW8zkhTMnliLSIhr0yfQzJhEf0W4unq8gEF7oduWGCqTeYj1BtBVDcQg="
      .. '"}',
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"errcode": 0,\n  "msg": "Success"}',
      result = { errcode = 0, msg = "Success" },
      canonical = '{"errcode":0,"msg":"Success"}',
    },
    {
      why = "as other clients saw it",
      body = '{"code":0,"msg":"success"}',
      result = { code = 0, msg = "success" },
    },
    {
      why = "the document's failure, repaired",
      body = '{"errcode": 1001, "errmsg": "TOKEN is not valid"}',
      err = { kind = "platform", code = 1001,
        message = "TOKEN is not valid" },
    },
    {
      why = "a failure in another envelope",
      body = '{"success":false,"code":-1,"msg":"system error"}',
      err = { kind = "platform", code = -1, message = "system error" },
    },
    {
      why = "seen: encrypt cannot be read",
      body = '{"errcode":1013,"errmsg":"decrypt error, please use the '
        .. 'correct way to encrypt the params."}',
      err = { kind = "platform", code = 1013, message = "decrypt error, "
        .. "please use the correct way to encrypt the params." },
    },
  },
}
