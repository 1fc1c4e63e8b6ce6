-- Without this the emulator loses what it has answered when it is killed, or
-- destroys a state file that is not its own.
--
-- The emulator behind nginx, over real sockets, killed in the midst of its work.
-- #once
-- #long
local json = require "wxbot.codec.json"
local nginx = require "spec.server.nginx"
local run = require "spec.support.command"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local folder, path, transport

before_each(function()
  folder = start.output_of("mktemp -d"):match("[^\n]+")
  path, transport = folder .. "/state", wxbot.curl{}
end)
after_each(function()
  start.stop_all()
  run.clean()
  start.remove_folder(folder)
end)

local function serve(...)
  local server = start.run(run.line{ "serve", "--port", "0", "--state", path,
    env = { TMPDIR = folder }, ... })
  server.url = server:expect("^url: (.*)$")
  server:expect("^stop: ")
  return server
end

local function control(server, method, name, body)
  local response = assert(transport:request{ method = method,
    url = server.url .. "/_wxbot/api/" .. name,
    body = body and json.encode(body) })
  assert.equal(200, response.status, response.body)
  return json.decode(response.body)
end

local function bot_of(server)
  local given = wxbot.sandbox():credentials()
  given.base_url, given.transport = server.url, transport
  given.timeout, given.retry = 5, { attempts = 1 }
  return wxbot.new(given)
end

-- Kills nginx in some seconds, whatever it does then.
local function kill_in(seconds)
  local pid = start.output_of("cat $(ls -td " .. folder
    .. "/*/ | head -n 1)nginx.pid"):match("%d+")
  os.execute(("(sleep %.2f; kill -9 %s) >%s 2>&1 &"):format(seconds,
    assert(pid), folder .. "/kill"))
end

-- More requests than there is time for.
local MOST = 20000

describe("wxbot serve --state", function()
  it("has all again that it has answered, when it was killed in the midst of it",
    function()
      local done, rows = {}, {}
      for round = 1, 3 do
        local server = serve()
        kill_in(0.2 + 0.1 * round)
        local bot = bot_of(server)
        for i = 1, MOST do
          assert(i < MOST, "nginx was not killed")
          local openid = ("o%d_%d"):format(round, i)
          if not bot:tag{ appid = "wx1", category = "c", label = "l",
              desc = "d", list = { openid } } then
            break
          end
          done[#done + 1] = openid
          local title = ("第%d轮第%d个问题"):format(round, i)
          if not bot:batchimportskill{ managerid = "admin", skill = { {
              skillname = "s", title = title, answer = { openid } } } } then
            break
          end
          rows[#rows + 1] = { title, openid }
        end
        server:stop()
      end
      assert.is_true(#done > 3 and #rows > 3)
      local server = serve()
      for _, openid in ipairs(done) do
        assert.equal(1, #control(server, "GET", "tags?openid=" .. openid).tags)
      end
      control(server, "POST", "clock", { skip = 3 * #rows + 10 })
      for _, row in ipairs(rows) do
        assert.equal(row[2], control(server, "POST", "chat", { userid = "u",
          query = row[1], env = "debug" }).answer)
      end
    end)

  it("pushes what a receiver that was down has not had, when it was killed",
    function()
      local given = wxbot.sandbox():credentials()
      local port = tostring(nginx.free_port())
      local callback = "kefu=http://127.0.0.1:" .. port .. "/push"
      local server = serve("--callback", callback)
      control(server, "POST", "chat", { userid = "u", query = "谢谢" })
      kill_in(0)
      run.wait_for(function()
        return not transport:request{ method = "GET", url = server.url .. "/" }
      end, "the end of nginx")
      server:stop()
      local receiver = start.run(run.line{ "receive", run.file(
        "return function(message) print(message.event or message.text) end"),
        "--port", port, env = { WXBOT_APPID = given.appid,
          WXBOT_TOKEN = given.token, WXBOT_AES_KEY = given.aes_key } })
      receiver:expect("^stop: ")
      server = serve("--callback", callback)
      receiver:expect("^wxbot: userEnter$")
      receiver:expect("^wxbot: 谢谢$")
      receiver:expect("^wxbot: 不客气！$")
      server:stop()
    end)

  it("keeps faults, answers, the clock and what was said", function()
    local server = serve()
    control(server, "POST", "faults", { endpoint = "sign", code = 1002 })
    control(server, "POST", "answers", { query = "x", answer = "y" })
    control(server, "POST", "clock", { skip = 5000 })
    control(server, "POST", "chat", { userid = "u", query = "x" })
    local tasks = control(server, "GET", "tasks").tasks
    server:stop()
    server = serve()
    assert.equal(1002, control(server, "GET", "faults").faults[1].code)
    assert.equal("y", control(server, "GET", "answers").answers[1].answer)
    assert.is_true(control(server, "GET", "clock").time > os.time() + 4000)
    assert.equal("y",
      control(server, "GET", "messages?openid=u").messages[2].msg)
    assert.same(tasks, control(server, "GET", "tasks").tasks)
  end)

  it("does not start with a file that it cannot use, and leaves it", function()
    local head = "wxbot-state 1 " .. wxbot.sandbox():credentials().appid .. "\n"
    for text, reason in pairs{
        ["hello\n"] = "it is no file of kind wxbot-state",
        ["wxbot-state 2 x\n"] = "it is of version 2, this is version 1",
        ["wxbot-state 1 other\n"] = "it belongs to other, not to ",
        [head .. "{\n"] = "line 2: not strict JSON" } do
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      local result = run.run{ "serve", "--port", "0", "--state", path }
      assert.equal(1, result.status)
      assert.is_true(result.err:find("wxbot: the state file " .. path .. ": "
        .. reason, 1, true) ~= nil, result.err)
      assert.equal(text, start.read(path))
    end
  end)

  it("does not start with one that another one uses, or that is no file",
    function()
      local server = serve()
      local text = start.read(path)
      local second = run.run{ "serve", "--port", "0", "--state", path }
      assert.matches("another process uses it", second.err)
      assert.equal(text, start.read(path))
      control(server, "GET", "about")
      for name, reason in pairs{ [folder] = "Is a directory",
          [folder .. "/no/such"] = "No such file or directory",
          ["/dev/full"] = "it is no regular file" } do
        local result = run.run{ "serve", "--port", "0", "--state", name }
        assert.equal(1, result.status)
        assert.is_true(result.err:find(name .. ": " .. reason, 1, true) ~= nil,
          result.err)
      end
    end)

  it("says so when the disk is full, and goes on when it is not", function()
    local server = start.run("sh -c " .. run.quote(
      "trap '' XFSZ; ulimit -S -f 200; exec "
      .. run.line{ "serve", "--port", "0", "--state", path }))
    server.url = server:expect("^url: (.*)$")
    server:expect("^stop: ")
    local long, status = ("长"):rep(5000), nil
    for _ = 1, 100 do
      local response = assert(transport:request{ method = "POST",
        url = server.url .. "/_wxbot/api/answers",
        body = json.encode{ query = "x", answer = long } })
      status = response.status
      if status ~= 200 then
        assert.matches("File too large", response.body)
        break
      end
    end
    assert.equal(503, status)
    -- Written anew, it is short again: only the last of these answers counts.
    assert.same({ done = true }, control(server, "POST", "answers",
      { query = "x", answer = "short" }))
    server:stop()
    server = serve()
    assert.equal("short", control(server, "GET", "answers").answers[1].answer)
  end)
end)

describe("the skills file of wxbot serve", function()
  local function write(answer)
    local file = assert(io.open(folder .. "/skills.json", "wb"))
    file:write('{ "skills": [\n{ "name": "s", "intents": [\n'
      .. '{ "title": "几点开门", "answers": ' .. answer .. " } ] } ] }\n")
    file:close()
  end

  local function answer_of(server)
    return bot_of(server):ask{ userid = "u", query = "几点开门" }.text
  end

  it("is read anew when it was changed; with a fault the old skills stay",
    function()
      write '["九点"]'
      local server = serve("--skills", folder .. "/skills.json")
      assert.equal("九点", answer_of(server))
      write '["八点"]'
      server:expect("the skills were read anew: ")
      assert.equal("八点", answer_of(server))
      write "[]"
      server:expect("the old skills stay: .*/skills%.json: line 3: "
        .. "skills%[1%]%.intents%[1%]%.answers must not be empty$")
      assert.equal("八点", answer_of(server))
      write '["七点", ]'
      server:expect("the old skills stay: .*: line 3: not strict JSON")
      assert.equal("八点", answer_of(server))
      write '["七点"]'
      assert.same({ done = true }, control(server, "POST", "skills"))
      assert.equal("七点", answer_of(server))
    end)
end)
