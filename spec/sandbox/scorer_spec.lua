-- Without this the sandbox finds another question alike, or a paraphrase equal.
local scorer = require "wxbot.sandbox.scorer"

local function index_of(...)
  local index = scorer.new()
  for i, text in ipairs({ ... }) do
    index:add(text, i)
  end
  return index
end

-- The score of a query against a single question.
local function score(query, question)
  local found = index_of(question):search(query, 1)
  return found[1] and found[1].score or 0
end

describe("sandbox.scorer", function()
  describe("an equal text", function()
    local equal = {
      { "怎么修改密码", "怎么修改密码" },
      { "怎么修改密码？！", "怎么修改密码" },
      { "怎么修改密码", "怎么修改密码。" },
      { " 怎么 修改密码 ", "怎么修改密码" },
      { "How do I JOIN", "how do I  join?" },
      { "ＶＩＰ１是什么", "vip1是什么" },
      { "怎麼修改密碼", "怎么修改密码" },
      { "😀", "😀" },
      { "？？？", "？？？" },
    }
    for _, pair in ipairs(equal) do
      it(("scores 1: %q and %q"):format(pair[1], pair[2]), function()
        assert.equal(1, score(pair[1], pair[2]))
      end)
    end

    it("scores 1 beyond the characters that are looked at", function()
      local long = ("长问题"):rep(1000)
      assert.equal(1, score(long, long))
      assert.is_true(score(long .. "x", long) < 1)
    end)

    it("is found behind any number of others", function()
      local index = scorer.new()
      for i = 1, 2000 do
        index:add("怎么修改第" .. i .. "个密码", i)
      end
      local found = index:search("怎么修改第1234个密码", 1)
      assert.same({ { id = 1234, score = 1, number = 1234 } }, found)
    end)
  end)

  it("scores below 1 what is not equal, however alike", function()
    assert.is_true(score("如何修改密码", "怎么修改密码") < 1)
    assert.is_true(score("apple pie", "pie apple") < 1)
    assert.is_true(score("now here", "nowhere") < 1)
  end)

  describe("paraphrases", function()
    local alike = {
      { "请问如何更改密码呢", "怎么修改密码" },
      { "密码怎么改", "怎么改密码" },
      { "帐户怎么删掉", "怎么删除账号" },
      { "能修改密码吗", "怎么修改密码" },
      { "怎么办理借书证", "如何办理借书证" },
      { "where's my refund please", "Where is my refund" },
      { "can't I change passwords", "why can I not change my password" },
    }
    for _, pair in ipairs(alike) do
      it(("score over 0.75: %q and %q"):format(pair[1], pair[2]), function()
        assert.is_true(score(pair[1], pair[2]) > 0.75)
      end)
    end
  end)

  describe("key words alone", function()
    local bare = {
      { "密码", "怎么修改密码" }, { "修改密码", "怎么修改密码" }, { "支付方式", "支持哪些支付方式" },
      { "change password", "How do I change my password" },
    }
    for _, pair in ipairs(bare) do
      it(("score from 0.375 to 0.75: %q for %q"):format(pair[1], pair[2]), function()
        local value = score(pair[1], pair[2])
        assert.is_true(value > 0.375 and value <= 0.75, value)
      end)
    end
  end)

  it("gives nothing for what people say in any sentence", function()
    assert.equal(0, score("怎么去上海", "怎么退款"))
    assert.equal(0, score("what is the capital of France", "what is my status"))
    assert.equal(0, score("你好，请问", "请问怎么退款"))
  end)

  it("takes a courtesy for the question only when it stands alone", function()
    assert.equal(1, score("你好", "你好"))
    assert.is_true(score("hello there", "你好") > 0.75)
    assert.equal(0, score("你好，怎么退款", "你好"))
  end)

  it("keeps whole the words that hold a shorter one", function()
    assert.equal(0, score("怎么用", "信用卡"))
  end)

  it("orders the best first and gives each id once", function()
    local index = scorer.new()
    index:add("怎么修改密码", "a")
    index:add("如何更改密码", "a")
    index:add("密码规则", "b")
    index:add("天气", "c")
    local found = index:search("怎么改密码", 10)
    assert.equal(2, #found)
    assert.equal("a", found[1].id)
    assert.equal("b", found[2].id)
    assert.is_true(found[1].score > found[2].score)
  end)

  it("gives no more than the limit", function()
    local index = index_of("密码一", "密码二", "密码三")
    assert.equal(2, #index:search("密码", 2))
  end)

  it("looks only at ids that are accepted, even behind many others", function()
    local index = scorer.new()
    for i = 1, 500 do
      index:add("怎么修改密码", i)
    end
    index:add("密码规则在哪里", "wanted")
    local found = index:search("怎么修改密码", 10, function(id)
      return id == "wanted"
    end)
    assert.equal(1, #found)
    assert.equal("wanted", found[1].id)
  end)

  it("is the same whatever was asked before", function()
    local index = index_of("怎么修改密码", "怎么退款")
    local first = index:search("退款密码", 5)
    index:search("怎么修改密码", 5)
    assert.same(first, index:search("退款密码", 5))
  end)

  describe("strange bytes", function()
    local strange = {
      empty = "", spaces = " \t\n　", punctuation = "？！。,.;:-", emoji = "😀😀😀👨‍👩‍👧",
      ["bad UTF-8"] = "\255\254\128\192\193\245", ["cut off"] = "\230\128", NUL = "\0\0",
      apostrophes = "''''n't'", surrogates = "\237\160\128",
    }
    for name, text in pairs(strange) do
      it("score nothing: " .. name, function()
        assert.same({}, index_of("怎么修改密码", "how do I"):search(text, 5))
      end)
    end

    it("do not hide the words beside them", function()
      assert.is_true(score("\255怎么\0修改😀密码\230", "怎么修改密码") > 0.75)
    end)

    it("can be questions, too", function()
      local index = index_of("", "\255", "？")
      assert.equal(3, #index.texts)
      assert.same({}, index:search("怎么", 5))
    end)
  end)

  it("looks at the beginning of a query of 1 MiB", function()
    local index = index_of("怎么修改密码")
    local found = index:search("怎么修改密码，" .. ("修改"):rep(180000), 1)
    assert.is_true(found[1].score < 1)
    for _, filler in ipairs{ "a", "a ", "😀", "\255", "码", "'" } do
      local text = filler:rep(math.floor(2 ^ 20 / #filler))
      assert.is_true(#index:search(text, 1) <= 1)
    end
  end)

  it("refuses what is not a string", function()
    assert.has_error(function() scorer.new():add(1, 1) end, "text must be a string, not number")
    assert.has_error(function() scorer.new():search({}) end, "query must be a string, not table")
    assert.has_error(function() scorer.new():add("a", nil) end, "id must not be nil")
  end)
end)
