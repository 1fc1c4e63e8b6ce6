-- The main endpoints, against the embedded platform.
local wxbot = require "wxbot"

local sandbox = assert(wxbot.sandbox())
local options = sandbox:credentials()
options.transport = sandbox
options.retry = false
local bot = assert(wxbot.new(options))
local task_id = sandbox:add_task{}
local publish_id = sandbox:add_publication{}
local LIST = { "openid_1", "openid_2" }

local function check(good)
  if not good then
    error("wrong", 0)
  end
end

return function()
  local signature = bot:sign{ userid = "u1" }
  local reply = signature and bot:aibot{ signature = signature.signature,
    query = "你好" }
  local asked = reply and bot:ask{ userid = "u1", query = "怎么修改密码" }
  local tagged = asked and bot:label_batchset{ appid = "wx1234567890abcdef",
    category = "c", label = "l", desc = "d", list = LIST }
  local task = tagged and bot:task_fetch{ openid = "admin", task_id = task_id }
  local publication = task and bot:freepublish_get{ publish_id = publish_id }
  if not publication then
    return nil, "an error"
  end
  check(asked.tier == "answer" and task.state_name)
  check(publication.publish_status_name)
  return true
end
