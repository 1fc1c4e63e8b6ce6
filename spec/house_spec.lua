-- Without this a module of one room can come to use a room above it.
local lfs = require "lfs"
local read = require "spec.server.start".read

-- From top to bottom; `wxbot` itself, the face, is above all of them.
local ROOMS = { "cli", "serve", "sandbox", "client", "receive", "auth", "call",
  "api", "transport", "store", "codec", "util" }

local floor_of = { init = 0 }
for i, room in ipairs(ROOMS) do
  floor_of[room] = i
end

-- Modules in C, which every room may use.
local IN_C = { ["wxbot.core"] = true, ["wxbot.curl"] = true }

-- What only the command and the served programs may use, from their place
-- above the face.
local ABOVE_THE_FACE = { cli = true, serve = true }

local function walk(folder, visit)
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if name:sub(1, 1) ~= "." then
      if lfs.attributes(path, "mode") == "directory" then
        walk(path, visit)
      else
        visit(path)
      end
    end
  end
end

-- Module -> its source.
local function sources()
  local found = {}
  walk("lua/wxbot", function(path)
    local name = path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", "")
    found[name:gsub("/", ".")] = read(path)
  end)
  return found
end

local function room_of(module)
  return module:match("^wxbot%.([^.]+)") or "init"
end

-- The modules that a source names, in quotes or long brackets: whole names, and
-- the beginning of names that are completed when it runs. It does not matter
-- what it does with them.
local function names_in(source, all)
  local names = {}
  source = source:gsub("%-%-[^\n]*", "")
  for name in source:gmatch("[\"'%[](wxbot%.[%w_.]+)[\"'%]]") do
    if name:sub(-1) == "." or IN_C[name] or all[name] then
      names[#names + 1] = name
    end
  end
  if source:find("require[ (]*[\"'%[]+wxbot[\"'%]]") then
    names[#names + 1] = "wxbot"
  end
  return names
end

-- What is wrong with the arrows out of a module.
local function upward(module, source, all)
  local wrong, room = {}, room_of(module)
  for _, name in ipairs(names_in(source, all)) do
    local other = room_of((name:gsub("%.$", "")))
    local above = floor_of[other] == nil or floor_of[other] < floor_of[room]
    if above and not IN_C[name]
        and not (other == "init" and ABOVE_THE_FACE[room]) then
      wrong[#wrong + 1] = module .. " requires " .. name
    end
  end
  return wrong
end

-- A way from a module back to itself, by modules that are loaded for good.
local function circle_from(all, module, path, done)
  path[#path + 1] = module
  for i = 1, #path - 1 do
    if path[i] == module then
      return table.concat(path, " -> ", i)
    end
  end
  for _, name in ipairs(done[module] and {} or names_in(all[module], all)) do
    local found = all[name] and name ~= "wxbot" and name ~= module
      and circle_from(all, name, path, done)
    if found then
      return found
    end
  end
  path[#path], done[module] = nil, true
end

describe("the house", function()
  local all = sources()

  it("has rooms, and no loose file beside its face", function()
    local loose = {}
    walk("lua/wxbot", function(path)
      local first = path:match("^lua/wxbot/([^/]+)")
      if path ~= "lua/wxbot/init.lua" and not floor_of[first] then
        loose[#loose + 1] = path
      end
    end)
    assert.same({}, loose)
  end)

  it("has every room that is named", function()
    for _, room in ipairs(ROOMS) do
      assert.equal("directory", lfs.attributes("lua/wxbot/" .. room, "mode"))
    end
  end)

  it("uses rooms further down only", function()
    local wrong = {}
    for module, source in pairs(all) do
      for _, arrow in ipairs(upward(module, source, all)) do
        wrong[#wrong + 1] = arrow
      end
    end
    table.sort(wrong)
    assert.same({}, wrong)
  end)

  it("has no circle", function()
    local done = {}
    for module in pairs(all) do
      assert.is_nil(circle_from(all, module, {}, done))
    end
  end)

  for what, source in pairs{
      ["at the top"] = 'local bot = require "wxbot.client.bot"',
      ["when it is first used"] = 'function M.f() require("wxbot.client.bot") end',
      ["by a name that is completed"] = 'return require("wxbot.client." .. name)',
      ["that it may do without"] = 'local bot, err = late "wxbot.client.bot"',
      ["that may fail"] = 'local ok, bot = pcall(require, "wxbot.client.bot")',
      ["in long brackets"] = "local bot = require [[wxbot.client.bot]]",
      ["by another name of require"] = 'local r = require r( "wxbot.client.bot")',
      ["of the face"] = "return require 'wxbot'" } do
    it("names an arrow upwards " .. what, function()
      local wrong = upward("wxbot.call.retry", source, all)
      assert.equal(1, #wrong)
      assert.matches("^wxbot%.call%.retry requires wxbot", wrong[1])
    end)
  end

  it("takes no arrow downwards, and none that a comment names", function()
    assert.same({}, upward("wxbot.call.retry", [[
      -- as require "wxbot.client.bot" does
      local heap = require "wxbot.util.heap"
      local core = require "wxbot.core"]], all))
  end)

  it("names a circle", function()
    assert.equal("wxbot.util.a -> wxbot.util.b -> wxbot.util.a", circle_from({
      ["wxbot.util.a"] = 'require "wxbot.util.b"',
      ["wxbot.util.b"] = 'require "wxbot.util.a"' }, "wxbot.util.a", {}, {}))
  end)

  it("has specs that say first what breaks without them", function()
    local silent = {}
    walk("spec", function(path)
      if path:find("_spec%.lua$")
          and not read(path):find("^%-%- Without this ") then
        silent[#silent + 1] = path
      end
    end)
    assert.same({}, silent)
  end)
end)
