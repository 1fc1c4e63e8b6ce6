-- The main endpoints through libcurl, each time on a connection of its own.
local faults = require "spec.server.faults"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local server = start.scripted{ faults.good, quiet = true, life = 3600 }
local LIST = { "openid_1", "openid_2" }
local CALLS = {
  { "sign", { userid = "u1" } },
  { "aibot", { signature = "s", query = "你好" } },
  { "label_batchset", { appid = "wx1234567890abcdef", category = "c",
    label = "l", desc = "d", list = LIST } },
  { "task_fetch", { openid = "admin", task_id = "1" } },
  { "freepublish_get", { publish_id = "1" } },
}

local function check(good)
  if not good then
    error("wrong", 0)
  end
end

local function calls(bot)
  for _, call in ipairs(CALLS) do
    local result, err = bot[call[1]](bot, call[2])
    if not result then
      check(err.kind ~= nil and tostring(err) ~= "")
      return nil, err
    end
  end
  return true
end

return function()
  local transport = wxbot.curl{}
  local bot = wxbot.new{ token = "T", access_token = "A", retry = false,
    appid = "wx1234567890abcdef", transport = transport, timeout = 5,
    aes_key = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz",
    base_url = server.url }
  local done, err = calls(bot)
  bot:close()
  transport:close()
  return done, err
end, function()
  start.stop_all()
end
