--- The interfaces of an account, of api.weixin.qq.com: what their descriptions
--- share, and which there are.

return {
  host = "https://api.weixin.qq.com",
  client = "bot",
  facts = {
    service = "api",
    wire = "json",
    query = "access_token",
    needs = { "access_token" },
  },
  endpoints = {
    "material_add", "draft_add", "draft_get", "draft_delete",
    "freepublish_submit",
    "freepublish_get", "freepublish_delete", "freepublish_getarticle",
    "freepublish_batchget", "stable_token", "token",
  },
}
