-- Without this the guide shows failures, and what is repeated, otherwise than
-- they are.
local codes = require "wxbot.api.errcode"
local errors = require "wxbot.util.errors"
local pages = require "spec.support.pages"
local read = require "spec.server.start".read
local retry = require "wxbot.call.retry"

pages.specify("docs/guide/errors.md")

describe("the page on errors", function()
  for _, path in ipairs{ "docs/guide/errors.md", "docs/zh-CN/guide/errors.md" } do
    local text = read(path)

    it("says which codes are taken for a busy platform: " .. path, function()
      local row = assert(text:match("\n(| 5xx[^\n]+)"))
      for code in pairs(codes) do
        local plan = retry.new():plan({ kind = "platform", code = code },
          "always", 1)
        assert.equal(plan == "again",
          row:find("%f[%d-]" .. ("%d"):format(code):gsub("-", "%%-")
            .. "%f[^%d]") ~= nil, code)
      end
    end)

    it("says of every kind what to do: " .. path, function()
      for kind in pairs(errors.kinds) do
        assert.truthy(text:find("\n| `" .. kind .. "` |", 1, true), kind)
      end
    end)
  end
end)
