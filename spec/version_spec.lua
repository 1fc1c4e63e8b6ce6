-- Without this the version is mended in one place and stays old in another.
local lfs = require "lfs"
local read = require "spec.server.start".read

local VERSION = require "wxbot"._VERSION

-- Where the version may be written: its place, and the history.
local MAY = { ["./lua/wxbot/init.lua"] = true, ["./CHANGELOG.md"] = true }

local function each_file(folder, visit)
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    local mode = lfs.attributes(path, "mode")
    if mode == "directory" and not name:find("^%.%.?$") and name ~= ".git"
        and path ~= "./build" then
      each_file(path, visit)
    elseif mode == "file" then
      visit(path)
    end
  end
end

describe("the version", function()
  it("has three numbers", function()
    assert.matches("^[0-9]+%.[0-9]+%.[0-9]+$", VERSION)
  end)

  it("stands in one place", function()
    local pattern = "%f[0-9.]" .. VERSION:gsub("%.", "%%.") .. "%f[^0-9.]"
    each_file(".", function(path)
      if not MAY[path] then
        assert.is_nil(read(path):find(pattern), path .. " has the version")
      end
    end)
  end)

  it("is the newest of the changelog", function()
    assert.equal(VERSION, read("CHANGELOG.md"):match("\n## %[([0-9.]+)%] %- "))
  end)
end)

describe("the changelog", function()
  it("has the headings of Keep a Changelog", function()
    local kinds = { Added = true, Changed = true, Deprecated = true,
      Removed = true, Fixed = true, Security = true }
    local text = read("CHANGELOG.md")
    assert.matches("^# Changelog\n", text)
    local seen
    for marks, heading in text:gmatch("\n(##+) ([^\n]*)\n\n?[^\n]") do
      if marks == "##" then
        seen = {}
        assert.is_truthy(heading == "[Unreleased]"
          or heading:find("^%[[0-9.]+%] %- %d%d%d%d%-%d%d%-%d%d$"), heading)
      else
        assert.is_true(kinds[heading], heading)
        assert.is_nil(seen[heading], heading .. " stands twice")
        seen[heading] = true
      end
    end
  end)
end)
