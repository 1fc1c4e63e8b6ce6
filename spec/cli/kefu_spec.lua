-- Without this the commands of customer service send to nobody, or do not say
-- why.
--
-- kefu, on the embedded platform.
-- #once
local json = require "wxbot.codec.json"
local run = require "spec.support.command"

describe("wxbot kefu send", function()
  after_each(run.clean)

  it("sends a message", function()
    assert.same({ status = 0, out = "sent\n", err = "" }, run.run{ "kefu", "send",
      "--sandbox", "--openid", "o", "--channel", "7", "你好" })
  end)

  it("fails with the platform's reason", function()
    local result = run.run{ "kefu", "send", "--sandbox", "--json", "--openid", "o",
      "--channel", "0", "你好" }
    assert.equal(1, result.status)
    assert.equal(1008, json.decode(result.err).error.code)
  end)

  it("wants a channel that is a number", function()
    local result = run.run{ "kefu", "send", "--sandbox", "--openid", "o",
      "--channel", "web", "你好" }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("--channel must be a whole number", 1,
      true))
  end)
end)

describe("wxbot kefu", function()
  after_each(run.clean)

  it("tells who talks with a user", function()
    assert.same({ status = 0, out = "kefustate: off\n", err = "" },
      run.run{ "kefu", "get", "--sandbox", "--appid", "wx1", "--openid",
        "o" })
    assert.equal("kefustate: off\nstatus: asking\n", run.run{ "kefu", "get",
      "--sandbox", "--appid", "wx1", "--openid", "o", "--type", "all" }.out)
  end)

  it("hands a user over", function()
    assert.same({ status = 0, out = "changed\n", err = "" }, run.run{ "kefu",
      "change", "--sandbox", "--appid", "wx1", "--openid", "o",
      "--kefustate", "personserving" })
    assert.equal(2, run.run{ "kefu", "change", "--sandbox", "--appid", "wx1",
      "--openid", "o", "--kefustate", "busy" }.status)
  end)
end)
