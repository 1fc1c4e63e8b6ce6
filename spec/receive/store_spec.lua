-- Without this a message that another worker or another machine has taken is
-- acted on once more.
local redis = require "wxbot.store.redis"
local server = require "spec.support.redis"
local shdict = require "wxbot.store.shdict"
local wxbot = require "wxbot"

local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local APPID = "Gg8HejYTkUsEIlG"

local ngx = package.loaded.ngx

local crypt = assert(wxbot.msgcrypt(KEY, APPID))

local function push(text)
  return { method = "POST",
    body = ('{"encrypted":"%s"}'):format(crypt:encrypt(text)) }
end

local function receiver(store, on_failure)
  return assert(wxbot.receiver{ kind = "kefu", appid = APPID, aes_key = KEY,
    store = store, on_failure = on_failure })
end

local function first_of_two(store_of)
  local request = push("<xml><userid>u</userid></xml>")
  local _, message = receiver(store_of()):handle(request)
  assert.equal("u", message.userid)
  local other = receiver(store_of())
  assert.equal("duplicate", (select(3, other:handle(request))))
end

describe("receivers that share a store in Redis", function()
  local command = server.beside_specs()

  it("know what another machine has taken", function()
    first_of_two(function()
      return redis.new(command)
    end)
  end)

  it("take a message whose handler failed on another machine", function()
    local request = push("<xml><userid>v</userid></xml>")
    local one, other = receiver(redis.new(command)),
      receiver(redis.new(command))
    one:forget((select(2, one:handle(request))))
    assert.equal("v", (select(2, other:handle(request))).userid)
  end)

  it("let messages through while it is away, and the hook hears of it",
    function()
      local reasons = {}
      local taker = receiver(redis.new(server.command(1,
        ngx and ngx.socket.tcp)), function(reason)
          reasons[#reasons + 1] = reason
        end)
      assert.truthy((select(2, taker:handle(push(
        "<xml><userid>u</userid></xml>")))))
      assert.same({ "store" }, reasons)
    end)
end)

if not ngx then
  return
end

describe("receivers that share a dictionary", function()
  local dict = ngx.shared.seen

  before_each(function()
    dict:flush_all()
    dict:flush_expired()
  end)

  it("let messages through when it is full, and the hook hears of it",
    function()
      local store, reasons = shdict.new(dict), {}
      for i = 1, 100000 do
        if not store:add("key " .. i, "1", 60) then
          break
        end
      end
      local taker = receiver(store, function(reason)
        reasons[#reasons + 1] = reason
      end)
      local request = push("<xml><userid>u</userid></xml>")
      for i = 1, 2 do
        local response, message = taker:handle(request)
        assert.equal(200, response.status)
        assert.equal("u", message.userid)
        assert.equal("store", reasons[i])
      end
    end)

  -- With keys of more than 55 bytes it would be half as many.
  it("have room for as many messages as it says", function()
    local full, taken = false, 0
    local taker = receiver(shdict.new(dict), function() full = true end)
    while not full do
      taken = taken + 1
      taker:handle(push(("<xml><userid>u</userid><createtime>%d</createtime>"
        .. "</xml>"):format(taken)))
    end
    assert.is_true(taken >= 200, taken) -- of 64 KiB, some for the dictionary
  end)

  it("know what another worker has taken", function()
    first_of_two(function() return shdict.new(dict) end)
  end)
end)
