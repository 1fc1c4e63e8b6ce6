-- Without this workers that share a dictionary of nginx lose their newest
-- value.
--
-- The store in a dictionary of nginx; most of it runs inside nginx.
local shared = require "wxbot.store.shdict"

local ngx = package.loaded.ngx

describe("the store in a shared dictionary", function()
  it("raises when it is given no dictionary", function()
    for _, value in ipairs{ {}, "tokens", false } do
      local ok, message = pcall(shared.new, value or nil)
      assert.is_false(ok)
      assert.matches("lua_shared_dict NAME 10m;", message, 1, true)
    end
  end)

  if ngx then
    local tokens = ngx.shared.wxbot_tokens

    it("finds the newest value also when a slow holder was last", function()
      tokens:flush_all()
      local store = shared.new(tokens)
      local first = store:lock("k", 0.01)
      ngx.sleep(0.05)
      local second = store:lock("k", 5)
      store:put("k", "NEW", second, 5)
      -- As a holder does that looked before the other had written.
      tokens:set("k:" .. first, "OLD", 5)
      tokens:set("k:hint", first)
      assert.equal("NEW", store:get("k"))
    end)

    it("stores after a full dictionary has dropped the count", function()
      tokens:flush_all()
      local store = shared.new(tokens)
      for _ = 1, 3 do
        store:unlock("k", store:lock("k", 5))
      end
      store:put("k", "OLD", store:lock("k", 5), 5)
      tokens:delete("k:granted")
      tokens:delete("k:lock")
      assert.is_true(store:put("k", "NEW", store:lock("k", 5), 5))
      assert.equal("NEW", store:get("k"))
    end)

    it("says when it is full, and keeps what was added", function()
      local seen = ngx.shared.seen
      seen:flush_all()
      seen:flush_expired()
      local store, message = shared.new(seen), nil
      for i = 1, 100000 do
        local ok
        ok, message = store:add("key " .. i, "1", 60)
        if not ok then
          break
        end
      end
      assert.equal("no memory", message)
      assert.is_false((store:add("key 1", "1", 60)))
      seen:flush_all()
    end)

    it("keeps what is put while others only fail", function()
      tokens:flush_all()
      local store = shared.new(tokens)
      local held = store:lock("k", 5)
      store:put("k", "V", held, 5)
      store:unlock("k", held)
      for _ = 1, 1000 do
        store:unlock("k", store:lock("k", 5))
      end
      assert.equal("V", store:get("k"))
    end)
  end
end)
