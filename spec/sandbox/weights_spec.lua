-- Without this a courtesy counts as much as what is asked, and key words as much
-- as a sentence.
local tokenizer = require "wxbot.sandbox.tokenizer"
local weights = require "wxbot.sandbox.weights"

local function weigh(text)
  return weights.weigh(tokenizer.read(text))
end

describe("sandbox.weights", function()
  it("tells a sentence from key words", function()
    assert.is_true(weigh("怎么退款").form)
    assert.is_true(weigh("where is my refund").form)
    assert.is_false(weigh("退款").form)
    assert.is_false(weigh("refund status").form)
  end)

  it("takes courtesies for contents only when they stand alone", function()
    assert.equal(weights.CONTENT, weigh("你好").kind[1])
    assert.equal(weights.EMPTY, weigh("你好，退款").kind[1])
  end)

  it("gives a word of many questions less", function()
    local t = weigh("退款")
    local index = { frequency = { [t.token[1]] = 10 }, id_count = 9 }
    assert.equal(t.weight[1] * 0.4, weights.here(index, t)[1])
    index.frequency[t.token[1]] = 1
    assert.equal(t.weight[1], weights.here(index, t)[1])
  end)
end)
