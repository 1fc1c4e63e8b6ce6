-- A process whose many fibers all want the access token of one account at once:
-- `lua5.4 token_users.lua URL REDIS_PORT FIBERS TIMEOUT TOGETHER`, the last: how many
-- processes begin at once. It prints "token T N" for each token that N of them
-- got, "error E N", and "seconds S": how long the last one waited.

local canary = require "spec.support.canary"
local redis = require "wxbot.store.redis"
local server = require "spec.support.redis"
local wxbot = require "wxbot"

local url, port, fibers, timeout, together = arg[1], tonumber(arg[2]),
  tonumber(arg[3]), tonumber(arg[4]), tonumber(arg[5])

local loop = wxbot.loop{ max_connections = 8 }
local source = assert(wxbot.access_token{ appid = "wx1", secret = canary.secret,
  kind = "classic", base_url = url, timeout = timeout, transport = loop,
  store = redis.new(server.command(port)) })
server.barrier(server.command(port), together, require "socket".sleep)

local got, began = {}, loop:now()
for _ = 1, fibers do
  loop:spawn(function()
    local token, err = source:get()
    local what = token and "token " .. token or "error " .. tostring(err)
    got[what] = (got[what] or 0) + 1
  end)
end
loop:run()
for what, n in pairs(got) do
  print(what, n)
end
print("seconds", loop:now() - began)
