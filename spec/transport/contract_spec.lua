-- Without this one transport does what the others do not.
--
-- Every transport, held to the same contract.
-- #long

local contract = require "spec.support.contract"
local core = require "wxbot.curl"
local curl = require "wxbot.transport.curl"
local on_loop = require "spec.support.on_loop"
local wxbot = require "wxbot"

local sandbox = wxbot.sandbox{}
contract("the sandbox in process", {
  transport = function()
    return wxbot.sandbox{}
  end,
  hello = { method = "POST", url = "https://localhost/openapi/sign/"
    .. sandbox:credentials().token, body = '{"userid":"u1"}',
    headers = { ["content-type"] = "application/json" }, timeout = 5 },
  can = {},
})

local major, minor = core.libcurl:match("^(%d+)%.(%d+)")
local UNFOLDS = major * 1000 + minor >= 8018

contract("libcurl, blocking", {
  transport = function()
    return curl.new{}
  end,
  unfolds = UNFOLDS,
  can = { network = true, keepalive = true, close = true, waits = true },
})

contract("a loop, in a fiber", {
  transport = on_loop.new,
  unfolds = UNFOLDS,
  run = on_loop.run,
  can = { network = true, keepalive = true, close = false, waits = true,
    threads = true },
})

contract("a loop, outside its fibers", {
  transport = on_loop.new,
  unfolds = UNFOLDS,
  can = { network = true, keepalive = true, close = true, waits = true },
})

-- The two examples: for each call a connection, none to be closed.
local EXAMPLE = { network = true, waits = true }

local luasocket = dofile("examples/transport_luasocket.lua")
contract("the example over LuaSocket", {
  transport = luasocket.new,
  can = EXAMPLE,
})

local luv = dofile("examples/transport_luv.lua")
contract("the example over luv, outside of coroutines", {
  transport = luv.new,
  can = EXAMPLE,
})

contract("the example over luv, in a coroutine", {
  transport = luv.new,
  run = function(body)
    local ok, err
    coroutine.wrap(function()
      ok, err = pcall(body)
    end)()
    require "luv".run()
    if not ok then
      error(err, 0)
    end
  end,
  can = EXAMPLE,
})
