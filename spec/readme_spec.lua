-- Without this the snippets of the README do not run as they are written.
--
-- Every Lua snippet of the README runs as it is written.

local command = require "spec.support.command"
local codes = require "wxbot.api.errcode"
local errors = require "wxbot.util.errors"
local endpoints = require "wxbot.api"
local retry = require "wxbot.call.retry"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local read = start.read

local README = read("README.md")

-- What a snippet finds: a bot on the sandbox, and the names it leaves open.
local function surroundings()
  local sandbox = assert(wxbot.sandbox{})
  local options = sandbox:credentials()
  options.transport = sandbox
  local printed = {}
  return setmetatable({
    APPID = options.appid, TOKEN = options.token, AES_KEY = options.aes_key,
    TASK_ID = sandbox:add_task{}, PUBLISH_ID = sandbox:add_publication{},
    ACCOUNT_APPID = sandbox:account().appid,
    SECRET = sandbox:account().secret,
    wxbot = wxbot, bot = assert(wxbot.new(options)),
    print = function(...) printed[#printed + 1] = { ... } end,
  }, { __index = _G }), sandbox, printed
end

-- What needs a network gets one: the sandbox, served.
local function serve(env)
  local server = start.run("lua5.4 bin/wxbot serve --port 0")
  local url = server:expect("^url: (.*)$")
  env.wxbot = setmetatable({ new = function(options)
    options.base_url = url
    return wxbot.new(options)
  end }, { __index = wxbot })
end

local function run(code, env)
  local chunk
  if setfenv then -- luacheck: ignore
    chunk = assert(loadstring(code, "=README")) -- luacheck: ignore
    setfenv(chunk, env) -- luacheck: ignore
  else
    chunk = assert(load(code, "=README", "t", env))
  end
  local handler = chunk()
  if handler then -- of `wxbot receive`
    handler({ kind = "kefu", userid = "u1", from = 0, from_name = "user",
      content = { msg = "人工", msgtype = "text" }, channel = 7 }, env.bot)
    assert.equal("一会儿回复您",
      package.loaded["wxbot.transport.default"]:messages("u1")[1].msg)
  end
end

describe("the README", function()
  after_each(start.stop_all)

  local number = 0
  for code in README:gmatch("```lua\n(.-)```") do
    number = number + 1
    it("runs: " .. code:match("^[^\n]*"), function()
      local env, sandbox, printed = surroundings()
      if code:find("wxbot.loop", 1, true) then
        serve(env)
      end
      -- A bot that is given no transport would reach for the network.
      local default = package.loaded["wxbot.transport.default"]
      package.loaded["wxbot.transport.default"] = sandbox
      local ok, message = pcall(run, code, env)
      package.loaded["wxbot.transport.default"] = default
      assert.is_true(ok, message)
      for _, line in ipairs(printed) do
        for _, value in ipairs(line) do
          assert.is_false(errors.is(value), tostring(value))
          assert.is_nil(tostring(value):find("failed", 1, true))
        end
      end
    end)
  end

  -- As written, but for the port and where the command is.
  it("has commands that lead from nothing to an answer", function()
    local server = start.run("lua5.4 bin/wxbot serve --port 0")
    local url, env = server:expect("^url: (.*)$"), {}
    repeat
      local line = server:line()
      local name, value = line:match("^export ([%w_]+)=(.*)$")
      env[name or ""] = value
    until line:find("^stop:")
    local section = README:match("### From nothing to an answer\n+```\n(.-)```")
    local ran, last = 0, nil
    for line in section:gmatch("wxbot ([^\n]*%-%-base%-url[^\n]*)") do
      local args = { env = env }
      for word in line:gsub("http://[%d.:]+", url):gmatch("%S+") do
        args[#args + 1] = word
      end
      last, ran = command.run(args), ran + 1
      assert.equal(0, last.status, last.err)
    end
    command.clean()
    assert.equal(2, ran)
    assert.equal("每天营业到晚上九点。\n", last.out)
  end)

  it("has snippets", function()
    assert.is_true(number >= 8)
  end)

  it("names no target of make that there is not", function()
    local makefile, named = read("Makefile"), 0
    for _, pattern in ipairs{ "`make ([%l-]+)", "\nmake ([%l-]+)" } do
      for target in README:gmatch(pattern) do
        named = named + 1
        assert.truthy(makefile:find("\n" .. target:gsub("-", "%%-") .. ":"),
          target)
      end
    end
    assert.is_true(named >= 8)
  end)

  it("names no file of the checkout that there is not", function()
    local named = 0
    for path in README:gsub("NAME", "sign"):gmatch("`(%l+/[%w_/.]*%.%l+)`") do
      named = named + 1
      local file = io.open(path)
      assert.truthy(file, path)
      file:close()
    end
    assert.is_true(named >= 8)
  end)

  it("lists every endpoint with what it needs", function()
    for _, endpoint in ipairs(endpoints.list) do
      local needs = {}
      for _, name in ipairs{ "token", "aes_key", "appid",
        "access_token" } do
        for _, needed in ipairs(endpoint.needs) do
          if needed == name then
            needs[#needs + 1] = "`" .. name .. "`"
          end
        end
      end
      assert.is_truthy(README:find(("| `%s` | "):format(endpoint.name), 1,
        true))
      assert.is_truthy(README:find("| " .. table.concat(needs, ", ")
        .. " | `" .. endpoint.repeats .. "` |", 1, true))
    end
  end)

  it("names every error code that the documents list", function()
    local rows = {}
    for row in README:gmatch("\n| ([%d, -]+) | ") do
      for code in row:gmatch("%-?%d+") do
        rows[tonumber(code)] = true
      end
    end
    for _, endpoint in ipairs(endpoints.all) do
      for _, code in ipairs(endpoint.errors) do
        assert.is_true(rows[code], endpoint.name .. " " .. code)
      end
    end
  end)

  it("says which codes of the platform are taken for a busy one", function()
    local row = assert(README:match("\n(| 5xx, platform busy [^\n]+)"))
    for code in pairs(codes) do
      local plan = retry.new():plan({ kind = "platform", code = code },
        "always", 1)
      assert.equal(plan == "again",
        row:find("%f[%d-]" .. ("%d"):format(code):gsub("-", "%%-")
          .. "%f[^%d]") ~= nil, code)
    end
  end)
end)
