-- Without this the references and the types describe another library, or one
-- language says less than the other.
--
-- What the documents say is what there is.

local generate = dofile("docs/generate.lua")
local canary = require "spec.support.canary"
local endpoints = require "wxbot.api"
local lfs = require "lfs"
local wxbot = require "wxbot"

local unpack = table.unpack or unpack

local read = require "spec.server.start".read

describe("the reference", function()
  for language, path in pairs(generate.references) do
    it("is what the descriptions say, in " .. language .. ": `make docs` "
      .. "writes it", function()
      local markdown, unused = generate.reference(language)
      assert.is_true(markdown == read(path))
      assert.same({}, unused)
    end)
  end

  it("is of types, too", function()
    assert.is_true(generate.types() == read("types/wxbot.lua"))
  end)

  it("is not written while a text has no translation: it is named", function()
    local described = require "wxbot.api".by_name.publish
    local summary = described.summary
    described.summary = "Publish the bot at once"
    local written, message = pcall(generate.reference, "zh-CN")
    described.summary = summary
    assert.is_false(written)
    assert.equal("no translation of:\nPublish the bot at once", message)
  end)

  it("is Lua, as far as it is for editors", function()
    assert.is_function((loadstring or load)(read("types/wxbot.lua")))
  end)
end)

local function receiver()
  return assert(wxbot.receiver{ kind = "service", token = canary.credentials.token })
end

local function source()
  return assert(wxbot.access_token{ appid = "wx1", secret = canary.secret })
end

-- Everything that a user can call, with who has it.
local function public()
  local loop = assert(wxbot.loop{})
  local names = {}
  for name, member in pairs(wxbot) do
    if type(member) == "function" then
      names["wxbot." .. name] = name
    elseif type(member) == "table" then
      for inner in pairs(member) do
        names[name .. "." .. inner] = inner
      end
    end
  end
  for kind, object in pairs{ bot = assert(wxbot.new()),
    v2 = assert(wxbot.v2()), sandbox = assert(wxbot.sandbox()),
    source = source(), receiver = receiver(), loop = loop,
    fiber = loop:spawn(type, 1),
    crypt = assert(wxbot.msgcrypt(canary.documented.aes_key, "wx1")) } do
    for name in pairs(debug.getmetatable(object).__index) do
      if not name:find("^__") then
        names[kind .. ":" .. name] = name
      end
    end
  end
  return names
end

describe("the types", function()
  local types = read("types/wxbot.lua")

  for class, object in pairs{ Bot = assert(wxbot.new()),
                              V2 = assert(wxbot.v2()),
                              AccessToken = source(),
                              Receiver = receiver() } do
    it("have every method of " .. class .. ", and no other", function()
      local there, declared = {}, {}
      for name in pairs(debug.getmetatable(object).__index) do
        there[name] = not name:find("^__") or nil
      end
      for name in types:gmatch("\nfunction " .. class .. ":([%w_]+)%(") do
        declared[name] = true
      end
      assert.same(there, declared)
    end)
  end
end)

-- The members of each class of the types.
local function members()
  local classes, class = {}, nil
  for line in read("types/wxbot.lua"):gmatch("[^\n]+") do
    local begun = line:match("^%-%-%-@class ([%w_.]+)")
    local name = line:match('^%-%-%-@field %["([^"]+)"%]')
      or line:match("^%-%-%-@field ([%w_]+)")
    if begun then
      class = begun
      classes[class] = {}
    elseif name then
      classes[class][name] = true
    end
  end
  return classes
end

local function named(...)
  local names = {}
  for i = 1, select("#", ...) do
    for _, field in ipairs((select(i, ...)) or {}) do
      names[field.name] = true
    end
  end
  return names
end

describe("the types of an endpoint", function()
  local classes = members()

  for _, list in ipairs{ endpoints.list, endpoints.v2 } do
    for _, endpoint in ipairs(list) do
      it("say what " .. endpoint.name .. " takes, and no more", function()
        assert.same(named(endpoint.request),
          classes["wxbot." .. endpoint.name .. ".Request"])
      end)

      it("say what " .. endpoint.name .. " gives, also beside its data",
        function()
          local response = classes["wxbot." .. endpoint.name .. ".Response"]
          for name in pairs(named(endpoint.response, endpoint.envelope)) do
            assert.is_true(response[name], name)
          end
        end)
    end
  end
end)

describe("the errors of", function()
  local by_name = endpoints.by_name

  -- What the newest page lists, it lists for all of them.
  for _, endpoint in ipairs{ by_name.v2_token, unpack(endpoints.v2) } do
    it(endpoint.name .. " are those of all of v2", function()
      assert.same({ 110001, 110002, 110003, 210106, 210201, 210202, 210205,
        1000012, 1003001, 1110001 }, endpoint.errors)
    end)
  end

  for _, name in ipairs{ "stable_token", "token" } do
    it(name .. " have those of an address that must be confirmed", function()
      local listed = {}
      for _, code in ipairs(by_name[name].errors) do
        listed[code] = true
      end
      for _, code in ipairs{ 40164, 89501, 89503, 89506, 89507 } do
        assert.is_true(listed[code], code)
      end
    end)
  end
end)

describe("everything public", function()
  local documents = read("README.md") .. read("docs/reference.md")
  for name in lfs.dir("docs/guide") do
    documents = documents .. (name:find("%.md$")
      and read("docs/guide/" .. name) or "")
  end

  for shown, name in pairs(public()) do
    it("has " .. shown .. " in the README, the guide or the reference", function()
      assert.truthy(documents:find(shown, 1, true)
        or documents:find("[`:.]" .. name .. "%f[^%w_]")
        or documents:find("\n### " .. shown .. "\n", 1, true), shown)
    end)
  end
end)
