-- Without this errors show parts of tokens, keys and signatures.
--
-- What keeps secrets out of errors, by itself; spec/secrets_spec.lua has it in
-- every call.
local redact = require "wxbot.call.redact"

local function cleaned(message, ...)
  local err = { message = message }
  redact.error(err, { urls = {}, ... })
  return err.message
end

describe("redact.error", function()
  local secret = {}
  for i = 1, 40 do
    secret[i] = ("%02d"):format(i)
  end
  secret = table.concat(secret)

  it("takes out twelve characters in a row, from wherever in a secret",
    function()
      for from = 1, #secret - 11 do
        for _, length in ipairs{ 12, 13, 17, 18, 30 } do
          assert.equal("<***>", cleaned("<" .. secret:sub(from,
            math.max(from + 11, math.min(from + length - 1, #secret)))
            .. ">", secret))
        end
      end
    end)

  it("takes out parts of what a URL encodes, from longer secrets, too",
    function()
      local long = ("a+/=B%"):rep(50)
      assert.equal("<***>", cleaned("<%2B%2F%3DB%25a%2B>", long))
    end)

  it("leaves fewer of them", function()
    for from = 1, #secret - 10 do
      local text = "<" .. secret:sub(from, from + 10) .. ">"
      assert.equal(text, cleaned(text, secret))
    end
  end)

  it("takes out several parts of several secrets", function()
    assert.equal("*** and *** or ***", cleaned(secret:sub(1, 20) .. " and "
      .. ("abcdefghijklmnop"):sub(3) .. " or " .. secret:sub(7, 30), secret,
      "abcdefghijklmnop"))
  end)

  it("takes out what repeats itself", function()
    local long = ("ab"):rep(40000)
    assert.equal("<***>", cleaned("<" .. ("ab"):rep(100) .. ">", long))
    assert.equal("<" .. ("ab"):rep(5) .. ">", cleaned("<" .. ("ab"):rep(5)
      .. ">", long))
    assert.equal("***", cleaned(long, long))
    assert.equal("***", cleaned(long, ("b"):rep(40000), ("ba"):rep(40000)))
  end)

  it("takes out a secret that holds another", function()
    assert.equal("<***>", cleaned("<xxabcdyyyyyyyy>", "abcd", "xxabcdyyyyyyyy"))
    assert.equal("<***> <***>", cleaned("<abcd> <xxabcdyyyyyyyy>",
      "xxabcdyyyyyyyy", "abcd"))
  end)

  it("takes no long time for a call that sent much", function()
    local body = {}
    for i = 1, 100000 do
      body[i] = ("%06x"):format(i * 7919 % 16777216)
    end
    body = table.concat(body)
    local message = ("0123456789abcde "):rep(1000)
    local began = os.clock()
    cleaned(message, body)
    assert.is_true(os.clock() - began < 0.3)
  end)
end)
