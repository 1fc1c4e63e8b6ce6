-- Without this every call waits while an access token is renewed, though the
-- old one is still good.
--
-- Renewal ahead of the end where the host has threads of its own: a loop, and
-- inside nginx the timers of a worker.
local canary = require "spec.support.canary"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local ngx = package.loaded.ngx

local answer = start.token_answer

-- Runs a function where calls can wait: in a fiber, or here.
local function run(fn)
  if ngx then
    return fn(require "wxbot.transport.default")
  end
  local loop = wxbot.loop()
  loop:spawn(fn, loop)
  loop:run()
  loop:close()
end

describe("a token that is due", function()
  after_each(start.stop_all)

  it("is served while another thread renews it", function()
    local platform = start.scripted{ answer("FIRST", 0),
      answer("SECOND", 0.5) }
    local now, renewals = 1700000000, 0
    local during, renewed, after
    run(function(transport)
      local source = assert(wxbot.access_token{ appid = "wx1",
        secret = canary.secret,
        kind = "classic", base_url = platform.url, transport = transport,
        store = require "wxbot.store.memory".new(),
        clock = function() return now end,
        on_refresh = function() renewals = renewals + 1 end })
      assert(source:get())
      now = now + 7200 * 0.9
      during, renewed = source:get(), renewals
      local ends = transport:now() + 20
      repeat
        transport:sleep(0.02)
      until renewals > 1 or transport:now() > ends
      after = source:get()
      source:close()
    end)
    assert.equal("FIRST", during)
    assert.equal(1, renewed)
    assert.equal("SECOND", after)
    assert.equal(2, platform:count("request "))
  end)
end)

-- With 256 timers at work nginx drops a further one, and nobody hears of it.
if ngx then
  describe("a token that must be fetched", function()
    after_each(start.stop_all)

    it("is fetched also when nginx drops the timer for it", function()
      local platform = start.scripted{ answer("FIRST", 0) }
      local done, before = false, ngx.timer.running_count()
      finally(function()
        done = true
        repeat
          ngx.sleep(0.05)
        until ngx.timer.running_count() <= before
      end)
      -- Timers of earlier specs may end meanwhile.
      repeat
        for _ = ngx.timer.running_count() + 1, 256 do
          assert(ngx.timer.at(0, function()
            repeat
              ngx.sleep(0.02)
            until done
          end))
        end
        ngx.sleep(0.05)
      until ngx.timer.running_count() == 256
      local source = assert(wxbot.access_token{ appid = "wx1",
        secret = canary.secret,
        base_url = platform.url,
        store = require "wxbot.store.memory".new() })
      assert.equal("FIRST", source:get(nil, 20))
      assert.equal(1, platform:count("request "))
    end)
  end)
end
