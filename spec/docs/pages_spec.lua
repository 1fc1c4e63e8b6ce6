-- Without this a page could lead nowhere, name what is not there, or say other
-- things in one language than in the other.
-- #once
local lfs = require "lfs"
local pages = require "spec.support.pages"
local read = require "spec.server.start".read

local function exists(path)
  return lfs.attributes(path, "mode") ~= nil
end

-- Every document that there is, in order.
local documents = {}
local function collect(folder)
  for name in lfs.dir(folder) do
    local path = folder == "." and name or folder .. "/" .. name
    if name:find("%.md$") then
      documents[#documents + 1] = path
    elseif path:find("^docs") and name:sub(1, 1) ~= "."
        and lfs.attributes(path, "mode") == "directory" then
      collect(path)
    end
  end
end
collect(".")
table.sort(documents)

-- Its text, but for what stands in blocks.
local function prose(path)
  return (("\n" .. read(path)):gsub("\n```.-\n```", "\n"))
end

-- What stands in headings in Chinese and is no part of an anchor.
local PUNCTUATION = { "：", "，", "。", "、", "（", "）", "「", "」", "“", "”",
  "？", "！", "；", "…", "《", "》", "·", "→" }

-- The anchor of a heading, as GitHub makes it.
local function anchor(heading)
  local text = heading:gsub("%[(.-)%]%(.-%)", "%1"):lower()
    :gsub("[^%w%- _\128-\255]", "")
  for _, char in ipairs(PUNCTUATION) do
    text = text:gsub(char, "")
  end
  return (text:gsub(" ", "-"))
end

local function anchors(path)
  local found = {}
  for heading in prose(path):gmatch("\n#+ ([^\n]+)") do
    local name, number = anchor(heading), 1
    while found[name] do
      name, number = anchor(heading) .. "-" .. number, number + 1
    end
    found[name] = true
  end
  return found
end

local function folder_of(path)
  return path:match("^(.*/)") or ""
end

-- a/b/../c -> a/c
local function normal(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do
    if part == ".." then
      table.remove(parts)
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts, "/")
end

describe("every document", function()
  for _, path in ipairs(documents) do
    local text = prose(path)

    it("leads somewhere: " .. path, function()
      for target in text:gsub("`[^`\n]*`", ""):gmatch("%]%(([^%s()]+)%)") do
        local file, name = target:match("^([^#]*)#?(.*)$")
        if not target:find("^%l+:") then
          local aim = file == "" and path or normal(folder_of(path) .. file)
          assert.is_true(exists(aim), target)
          assert.is_true(name == "" or anchors(aim)[name], target)
        end
      end
    end)

    it("names files and targets of make that there are: " .. path, function()
      local named = read(path):gsub("NAME", "sign")
      for name in named:gmatch("`(%l+/[%w_/.-]*%.%l+)`") do
        assert.is_true(exists(name)
          or named:find("```lua " .. name, 1, true) ~= nil, name)
      end
      local makefile = read("Makefile")
        .. read("spec/hardening/hardening.mk") .. read("packaging/packaging.mk")
      for _, pattern in ipairs{ "`make ([%l-]+)", "\nmake ([%l-]+)" } do
        for target in named:gmatch(pattern) do
          assert.truthy(makefile:find("\n" .. target:gsub("-", "%%-") .. ":"),
            target)
        end
      end
    end)

    it("names no host that is nobody's: " .. path, function()
      for _, host in ipairs{ "example.org", "git clone http" } do
        assert.is_nil(read(path):find(host, 1, true))
      end
    end)
  end
end)

describe("a README", function()
  for _, path in ipairs{ "README.md", "README.zh-CN.md" } do
    it("has 150 lines at most: " .. path, function()
      local _, lines = read(path):gsub("\n", "")
      assert.is_true(lines <= 150, lines)
    end)
  end
end)

describe("both languages", function()
  it("have every page, and every page a spec", function()
    local known = {}
    for english, chinese in pairs(pages.translations) do
      known[english], known[chinese] = true, true
      local name = english:match("([^/]+)%.md$"):lower():gsub("-", "_")
      assert.is_true(exists("spec/docs/" .. name .. "_spec.lua"), english)
    end
    for _, path in ipairs(documents) do
      assert.is_true(known[path] or not path:find("/guide/"), path)
    end
  end)

  for english, chinese in pairs(pages.translations) do
    it("have the same blocks in " .. english, function()
      local blocks = pages.blocks(read(english))
      local others = pages.blocks(read(chinese))
      for i, block in ipairs(blocks) do
        local other = others[i]
        assert.truthy(other, "there is no block of line " .. block.line)
        for _, part in ipairs{ "language", "name", "printed" } do
          assert.equal(block[part], other[part])
        end
        assert.equal(pages.without_comments(block),
          pages.without_comments(other))
      end
      assert.equal(#blocks, #others)
    end)

    -- What stands behind a fence is not seen where a page is read.
    it("name the file of a block in front of it: " .. english, function()
      for _, path in ipairs{ english, chinese } do
        for text, info in read(path):gmatch("(.-)\n```([^\n]+)\n.-\n```") do
          local name = info:match(" (%S+)$") or "terminal"
          assert.is_true(name == "terminal"
            or text:find("`" .. name .. "`", 1, true) ~= nil, name)
        end
      end
    end)

    it("name each other: " .. english, function()
      local is_readme = english == "README.md"
      for path, other in pairs{
        [english] = is_readme and chinese or "../zh-CN/guide/",
        [chinese] = is_readme and english or "../../guide/",
      } do
        local link = is_readme and other or other .. english:match("[^/]*$")
        local first = read(path):match(("[^\n]*\n"):rep(5))
        assert.truthy(first:find("](" .. link .. ")", 1, true), path)
      end
    end)
  end
end)

-- What the harness itself must see.
describe("a block", function()
  local function first(text)
    return pages.blocks(text)[1]
  end

  it("has a language, a name, its code, and what it prints", function()
    assert.same({ language = "sh", name = "terminal", code = "a\nb\n",
      printed = "c\n", line = 2, "a", "b" },
      first("x\n```sh terminal\na\nb\n```\n\nprints\n\n```text\nc\n```\n"))
    assert.has_error(function() first("```\na\n```\n") end)
    assert.has_error(function() first("```sh\na\n") end)
    assert.has_error(function() first("```text\na\n```\n") end)
  end)

  it("is the same with other comments, and with no other code", function()
    local function code(text)
      return pages.without_comments(first("```lua\n" .. text .. "\n```\n"))
    end
    assert.equal(code("a = 1 -- one\n-- two"), code("-- 一\na = 1"))
    assert.equal(code('a = "x--y"'), 'a = "x--y"')
    assert.not_equal(code("a = 1"), code("a = 2"))
  end)

  it("prints what is expected, but where anything may stand", function()
    for expected, printed in pairs{ ["a"] = "a\n", ["a…"] = "a b\nc",
      ["…c"] = "a\nc", ["a…b…c"] = "a1b2c", ["…"] = "", ["a…a"] = "aa",
      ["a  b"] = "a\tb" } do
      assert.is_true(pages.is_printed(expected, printed), expected)
    end
    for expected, printed in pairs{ ["a"] = "ab", ["a…"] = "ba", ["…c"] = "cd",
      ["a…b…c"] = "a1c2c", ["a…a"] = "a" } do
      assert.is_false(pages.is_printed(expected, printed), expected)
    end
  end)
end)
