-- Without this a process without descriptors raises, or never recovers.
--
-- Processes that have no descriptor left.

local secure = require "spec.server.secure"
local start = require "spec.server.start"

-- This Lua, for processes of their own.
local LUA = type(jit) == "table" and "luajit" or start.LUA

describe("a process without descriptors", function()
  local folder, url, tls_url

  setup(function()
    start.process()
    folder = start.authority()
  end)

  before_each(function()
    url = start.scripted{ { { "echo" }, { "again" } }, quiet = true }.url
    tls_url = secure(url, folder).url
  end)

  after_each(function()
    start.stop_all()
  end)

  teardown(function()
    start.remove_folder(folder)
  end)

  for what, name in pairs{ curl = "wxbot.curl", loop = "a loop",
      fiber = "a fiber of a loop", default = "the default transport" } do
    it("is told so by " .. name .. ", which works again after that",
      function()
        local child = start.run(("%s spec/support/shortage.lua %s %s %s %s/ca.pem")
          :format(LUA, what, url, tls_url, folder))
        local short, last = 0, nil
        for line in function() return child:line() end do
          last = line
          if line ~= "true\tx\tnil\tnil" and line ~= "done" then
            short = short + 1
            assert.matches("^true\tunavailable\tfalse\t.*no file descriptor is"
              .. " left", line)
          end
        end
        assert.equal("done", last)
        assert.is_true(short > 0)
      end)
  end

  -- What a process prints that has none from its first line on.
  local function run(code)
    local child = start.run(LUA .. " " .. start.file([[
      local process = require "spec.process"
      local wxbot = require "wxbot"
      local files = {}
      local function exhaust()
        process.limit(40)
        repeat
          local file = io.open("/dev/null")
          files[#files + 1] = file
        until not file
      end
      local function restore()
        for _, file in ipairs(files) do file:close() end
      end
      local function tell(ran, result, err)
        print(ran, result == nil and err.kind, err.sent, err.message:match
          "no file descriptor is left")
      end
    ]] .. code))
    local lines = {}
    for line in function() return child:line() end do
      lines[#lines + 1] = line:gsub("\t", " ")
    end
    return lines
  end

  local SHORT = "true unavailable false no file descriptor is left"

  for name, make in pairs{
    ["a bot that was never asked"] = [[
      local bot = wxbot.new{ token = "T", base_url = "http://127.0.0.1:1",
        aes_key = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz" }
      local function try()
        return bot:ask{ userid = "u", query = "q" }
      end]],
    ["wxbot.curl, never called before"] = [[
      local function try()
        local curl, err = wxbot.curl{}
        if not curl then return nil, err end
        return curl:request{ url = "http://127.0.0.1:1/" }
      end]],
    ["wxbot.loop, never called before"] = [[
      local function try()
        local loop, err = wxbot.loop{}
        if not loop then return nil, err end
        return loop:request{ url = "http://127.0.0.1:1/" }
      end]],
  } do
    it("hears it from " .. name .. ", and may try again", function()
      assert.same({ SHORT, "true transport false" }, run(make .. [[

        exhaust()
        local ran, result, err = pcall(try)
        restore()
        tell(ran, result, err)
        result, err = try()
        print(true, err.kind, err.sent)]]))
    end)
  end

  it("goes on with what needs none: sleeping, in fibers and outside", function()
    assert.same({ "true", "2" }, run[[
      local loop = wxbot.loop{}
      loop:close()
      exhaust()
      loop = wxbot.loop{}
      print((loop:sleep(0.01)))
      local done = 0
      for _ = 1, 2 do
        loop:spawn(function()
          assert(loop:sleep(0.02))
          done = done + 1
        end)
      end
      loop:run()
      print(done)]])
  end)
end)
