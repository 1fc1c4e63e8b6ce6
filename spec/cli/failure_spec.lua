-- Without this a defect of the command is a traceback that shows secrets.
--
-- What the command does when it is itself at fault.
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local run = require "spec.support.command"

-- A part that breaks with a secret in its words.
local BROKEN = [[
package.preload["wxbot.cli.openids"] = function()
  return { open = function()
    local sandbox = require "wxbot".sandbox()
    error("boom\n" .. sandbox:credentials().token .. "\n\27[31m", 0)
  end }
end
]]

local function tag(args)
  args.before = BROKEN
  for i, argument in ipairs{ "--sandbox", "tag", "--appid", "wx1",
      "--category", "c", "--label", "l", "--desc", "d", "o1" } do
    table.insert(args, i, argument)
  end
  return run.run(args)
end

-- The texts of the platform say what is wrong, not where it is to be mended.
describe("what the platform does not believe", function()
  after_each(run.clean)

  for code, said in pairs{
    [1001] = "check WXBOT_TOKEN, ", [1005] = "check WXBOT_AES_KEY, ",
    [1010] = "check WXBOT_APPID, ",
    [1013] = "check WXBOT_AES_KEY and WXBOT_APPID, ",
    [1019] = "check WXBOT_AES_KEY and WXBOT_APPID, ",
    [1000012] = "check WXBOT_AES_KEY, ",
  } do
    it("is said with what to look at: " .. code, function()
      local result = run.sandbox{ "kefu", "send", "--openid", "u", "--channel", "7",
        "hi", before = [[
          package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
          local demo = require "wxbot.sandbox.demo"
          demo.add = function(sandbox)
            sandbox:fail{ endpoint = "sendmsg", code = ]] .. code .. [[ }
          end
        ]] }
      assert.equal(1, result.status)
      assert.truthy(result.err:find("\nwxbot: " .. said, 1, true), result.err)
    end)
  end
end)

describe("an error inside wxbot", function()
  after_each(run.clean)

  it("is one line without a secret, and exit 1", function()
    assert.same({ status = 1, out = "",
      err = "wxbot: internal error: boom *** ?[31m\n" }, tag{})
  end)

  it("is one JSON line with --json", function()
    local result = tag{ "--json" }
    local err = assert(json.decode(result.err)).error
    assert.equal(1, result.status)
    assert.equal("internal", err.kind)
  end)

  it("has a traceback for who asks for it", function()
    local result = tag{ env = { WXBOT_DEBUG = "1" } }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("stack traceback:", 1, true))
  end)

  it("names a part that is not installed", function()
    local result = run.run{ "ask", "hi", before =
      'package.preload.argparse = function() error("no argparse", 0) end' }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("^wxbot: cannot start: "))
    assert.truthy(result.err:find("no argparse", 1, true))
    assert.truthy(result.err:find("make deps", 1, true))
  end)
end)

describe("text for a terminal", function()
  it("keeps newlines and tabs and loses every other control", function()
    assert.equal("a\tb\n?c?d?e", output.plain("a\tb\n\rc\0d\127e"))
  end)

  it("loses C1 controls, but no character of another kind", function()
    assert.equal("?中文é\194\160", output.plain("\194\155中文é\194\160"))
  end)

  it("loses bytes that are no text", function()
    assert.equal("a??b", output.plain("a\255\155b"))
  end)

  it("can be kept on one line", function()
    assert.equal("a b c", output.line("a\r\nb \n c"))
  end)
end)
