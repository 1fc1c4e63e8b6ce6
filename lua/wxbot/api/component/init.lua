--- The interfaces of a third-party platform, a "component", which acts for
--- accounts that have authorised it: what their descriptions share, and which
--- there are.
--
-- Older pages and most programs call the token of the query
-- component_access_token, newer pages access_token; the platform takes both.

return {
  host = "https://api.weixin.qq.com",
  client = "bot",
  facts = {
    service = "api",
    wire = "json",
    query = "component_access_token",
    needs = { "access_token" },
  },
  endpoints = {
    "create_preauthcode", "query_auth", "get_authorizer_info",
    "start_push_ticket", "component_token", "authorizer_token",
  },
}
