-- Without this an endpoint that is described, answered by the sandbox and frozen
-- in golden bytes may still need something by hand: this one has nothing else.

local exists = require "lfs".attributes
local enter = require "spec.support.anew".enter
local goldens = require "spec.support.golden"
local read = require "spec.server.start".read

-- Whoever follows the guide to its end has it already, and runs every spec.
if exists("lua/wxbot/api/account/invention_get.lua") then
  return
end

local swap = enter()
dofile "spec/api/invented/drop_in.lua"
local endpoint = require "wxbot.api".by_name.invention_get
local specify = dofile "spec/support/golden_bytes.lua"
swap()

describe("an endpoint that was added", function()
  setup(swap)
  teardown(function()
    swap()
    package.preload["wxbot.api.account.invention_get"] = nil
    package.preload["wxbot.sandbox.answer.invention_get"] = nil
  end)

  specify(endpoint, goldens.of(endpoint, "spec/api/invented/golden.lua"))

  local function bot()
    local wxbot = require "wxbot"
    local sandbox = assert(wxbot.sandbox{})
    local options = sandbox:credentials()
    options.transport = sandbox
    return assert(wxbot.new(options))
  end

  it("has its method, answered by the sandbox", function()
    local answer = assert(bot():invention_get{ invention_id = 7 })
    assert.equal("growing", answer.phase_name)
    local _, err = bot():invention_get{ invention_id = "none" }
    assert.same({ 40002, "invention_get" }, { err.code, err.endpoint })
    assert.has_error(function() bot():invention_get{} end)
  end)

  it("has the method that follows it", function()
    local seen = {}
    local answer = assert(bot():wait_invention{ invention_id = "oak",
      on_progress = function(step) seen[#seen + 1] = step.phase_name end })
    assert.equal("grown", answer.phase_name)
    assert.equal("grown", seen[#seen])
    local _, err = bot():wait_invention{ invention_id = "weed" }
    assert.equal("withered", err.code)
    assert.matches("invention weed ended with withered", tostring(err), 1, true)
  end)

  it("has its part of the reference and the types", function()
    local generate = dofile "docs/generate.lua"
    local reference, types = generate.reference("en"), generate.types()
    for _, text in ipairs{ "\n### bot:invention_get\n",
      "| [`bot:invention_get`](#botinvention_get), `bot:wait_invention` | Query "
        .. "how far an invention has grown | `access_token` | `always` |",
      "`bot:wait_invention{…}`: Call `invention_get` again, ever less often, "
        .. "until `phase_name` is grown.", "| `max_attempts` | integer |" } do
      assert.truthy(reference:find(text, 1, true), text)
    end
    for _, text in ipairs{ "function Bot:invention_get(params, options) end",
      "---@class wxbot.wait_invention.Request\n---@field invention_id "
        .. "string|integer Id of the invention\n" } do
      assert.truthy(types:find(text, 1, true), text)
    end
  end)

  it("is the example of the guide", function()
    local page = read("docs/guide/adding-an-endpoint.md")
    for _, name in ipairs{ "description", "golden", "answer" } do
      local text = read("spec/api/invented/" .. name .. ".lua")
      assert.truthy(page:find("\n" .. text .. "```\n", 1, true), name)
    end
  end)

  it("is refused by the Chinese reference until its texts are Chinese, too",
    function()
      local written, message = pcall(dofile("docs/generate.lua").reference,
        "zh-CN")
      assert.is_false(written)
      assert.truthy(message:find("\nQuery how far an invention has grown\n"
        .. "Id of the invention\nIts sizes\n", 1, true), message)
    end)

  it("has its command, with all its flags", function()
    local run = require "spec.support.command"
    local function command(args)
      args.before = 'package.path = "lua/?.lua;lua/?/init.lua;" .. package.path '
        .. 'dofile "spec/api/invented/drop_in.lua"'
      table.insert(args, 1, "invention-get")
      return run.sandbox(args)
    end
    local help = command{ "--help" }.out
    for _, text in ipairs{ "Query how far an invention has grown.",
      "--invention-id", "(required)", "--sizes", "--wait" } do
      assert.truthy(help:find(text, 1, true), text)
    end
    assert.same({ status = 0, err = "",
      out = "state: growing 30 %\nheight: 0.5\n" },
      command{ "--invention-id", "7", "--sizes", "1" })
    local followed = command{ "--invention-id", "7", "--wait" }
    assert.equal("state: grown 90 %\nheight: 0.5\n", followed.out)
    run.clean()
  end)
end)
