-- Without this the page says things in one language only, or takes texts for
-- markup.
--
-- What can be told of the page from its files; what it does is in page_spec.lua.
local causes = require "wxbot.sandbox.causes"
local json = require "wxbot.codec.json"
local lfs = require "lfs"
local page = require "wxbot.serve.page"
local read = require "spec.server.start".read
local warnings = require "wxbot.sandbox.warnings"

local FOLDER = "lua/wxbot/serve/console/"

local files = {}
for name in lfs.dir(FOLDER) do
  if name:sub(1, 1) ~= "." then
    files[name] = read(FOLDER .. name)
  end
end

-- The texts of a language: a module that is JSON but for its first words.
local function texts(name)
  local text = files[name]:match("\nexport default ({.*});\n$")
  return assert(json.decode(assert(text, name)))
end

local function sorted(names)
  table.sort(names)
  return names
end

local function keys(map)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = name
  end
  return sorted(names)
end

local function values_in(text)
  local names = {}
  for name in text:gmatch("{([a-z0-9_]+)}") do
    names[#names + 1] = name
  end
  return sorted(names)
end

-- Calls visit(name, line, number) for each line of JavaScript, comments aside.
local function each_line(visit)
  for name, source in pairs(files) do
    local number = 0
    for line in (name:find("%.js$") and source or ""):gmatch("([^\n]*)\n") do
      number = number + 1
      visit(name, (line:gsub("^%s*/?[/*].*", ""):gsub("%s//%s.*", "")), number)
    end
  end
end

local function found(patterns)
  local list = {}
  each_line(function(name, line, number)
    for _, pattern in ipairs(patterns) do
      if line:find(pattern) then
        list[#list + 1] = ("%s:%d: %s"):format(name, number, line)
      end
    end
  end)
  return list
end

-- Text, and what it stands on.
local STANDS_ON = { { "text", "page" }, { "text", "surface" },
  { "text", "raised" }, { "text", "mine" }, { "text", "agent" },
  { "muted", "page" }, { "muted", "surface" }, { "muted", "raised" },
  { "accent", "page" }, { "accent", "surface" }, { "accent", "raised" },
  { "accent", "mine" }, { "accent", "agent" }, { "on-accent", "accent" },
  { "good", "surface" }, { "good", "page" }, { "good", "raised" },
  { "failed", "page" }, { "failed", "surface" }, { "failed", "raised" },
  { "failed", "failed-surface" }, { "text", "failed-surface" },
  { "warned", "page" }, { "warned", "surface" }, { "warned", "raised" },
  { "warned", "warned-surface" }, { "text", "warned-surface" } }

-- https://www.w3.org/TR/WCAG21/#dfn-relative-luminance
local function luminance(colour)
  local sum = 0
  for i, weight in ipairs{ 0.2126, 0.7152, 0.0722 } do
    local part = tonumber(colour:sub(2 * i, 2 * i + 1), 16) / 255
    sum = sum + weight * (part <= 0.03928 and part / 12.92
      or ((part + 0.055) / 1.055) ^ 2.4)
  end
  return sum
end

local function contrast(one, other)
  local a, b = luminance(one), luminance(other)
  return (math.max(a, b) + 0.05) / (math.min(a, b) + 0.05)
end

describe("the page's files", function()
  local en, zh = texts "en.js", texts "zh.js"

  it("say each text in both languages", function()
    assert.same(keys(en), keys(zh))
    for name, text in pairs(en) do
      assert.same(values_in(text), values_in(zh[name]), name)
    end
  end)

  it("say each cause, each cure and each warning in Chinese", function()
    local chinese = texts "zh_causes.js"
    assert.same(keys(causes.all), keys(chinese.causes))
    for id, sentences in pairs(causes.all) do
      for i = 1, 2 do
        assert.same(values_in(sentences[i]), values_in(chinese.causes[id][i]), id)
      end
    end
    assert.same(keys(warnings.all), keys(chinese.warnings))
    for id, sentence in pairs(warnings.all) do
      assert.same(values_in(sentence), values_in(chinese.warnings[id]), id)
    end
  end)

  it("have every text that they ask for", function()
    local missing = {}
    each_line(function(name, line)
      for key in line:gmatch('%f[%w]t%("([a-z_.]+)"') do
        if not en[key] then
          missing[#missing + 1] = name .. ": " .. key
        end
      end
    end)
    assert.same({}, missing)
  end)

  it("have a text for every name that they put into one", function()
    local missing = {}
    local function want(group, source)
      for name in source:gmatch('"([a-z_]+)"') do
        if not en[group .. name] then
          missing[#missing + 1] = group .. name
        end
      end
    end
    for list in files["requests.js"]:gmatch("%[([a-z\", \n]+)%]%.map%(%(name%)") do
      want("requests.", list)
    end
    for list in files["state.js"]:gmatch('listed%("[a-z]+", [^,]-,%s*%[(.-)%]') do
      want("column.", list)
    end
    assert.same({}, missing)
  end)

  it("ask for no text that nobody uses", function()
    local all = {}
    each_line(function(name, line)
      if not name:find("^en") and not name:find("^zh") then
        all[#all + 1] = line
      end
    end)
    all = table.concat(all, "\n")
    local unused = {}
    for name in pairs(en) do
      local group, rest = name:match("^(.-)%.(.*)$")
      local is_built = group and (all:find("`" .. group .. ".${", 1, true)
        or all:find('word("' .. group .. '"', 1, true))
      if not all:find('"' .. name .. '"', 1, true)
          and not (is_built and rest) then
        unused[#unused + 1] = name
      end
    end
    assert.same({}, sorted(unused))
  end)

  it("make elements of texts in no other way than text.js does", function()
    assert.same({}, found{ "innerHTML", "outerHTML", "insertAdjacentHTML",
      "document%.write", "DOMParser", "createContextualFragment", "srcdoc",
      "%f[%w]eval%f[%W]", "new Function", "javascript:" })
    local makers = {}
    for _, place in ipairs(found{ "createElement", "setAttribute" }) do
      makers[#makers + 1] = place:match("^[^:]+")
    end
    for _, name in ipairs(makers) do
      assert.truthy(name == "text.js" or name == "main.js" or name == "pushes.js",
        name)
    end
  end)

  it("ask nobody but the emulator", function()
    assert.same({}, found{ "%f[%w]https?://[%w]", "import%(", "XMLHttpRequest",
      "WebSocket", "sendBeacon" })
    local asking = found{ "%f[%w]fetch%(", "new EventSource" }
    assert.equal(2, #asking)
    for _, place in ipairs(asking) do
      assert.matches("^api%.js:.*PLACE", place)
    end
    for name, source in pairs(files) do
      source = source:gsub('xmlns="[^"]*"', "")
      assert.falsy(source:find("url(", 1, true), name)
      assert.falsy(source:find("@import", 1, true), name)
      assert.falsy(name:find("html$") and source:find("http", 1, true), name)
    end
  end)

  it("need no style and no script that the policy refuses", function()
    local index = files["index.html"]
    assert.falsy(index:find("<style") or index:find(" style=")
      or index:find(" on%w+="))
    for script in index:gmatch("<script.->(.-)</script>") do
      assert.equal("", script)
    end
    assert.same({}, found{ '"style"', "style:" })
  end)

  it("have colours that are read, light and dark", function()
    local dark = files["style.css"]:find("@media (prefers-color-scheme: dark)", 1,
      true)
    for theme, source in pairs{ light = files["style.css"]:sub(1, dark),
        dark = files["style.css"]:sub(dark) } do
      local colours = {}
      for name, colour in source:gmatch("%-%-([a-z-]+): (#[0-9a-f]+);") do
        colours[name] = colour
      end
      for _, pair in ipairs(STANDS_ON) do
        local ratio = contrast(colours[pair[1]], colours[pair[2]])
        assert.truthy(ratio >= 4.5, ("%s: %s on %s: %.2f"):format(theme, pair[1],
          pair[2], ratio))
      end
    end
  end)

  it("are served with what keeps a browser from anything else", function()
    for name, source in pairs(files) do
      local response = page.answer(name)
      assert.equal(200, response.status)
      assert.equal(source, response.body)
      assert.equal("default-src 'self'; base-uri 'none'; form-action 'none'; "
        .. "frame-ancestors 'none'", response.headers["content-security-policy"])
      assert.equal("nosniff", response.headers["x-content-type-options"])
      assert.equal("no-referrer", response.headers["referrer-policy"])
    end
    assert.equal(files["index.html"], page.answer("").body)
    for _, name in ipairs{ "../page.lua", "page.lua", "index.html/", ".html",
        "/index.html", "no.js", "index" } do
      assert.equal(404, page.answer(name).status)
    end
  end)

  it("name files that are there", function()
    for name, source in pairs(files) do
      for other in source:gmatch('from "%./([^"]+)"') do
        assert.truthy(files[other], name .. " imports " .. other)
      end
    end
    for other in files["index.html"]:gmatch('%f[%w][hs][re][ec]f?="([^"]+)"') do
      assert.truthy(files[other], other)
    end
    assert.same({ "api.js", "chat.js", "en.js", "i18n.js", "icon.svg",
      "index.html", "main.js", "parts.js", "pushes.js", "requests.js",
      "rich.js", "state.js", "style.css", "text.js", "views.css",
      "zh.js", "zh_causes.js" }, keys(files))
  end)
end)
