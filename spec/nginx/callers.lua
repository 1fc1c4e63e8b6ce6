-- A worker of nginx whose many light threads all want the access token of one
-- account at once. It prints "fetching PID" when it asks the platform, then
-- "token T N" for each token that N of them got, "error E N", and
-- "seconds S": how long the last one waited.
local canary = require "spec.support.canary"
local tokens = require "wxbot.auth.shared"
local redis = require "wxbot.store.redis"
local server = require "spec.support.redis"
local shared = require "wxbot.store.shdict"
local wxbot = require "wxbot"

local M = {}

local function say(...)
  io.stdout:write(table.concat({ ... }, " "), "\n")
  io.stdout:flush()
end

-- The transport that a source has by itself, telling of the fetches.
local function telling()
  local usual = require "wxbot.transport.default"
  return setmetatable({
    request = function(_, request)
      say("fetching", ngx.worker.pid())
      return usual:request(request)
    end,
  }, { __index = usual })
end

local function work(settings)
  local command = settings.redis
    and server.command(settings.redis, ngx.socket.tcp)
  local source = assert(wxbot.access_token{ appid = "wx1", secret = canary.secret,
    kind = "classic", base_url = settings.url, timeout = settings.timeout,
    transport = telling(), store = command and redis.new(command)
      or shared.new(ngx.shared.wxbot_tokens) })
  server.barrier(command or function(_, _, by)
    return ngx.shared.spec:incr("barrier", tonumber(by or 1), 0)
  end, settings.together, ngx.sleep)
  local got, began = {}, ngx.now()
  local threads = {}
  for i = 1, settings.callers do
    threads[i] = ngx.thread.spawn(function()
      local token, err = source:get()
      local what = token and "token " .. token or "error " .. tostring(err)
      got[what] = (got[what] or 0) + 1
    end)
  end
  for i = 1, settings.callers do
    assert(ngx.thread.wait(threads[i]))
  end
  ngx.update_time()
  for what, n in pairs(got) do
    say(what, n)
  end
  say("seconds", ngx.now() - began)
end

--- A token that has just expired, in the dictionary.
function M.expire()
  local now = os.time()
  local store = shared.new(ngx.shared.wxbot_tokens)
  local key = tokens.key("wx1", "classic", canary.secret)
  store:put(key, ("%d %d EXPIRED"):format(now - 7200, now),
    store:lock(key, 0.001), 60)
end

-- nginx starts another worker for one that was killed; that one is idle.
function M.start(settings)
  if ngx.shared.spec:add("worker " .. ngx.worker.id(), true) then
    assert(ngx.timer.at(0, function(premature)
      if not premature then
        work(settings)
      end
    end))
  end
end

return M
