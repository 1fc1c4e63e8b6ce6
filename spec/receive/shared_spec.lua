-- The shared dictionary of nginx: runs inside only.
local shared = require "wxbot.receive.shared"
local wxbot = require "wxbot"

local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local APPID = "Gg8HejYTkUsEIlG"

local dict = rawget(_G, "ngx") and ngx.shared.seen

describe("the store in a shared dictionary", function()
  it("refuses what is no dictionary", function()
    for _, value in ipairs{ {}, "seen", false } do
      local ok, message = pcall(shared.new, value or nil)
      assert.is_false(ok)
      assert.matches("lua_shared_dict NAME 10m;", message, 1, true)
    end
  end)

  if not dict then
    return
  end

  before_each(function()
    dict:flush_all()
    dict:flush_expired()
  end)

  it("knows a key until its time is over", function()
    local store = shared.new(dict)
    assert.is_true(store:add("a", 0.1))
    assert.is_false(store:add("a", 0.1))
    ngx.sleep(0.15)
    assert.is_true(store:add("a", 60))
    store:delete("a")
    assert.is_true(store:add("a", 60))
  end)

  it("says when it is full, and keeps what it has", function()
    local store, message = shared.new(dict), nil
    for i = 1, 100000 do
      local ok
      ok, message = store:add("key " .. i, 60)
      if not ok then
        break
      end
    end
    assert.equal("no memory", message)
    assert.is_false(store:add("key 1", 60))
  end)

  it("lets messages through when it is full, and the hook hears of it", function()
    local store, reasons = shared.new(dict), {}
    for i = 1, 100000 do
      if not store:add("key " .. i, 60) then
        break
      end
    end
    local receiver = assert(wxbot.receiver{ kind = "kefu", appid = APPID,
      aes_key = KEY, seen = store,
      on_failure = function(reason) reasons[#reasons + 1] = reason end })
    local request = { method = "POST", body = '{"encrypted":"'
      .. wxbot.msgcrypt(KEY, APPID):encrypt("<xml><userid>u</userid></xml>")
      .. '"}' }
    for i = 1, 2 do
      local response, message = receiver:handle(request)
      assert.equal(200, response.status)
      assert.equal("u", message.userid)
      assert.equal("store", reasons[i])
    end
  end)

  -- With keys of more than 55 bytes it would be half as many.
  it("has room for as many messages as it says it has", function()
    local full, taken = false, 0
    local receiver = assert(wxbot.receiver{ kind = "kefu", appid = APPID,
      aes_key = KEY, seen = shared.new(dict),
      on_failure = function() full = true end })
    local crypt = wxbot.msgcrypt(KEY, APPID)
    while not full do
      taken = taken + 1
      receiver:handle{ method = "POST", body = ('{"encrypted":"%s"}'):format(
        crypt:encrypt(("<xml><userid>u</userid><createtime>%d</createtime>"
          .. "</xml>"):format(taken))) }
    end
    assert.is_true(taken >= 200, taken) -- of 64 KiB, some for the dictionary
  end)

  it("is one for all receivers of a bot", function()
    local function made()
      return assert(wxbot.receiver{ kind = "kefu", appid = APPID,
        aes_key = KEY, seen = shared.new(dict) })
    end
    local request = { method = "POST", body = '{"encrypted":"'
      .. wxbot.msgcrypt(KEY, APPID):encrypt("<xml><userid>u</userid></xml>")
      .. '"}' }
    local _, message = made():handle(request)
    assert.equal("u", message.userid)
    assert.equal("duplicate", (select(3, made():handle(request))))
  end)
end)
