--- The first API version, of chatbot.weixin.qq.com: what its descriptions
--- share, and which there are.

local shared = require "wxbot.api.fields"

return {
  host = "https://chatbot.weixin.qq.com",
  client = "bot",
  facts = {
    service = "chatbot",
    wire = "encrypted_xml",
    needs = { "token", "aes_key", "appid" },
    errors = { 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010,
      1011, 1013, 1015, 1019 },
    envelope = { shared.request_id, shared.rid },
  },
  endpoints = {
    "sign", "aibot", "message", "label_batchset", "task_fetch",
    "batchimportskill", "setautoreply", "publish", "publish_progress",
    "sendmsg", "kefustate_get", "kefustate_change", "nlp",
  },
}
