-- Written from the document.
-- Sealed with openssl enc, the random being 0123456789abcdef.

return {
  url = "https://chatbot.weixin.qq.com/openapi/kefustate/change/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  headers = { ["content-type"] = "application/json" },
  requests = {
    {
      why = "a word of the newer page",
      params = { appid = "wxxxxx", openid = "openid_1",
        kefustate = "personserving" },
      plain = "<xml><appid><![CDATA[wxxxxx]]></appid>"
        .. "<openid><![CDATA[openid_1]]></openid>"
        .. "<kefustate><![CDATA[personserving]]></kefustate></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOT7UWcyJ/rmkA7VMVfJqFPrfPNY2i9dfyOdDWe8AbWvglWvJYx3J2o85N"
      .. "HOYbDVov3L9nSmDRno9mM3tgx8jtA0Flwhth28d2EF+u+SljRbr0Cz+nVLsCS3Kbmd6EgvyzeATP"
      .. "2VQKoz6H+A5U+Cuj7A/L5NxcuGMGcqECyFT+PZor3mpFPCVr3lN6LqxyOLAaHfs4x2OfcWyofv6c"
      .. "kTS7pdOKxHxapF3GtMtjaBlc/7N9"
      .. '"}',
    },
    {
      why = "the fields of the older page",
      params = { appid = "wxxxxx", openid = "openid_1", kefustate = "on",
        expires = 600 },
      read = { appid = "wxxxxx", openid = "openid_1", kefustate = "on",
        expires = "600" },
      plain = "<xml><appid><![CDATA[wxxxxx]]></appid>"
        .. "<openid><![CDATA[openid_1]]></openid>"
        .. "<kefustate><![CDATA[on]]></kefustate>"
        .. "<expires>600</expires></xml>",
      body = '{"encrypt":"'
      .. "ypP1NwRvFE69HhlhFAFOT8166HKLJdQCFVhiH1cez3bgX0CI2lYpI8fpuTt++5fE9fbQiwZOwWUa"
      .. "vsLHT7iiz/pTtKizurSV9YpFV/K8jB429kaznjQVU3CRbNpG6gyLuL4jQHoa/lhgYtZTK+OCqDK3"
      .. "n1t+v7si5TSbeN5HF4Gh9VsRPhyR8Ko1OiULH/guE+J2b2QIwJYbXafeYihgpCfHdWVEbqSOOLPN"
      .. "CjcENoUE1XrkEYedWGipb56jYT/d"
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
      why = "an answer that confirms nothing",
      body = '{"errmsg":""}',
      err = { kind = "protocol" },
    },
  },
}
