-- Without this columns of texts that are not English stand askew on a terminal.
local columns = require "wxbot.cli.columns"
local run = require "spec.support.command"
local start = require "spec.server.start"

-- What another program knows of it.
local function width_by_wc(text)
  return tonumber(start.output_of("printf %s " .. run.quote(text)
    .. " | LC_ALL=C.UTF-8 wc -L"))
end

describe("the width of a text", function()
  for _, text in ipairs{ "", "abc", "怎么修改密码", "a 你b", "e\204\129t", "한국어",
      "ｆｕｌｌ", "…", "🎮", "日本語：「テスト」", "\226\128\139x", "é" } do
    it("is that of its characters: " .. text, function()
      assert.equal(width_by_wc(text), columns.width(text))
    end)
  end
end)

describe("a text that is cut", function()
  it("is whole where there is room, and ends in an ellipsis else", function()
    assert.equal("怎么修改", columns.cut("怎么修改", 8))
    assert.equal("怎么修…", columns.cut("怎么修改", 7))
    assert.equal("怎么…", columns.cut("怎么修改", 6))
    assert.equal("abc…", columns.cut("abcdefg", 4))
    assert.equal("…", columns.cut("你好", 1))
  end)

  it("keeps marks with what they stand on", function()
    assert.equal("e\204\129…", columns.cut("e\204\129tude", 2))
  end)

  it("is filled up to its column", function()
    assert.equal("你好  ", columns.pad("你好", 6))
    assert.equal("abcdefg", columns.pad("abcdefg", 4))
  end)
end)
