-- Without this whoever imports is not told in words which rows failed, and why.
--
-- What of an import has failed, in words: nobody documented what it looks like.
local line = require "wxbot.cli.failed_rows".line

describe("a row that failed", function()
  for text, row in pairs{
    ["店 / 营业到几点: refused"] = { skillname = "店", title = "营业到几点",
      msg = "refused" },
    ["店 / 营业到几点"] = { skill = "店", intent = "营业到几点" },
    ["二 / x, y: no"] = { name = "二", intents = { { name = "x" }, "y" },
      error = "no" },
    ["二"] = { name = "二", intents = {} },
    ["三"] = "三",
    ['{"odd":1}'] = { odd = 1 },
    ["7"] = 7,
  } do
    it("is shown as " .. text, function()
      assert.equal(text, line(row))
    end)
  end
end)
