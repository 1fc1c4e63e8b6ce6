-- Without this `wxbot receive --state` loses tickets and refresh tokens, or fills
-- the disk with those that it has had.
local kept = require "wxbot.serve.kept"
local lfs = require "lfs"
local start = require "spec.server.start"

local OWNER, YEAR = "wxC", 365 * 86400

local folder, path

before_each(function()
  folder = start.output_of("mktemp -d"):match("[^\n]+")
  path = folder .. "/state"
end)
after_each(function()
  start.remove_folder(folder)
end)

local function put(store, key, value, seconds)
  local generation = assert(store:lock(key, 1))
  assert.is_true(store:put(key, value, generation, seconds or YEAR))
  store:unlock(key, generation)
end

-- Another process, when the one before it has ended.
local function reopened(owner)
  collectgarbage()
  collectgarbage()
  return kept.open(path, owner)
end

describe("the store of wxbot receive", function()
  it("has again what was put last, and has not ended", function()
    local store = assert(kept.open(path, OWNER))
    put(store, "ticket", "old")
    put(store, "ticket", "new")
    put(store, "withdrawn", "token")
    put(store, "withdrawn", "-", 0)
    assert.equal("new", store:get("ticket"))
    store = nil -- luacheck: ignore 311
    store = assert(reopened(OWNER))
    assert.equal("new", store:get("ticket"))
    assert.is_nil(store:get("withdrawn"))
  end)

  it("is written anew before it is large, with what has not ended", function()
    local store, token = assert(kept.open(path, OWNER)), ("x"):rep(16384)
    put(store, "refresh", "kept")
    put(store, "ended", "gone", 0)
    for _ = 1, 300 do
      put(store, "token", token)
    end
    assert.is_true(lfs.attributes(path, "size") < 2 ^ 22)
    local text = start.read(path)
    assert.is_truthy(text:find('"refresh"', 1, true))
    assert.is_nil(text:find('"ended"', 1, true))
  end)

  it("is nobody else's", function()
    put(assert(kept.open(path, OWNER)), "ticket", "t")
    local store, err = reopened("wxOther")
    assert.is_nil(store)
    assert.is_truthy(err.message:find("wxC", 1, true), err.message)
  end)
end)
