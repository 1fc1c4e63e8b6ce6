-- Query how far the publishing of the bot is.

return {
  name = "v2_progress",
  summary = "Query how far the publishing through v2 is",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/progress",
  service = "v2",
  path = "/v2/bot/effective_progress",
  header = { "access_token" },
  needs = { "appid", "token", "access_token" },
  wire = "v2",
  repeats = "always",
  errors = { 110001, 110002, 110003, 210106, 210201, 210202, 210205, 1000012,
    1003001, 1110001 },
  request = {
    { name = "env", type = "string", required = true,
      enum = { "online", "debug" }, doc = "online, or debug" },
  },
  payload = "data",
  response = {
    { name = "progress", type = "integer", doc = "Progress, percent" },
    { name = "status", type = "integer", required = true,
      enum_names = { "success", "failure", "publishing" },
      doc = "1 success, 2 failure, 3 publishing" },
    { name = "end_time", type = "string",
      doc = "End (the document calls it the start)" },
  },
  envelope = {
    { name = "request_id", type = "string", doc = "Request id" },
  },
}
