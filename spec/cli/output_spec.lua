-- Without this somebody else's text can span lines of the command's output, or
-- hold it up.
--
-- What the command line makes of texts that are somebody else's.
local line = require "wxbot.cli.output".line

describe("a text on one line", function()
  it("has one blank for a newline and the blanks around it", function()
    assert.equal("a b c  d\te", line("a \t\r\n\n b\nc  d\te"))
  end)

  it("keeps no character that turns the direction of others", function()
    assert.equal("a?b?c 中文", line("a\226\128\174b\226\129\167c 中文"))
  end)

  it("takes no longer for many blanks than for other bytes", function()
    local text = (" "):rep(2 ^ 18)
    local began = os.clock()
    assert.equal(text, line(text))
    assert.is_true(os.clock() - began < 1)
  end)
end)
