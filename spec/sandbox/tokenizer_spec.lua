-- Without this questions are cut into words that are none, and equal ones
-- differ.
local tokenizer = require "wxbot.sandbox.tokenizer"

-- The tokens of a text in one line.
local function read(text)
  local t = tokenizer.read(text)
  return table.concat(t.token, " ", 1, t.n)
end

describe("sandbox.tokenizer", function()
  local cases = {
    { "words of one meaning are one token", "如何更改账户", "怎么修改账号" },
    { "so are Latin ones", "how can I modify passwords", "how do I change password" },
    { "an apostrophe is cut", "where's it", "where s it" },
    { "a negation stays", "can't", "can not" },
    { "endings fall away", "changing joined parties", "change join party" },
    { "traditional characters are simplified", "請問怎麼退款", "请问怎么退款" },
    { "full width is half width", "ＡＰＰ　１２", "app 12" },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. ": " .. case[2], function()
      assert.equal(read(case[3]), read(case[2]))
    end)
  end

  it("keeps characters of unknown words apart and joined", function()
    local t = tokenizer.read("化验单")
    assert.equal(3, t.n)
    assert.equal("化验", t.pair[1])
    assert.equal("验单", t.pair[2])
    assert.is_nil(t.pair[3])
  end)

  it("does not cut a word that it does not know into one that it knows", function()
    assert.equal("信 用 卡", read("信用卡"))
    assert.equal("<how> <use>", read("怎么用"))
  end)

  it("cuts where both parts are words", function()
    assert.equal("<how> <apply>", read("怎么办理"))
    assert.equal("<how>", read("怎么办"))
  end)

  it("gives equal questions one key", function()
    local key = tokenizer.read("how do i join").key
    assert.equal(key, tokenizer.read(" How do  I ＪＯＩＮ？！ ").key)
    assert.not_equal(key, tokenizer.read("how do ijoin").key)
    assert.equal(tokenizer.read("怎么退款").key, tokenizer.read("怎么 退款。").key)
  end)

  it("looks at 500 characters and no more", function()
    assert.equal(500, tokenizer.read(("验"):rep(2000)).n)
  end)

  it("finds nothing in what holds no letter", function()
    for _, text in ipairs{ "", " ", "？！", "😀", "\255\192\128", "\0", "\237\160\128" } do
      assert.equal(0, tokenizer.read(text).n)
    end
  end)
end)
