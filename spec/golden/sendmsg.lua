-- Written from the document, and answers that were seen.
-- Sealed with openssl enc, the random being 0123456789abcdef.

return {
  url = "https://chatbot.weixin.qq.com/openapi/sendmsg/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  headers = { ["content-type"] = "application/json" },
  requests = {
    {
      why = "only what is required, on channel 7",
      params = { openid = "openid_1", msg = "你好", channel = 7 },
      read = { openid = "openid_1", msg = "你好", channel = "7" },
      plain = "<xml><openid><![CDATA[openid_1]]></openid>"
        .. "<msg><![CDATA[你好]]></msg><channel>7</channel></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOT6z3D3fo4m5m5V9YYzrpp7gVuHgMVTTiHBvP7hwdhmwwg5VDXb5sqVFc"
      .. "eREY7DQ6eSEsdSCAyIeOxNOG6yMj2bJhND9Tx3Wao6rrlyAanFspi6eonpOwaIsJDZInR7Ua5MHT"
      .. "NarGIyGZGdfLsJgWvSKRWOeeaN8ai+hn+oIVd9l7HghUx87erybAcZsSpEXbfg=="
      .. '"}',
    },
    {
      why = "all fields",
      params = { appid = "wxxxxx", openid = "openid_1", msg = "a]]>b\r\n<c>",
        channel = 0, event = "waiterEnter", kefuname = "小明",
        kefuavatar = "https://example.com/a.png", ans_node_name = "技能1" },
      read = { appid = "wxxxxx", openid = "openid_1", msg = "a]]>b\r\n<c>",
        channel = "0", event = "waiterEnter", kefuname = "小明",
        kefuavatar = "https://example.com/a.png", ans_node_name = "技能1" },
      plain = "<xml><appid><![CDATA[wxxxxx]]></appid>"
        .. "<openid><![CDATA[openid_1]]></openid>"
        .. "<msg><![CDATA[a]]]]><![CDATA[>b]]>&#13;<![CDATA[\n<c>]]></msg>"
        .. "<channel>0</channel>"
        .. "<event><![CDATA[waiterEnter]]></event>"
        .. "<kefuname><![CDATA[小明]]></kefuname>"
        .. "<kefuavatar><![CDATA[https://example.com/a.png]]></kefuavatar>"
        .. "<ans_node_name><![CDATA[技能1]]></ans_node_name></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOT5QFbydHg5pEhS1nwQuBahfngCJkgw3ekj1ItRJKEWDLmjjmTEH7jMpX"
      .. "TZWGimqh4m1nkJ775ZW8Spi8eIBS23mnqpjnsdRfYu6MyCygk6rgH7c9Ur+tzL8V7uZGLt9oDC0r"
      .. "jP5b/DaPD/rWyz6IuPBTGHJoSVgQZG1GND1Opc+rb1gKcmGLv6rKBHWghQ1ba9EPCavnYAYvonLy"
      .. "uhxjncxQQlzaoAWH0mIyrAvb7Rvr5Fz2LWzmCicY7S8/4LUZRIAr217KeohcOZMtHfohyvKM8wjd"
      .. "TAgcEasjJF95lB3VRi8L5m3jhBeou204NMrQhQEM9/2z/xD8GdVWmpkKmhZC+gxstC+2vvlhl6je"
      .. "5HXlHoNao6Tt83z4G5f6MVuEZDYjgcarM2/wTE1kQdvcA8DDkOVuuWi1gslj4+4hIIFYtVUICF1u"
      .. "3BRgDruYP8VF5lxt8kP7oq5k/hL439gtBBlCP1WTBp2tJd8hP49MmZ4t8494Nd5Zsgtt0jKbVQSL"
      .. "CqUEu1q8euwxYak1MFr1ixs="
      .. '"}',
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"errcode":0,"errmsg":""}',
      result = { errcode = 0, errmsg = "" },
      canonical = '{"errcode":0,"errmsg":""}',
    },
    {
      why = "seen: with a trace id",
      body = '{"errcode":0,"errmsg":"","rid":"31904d53"}',
      result = { errcode = 0, errmsg = "", rid = "31904d53" },
    },
    {
      why = "seen: a channel or account that is not supported",
      body = '{"errcode":3004,"errmsg":"unsupport, TBD","rid":"31904d53"}',
      err = { kind = "platform", code = 3004, rid = "31904d53",
        message = "unsupport, TBD" },
    },
    {
      why = "an account that is not verified, without a text",
      body = '{"errcode":3005}',
      err = { kind = "platform", code = 3005,
        message = "the official account is not verified" },
    },
    {
      why = "sensitive words, without a text",
      body = '{"errcode":3014,"errmsg":""}',
      err = { kind = "platform", code = 3014,
        message = "the message holds sensitive words" },
    },
  },
}
