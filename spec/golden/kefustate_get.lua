-- Written from the document.
-- Sealed with openssl enc, the random being 0123456789abcdef.

return {
  url = "https://chatbot.weixin.qq.com/openapi/kefustate/get/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  headers = { ["content-type"] = "application/json" },
  requests = {
    {
      why = "only what is required",
      params = { appid = "wxxxxx", openid = "openid_1" },
      plain = "<xml><appid><![CDATA[wxxxxx]]></appid>"
        .. "<openid><![CDATA[openid_1]]></openid></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOTyDQbHPud8OCT9d3nY4TzWRvp6wnRUXQ39PmxIQ2ZXcWi/U5V2A9bw9F"
      .. "sxV+U+g2cijlXMGvbTjEMMLvLtYotkaDwj+wMjGX0mn6Q4W4l/ZK/nrL6jlysSgDuUvHyCmQOSZa"
      .. "I6Tb4f0x5jqOpPQ++jQ="
      .. '"}',
    },
    {
      why = "all fields",
      params = { appid = "wxxxxx", openid = "openid_1", type = "all" },
      plain = "<xml><appid><![CDATA[wxxxxx]]></appid>"
        .. "<openid><![CDATA[openid_1]]></openid>"
        .. "<type><![CDATA[all]]></type></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOT8I3Nrufp3f+60bXiyIGp6mje0/Mha6RQtsLa8fyXDjHenVhUGGzYpwc"
      .. "88wZ+3YDuI02Ajr4iovrwrlwZdudpzinV76kEXnd26GFpNtomfiMm8qvw3i4m67erAFlzTb04D4l"
      .. "a/ACMGnlIvvLTB/o584hTvhX6Ul2Yn6T6efQjSg6V7dEp+03uSq9QIkmmJ0oMg=="
      .. '"}',
    },
  },
  answers = {
    {
      why = "an agent who has taken over",
      body = '{"errcode":0,"kefustate":"on","status":"personserving"}',
      result = { errcode = 0, kefustate = "on", status = "personserving" },
      canonical = '{"errcode":0,"kefustate":"on","status":"personserving"}',
    },
    {
      why = "the simple answer",
      body = '{"errcode":0,"kefustate":"off"}',
      result = { errcode = 0, kefustate = "off" },
    },
    {
      why = "the answer of the older page",
      body = '{"errcode":0,"status":"off"}',
      result = { errcode = 0, status = "off" },
    },
    {
      why = "an answer that tells no state",
      body = '{"errcode":0,"errmsg":""}',
      err = { kind = "protocol" },
    },
  },
}
