-- The main endpoints through libcurl, each time on a connection of its own:
-- over HTTP, or with true over TLS, from the handshake on.
local faults = require "spec.server.faults"
local scripted_server = require "spec.support.scripted_server"
local wxbot = require "wxbot"

local server = scripted_server(..., { faults.good, quiet = true, life = 3600 })
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

-- libcurl, in no hurry: many processes do this at a time.
local function patient()
  local curl = wxbot.curl{ ca_file = server.ca_file }
  return {
    request = function(_, request)
      request.connect_timeout = 30
      return curl:request(request)
    end,
    close = function()
      curl:close()
    end,
  }
end

return function()
  local transport = patient()
  local bot = wxbot.new{ token = "T", access_token = "A", retry = false,
    appid = "wx1234567890abcdef", transport = transport, timeout = 30,
    aes_key = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz",
    base_url = server.url }
  local done, err = calls(bot)
  bot:close()
  transport:close()
  return done, err
end, server.stop
