-- Without this the line of a fault in a skills file is the wrong one.
local locate = require "wxbot.codec.json_place".locate

local TEXT = [==[
 { "a" : [ 1, "x]\"}\\", { "b.c": null, "d": { } }, [ [ ], [true] ] ],
   "e":{"f":-1.5e3,"g":"h"} , "i": "" }
]==]

-- What stands there, as it begins.
local function at(path, length)
  local place = locate(TEXT, path)
  return TEXT:sub(place, place + length - 1)
end

describe("the place of a value in JSON", function()
  it("is found by names and numbers", function()
    assert.equal("[ 1,", at("a", 4))
    assert.equal("1,", at("a[1]", 2))
    assert.equal('"x]', at("a[2]", 3))
    assert.equal('{ "b', at("a[3]", 4))
    assert.equal("{ }", at("a[3].d", 3))
    assert.equal("[ [ ]", at("a[4]", 5))
    assert.equal("[true]", at("a[4][2]", 6))
    assert.equal("true", at("a[4][2][1]", 4))
    assert.equal("-1.5", at("e.f", 4))
    assert.equal('"h"', at("e.g", 3))
    assert.equal('"" }', at("i", 4))
  end)

  it("is that of what it would be in, where there is none", function()
    assert.equal('{ "a"', at("", 5))
    assert.equal('{ "a"', at("z", 5))
    assert.equal("[ 1,", at("a[9].b", 4))
    assert.equal("1,", at("a[1].b[3]", 2))
    assert.equal("{ }", at("a[3].d.x", 3))
    assert.equal("[ ]", at("a[4][1][1]", 3))
  end)

  it("is found in linear time", function()
    local many = ("[%s0]"):format(("[\"\\\\\\\"\"],"):rep(50000))
    assert.equal(#many - 1, locate(many, "[50001]"))
    local deep = ("["):rep(30) .. ("]"):rep(30)
    assert.equal(30, locate(deep, ("[1]"):rep(29)))
  end)
end)
