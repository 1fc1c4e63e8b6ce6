-- Without this ask, chat and sign show the wrong answer, or what a terminal
-- would obey.
--
-- ask, chat and sign, on the embedded platform.
-- #once
local canary = require "spec.support.canary"
local json = require "wxbot.codec.json"
local run = require "spec.support.command"

local function skills(answer)
  return run.file(assert(json.encode{
    bot = { default_answer = "no idea" },
    skills = { { name = "s", intents = {
      { title = "hello", questions = { "hi" }, answers = { answer } },
    } } },
  }))
end

describe("wxbot ask", function()
  after_each(run.clean)

  it("prints the answer", function()
    local result = run.sandbox{ "--skills", skills("well met"), "ask", "hi" }
    assert.same({ status = 0, out = "well met\n", err = "" }, result)
  end)

  it("takes options after the command, too", function()
    local result = run.run{ "ask", "hi", "--skills", skills("well met"),
      "--sandbox", "--userid", "u1", "--timeout", "5" }
    assert.same({ status = 0, out = "well met\n", err = "" }, result)
  end)

  it("prints recommendations as a numbered list", function()
    local result = run.sandbox{ "ask", "密码" }
    assert.same({ status = 0, err = "",
      out = "Did you mean:\n  1. 怎么修改密码\n" }, result)
  end)

  it("prints the default answer of a miss, and exits 0", function()
    local result = run.sandbox{ "ask", "qwertyuiop" }
    assert.same({ status = 0, err = "",
      out = "抱歉，我还不会回答这个问题。\n" }, result)
  end)

  it("keeps to the skills it is told", function()
    local result = run.sandbox{ "ask", "你好", "--first-priority-skills",
      "猜拳", "--first-priority-skills", "账号" }
    assert.equal("抱歉，我还不会回答这个问题。\n", result.out)
    result = run.sandbox{ "ask", "怎么修改密码", "--first-priority-skills",
      "猜拳", "--first-priority-skills", "账号" }
    assert.equal("在设置-账号安全里可以修改密码。\n", result.out)
  end)

  it("reads a query of - from standard input", function()
    local result = run.sandbox{ "ask", "-", input = "怎么修改密码\n" }
    assert.equal("在设置-账号安全里可以修改密码。\n", result.out)
  end)

  it("prints the whole reply as one JSON line with --json", function()
    local result = run.sandbox{ "ask", "密码", "--json", "--userid", "u7" }
    assert.equal("", result.err)
    assert.truthy(result.out:find("^[^\n]*\n$"))
    local reply = assert(json.decode(result.out))
    assert.equal("recommend", reply.tier)
    assert.equal("怎么修改密码", reply.options[1].title)
    assert.equal("u7", reply.from_user_name)
  end)

  it("sorts the names of the JSON and keeps empty lists lists", function()
    local out = run.sandbox{ "ask", "qwertyuiop", "--json" }.out
    local names = {}
    for name in out:gsub("%b[]", "0"):gmatch('"([%w_]+)":') do
      names[#names + 1] = name
    end
    local sorted = { (table.unpack or unpack)(names) }
    table.sort(sorted)
    assert.same(sorted, names)
    assert.truthy(out:find('"options":[]', 1, true))
  end)

  it("lets no control character of an answer reach the terminal", function()
    local path = skills("a\27[31mb\7\127c\194\155d\te")
    local result = run.sandbox{ "--skills", path, "ask", "hi" }
    -- What no text may hold is U+FFFD before anybody sees it; the rest is not
    -- for terminals.
    assert.equal("a\239\191\189[31mb\239\191\189?c?d\te\n", result.out)
    result = run.sandbox{ "--skills", path, "ask", "hi", "--json" }
    assert.falsy(result.out:find("[%z\1-\9\11-\31\127]"))
    assert.falsy(result.out:find("\194\155", 1, true))
    local reply = json.decode(result.out)
    assert.equal("a\239\191\189[31mb\239\191\189\127c\194\155d\te",
      reply.answer)
    assert.is_true(reply.repaired)
  end)

  it("exits 2 for skills that cannot be read", function()
    local result = run.sandbox{ "--skills", "/nonexistent/skills", "ask", "hi" }
    assert.equal(2, result.status)
    assert.equal("wxbot: /nonexistent/skills: No such file or directory\n",
      result.err)
  end)

  it("exits 1 when nobody answers", function()
    local result = run.run{ "ask", "hi", "--base-url", "http://127.0.0.1:1",
      "--timeout", "0.3", env = { WXBOT_TOKEN = canary.credentials.token,
        WXBOT_AES_KEY = canary.credentials.aes_key } }
    assert.equal(1, result.status)
    assert.equal("", result.out)
    assert.truthy(result.err:find("^wxbot: aibot: "))
    assert.falsy(result.err:find(canary.credentials.token, 1, true))
  end)

  it("says the same as JSON", function()
    local result = run.run{ "ask", "hi", "--base-url", "http://127.0.0.1:1",
      "--timeout", "0.3", "--json", env = {
        WXBOT_TOKEN = canary.credentials.token,
        WXBOT_AES_KEY = canary.credentials.aes_key } }
    local answer = assert(json.decode(result.err))
    assert.equal("transport", answer.error.kind)
    assert.equal("aibot", answer.error.endpoint)
    assert.is_false(answer.error.sent)
    assert.falsy(result.err:find(canary.credentials.token, 1, true))
  end)

  it("exits 1 when the answer cannot be written", function()
    local result = run.sandbox{ "ask", "hello", out = "/dev/full" }
    assert.equal(1, result.status)
    assert.equal("wxbot: cannot write to standard output: "
      .. "No space left on device\n", result.err)
  end)
end)

describe("wxbot chat", function()
  after_each(run.clean)

  it("answers line by line, without a prompt in a pipe", function()
    local result = run.sandbox{ "chat",
      input = "怎么修改密码\r\n\nqwertyuiop\n怎么绑定手机号" }
    assert.same({ status = 0, err = "", out = "在设置-账号安全里可以修改密码。\n"
      .. "抱歉，我还不会回答这个问题。\n在设置-账号安全里绑定手机号。\n" }, result)
  end)

  it("asks a recommendation by its number", function()
    local result = run.sandbox{ "chat", input = "密码\n1\n" }
    assert.equal("Did you mean:\n  1. 怎么修改密码\n"
      .. "在设置-账号安全里可以修改密码。\n", result.out)
  end)

  -- As a terminal gives them: it knows no keys but those that delete.
  local TYPED = {
    ["arrows"] = "怎么\27[D\27[C修改\27[A密码\27[B",
    ["arrows of an application's mode"] = "怎么\27OD修改密码\27OA",
    ["keys with modifiers"] = "怎么\27[1;5D修改密码\27[3~\27[15;2~",
    ["keys of the console"] = "怎么\27[[A修改密码",
    ["a paste"] = "\27[200~怎么修改密码\27[201~",
    ["colours"] = "\27[38;5;196m怎么\27[0m修改密码",
    ["what is cut off"] = "怎么修改密码\27[1;",
    ["other control characters"] = "怎\1么\7修改\27密\127码\194\155",
  }
  for what, line in pairs(TYPED) do
    it("asks without " .. what, function()
      local result = run.sandbox{ "chat", "--json", input = line .. "\r\n" }
      assert.equal("", result.err)
      assert.equal("怎么修改密码", json.decode(result.out).query)
    end)
  end

  it("asks nothing where nothing else was typed, and says once what helps",
    function()
      local result = run.sandbox{ "chat", input = "\27[A\n\27[A\27[B \n\r\n" }
      assert.same({ status = 0, out = "", err = "wxbot: keys like arrows do "
        .. "nothing here: `rlwrap wxbot chat` has a history\n" }, result)
      result = run.sandbox{ "chat", "--json", input = "\27[A\n" }
      assert.same({ status = 0, out = "", err = "" }, result)
    end)

  it("sends no arrow that is pressed on a terminal", function()
    local screen = run.on_terminal{ "chat", "--sandbox", after = "> ",
      keys = "怎么修改密\\033[D码\\n\\033[A\\n\\033OA\\n\\004" }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("\n在设置-账号安全里可以修改密码。", 1, true), screen)
    assert.equal(1, select(2, screen:gsub("rlwrap wxbot chat", "")))
    assert.falsy(screen:find("还不会", 1, true))
    assert.truthy(screen:find("status: 0", 1, true))
  end)

  it("goes on after a turn that failed", function()
    local result = run.sandbox{ "chat", input = "\255\n怎么修改密码\n" }
    assert.equal(0, result.status)
    assert.equal("wxbot: ask: query is not valid UTF-8\n", result.err)
    assert.equal("在设置-账号安全里可以修改密码。\n", result.out)
  end)

  it("prints one JSON line a turn with --json", function()
    local result = run.sandbox{ "chat", "--json", input = "密码\n1\n" }
    local first, second = result.out:match("^([^\n]*)\n([^\n]*)\n$")
    assert.equal("recommend", json.decode(first).tier)
    assert.equal("answer", json.decode(second).tier)
  end)

  it("refuses to begin without credentials", function()
    assert.equal(2, run.run{ "chat", input = "hi\n" }.status)
  end)

  it("prompts on a terminal, and ends with ^D", function()
    local screen = run.on_terminal{ "chat", "--sandbox",
      after = "> ", keys = "密码\\n1\\n\\004" }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("> ", 1, true))
    assert.truthy(screen:find("在设置-账号安全里可以修改密码。", 1, true))
    assert.truthy(screen:find("status: 0", 1, true))
  end)

  it("ends cleanly with ^C", function()
    local screen = run.on_terminal{ "chat", "--sandbox",
      after = "> ", keys = "\\003" }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("wxbot: interrupted\r\nstatus: 130", 1, true))
    assert.falsy(screen:find("traceback", 1, true))
  end)
end)

describe("wxbot sign", function()
  after_each(run.clean)

  it("prints the signature, and how long it is good to stderr", function()
    local result = run.sandbox{ "sign", "--userid", "u1", "--username", "Ann" }
    assert.equal(0, result.status)
    assert.equal("good for 7200 seconds\n", result.err)
    local claims = json.decode(run.sandbox{ "jwt", "decode",
      result.out:match("^(%S+)\n$") }.out)
    assert.equal("u1", claims.userid)
    assert.equal("Ann", claims.username)
  end)

  it("prints both as JSON", function()
    local result = run.sandbox{ "sign", "--userid", "u1", "--json" }
    assert.equal("", result.err)
    assert.equal(7200, json.decode(result.out).expiresIn)
  end)
end)

describe("wxbot, interrupted during a call,", function()
  after_each(run.clean)

  it("ends at once with 130", function()
    local server = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    server:settimeout(20)
    local child = run.start{ "ask", "hi", "--base-url",
      "http://127.0.0.1:" .. port, "--timeout", "60",
      env = { WXBOT_TOKEN = canary.credentials.token,
        WXBOT_AES_KEY = canary.credentials.aes_key } }
    local client = assert(server:accept())
    client:settimeout(20)
    assert(client:receive("*l"))
    child:interrupt()
    local result = child:wait()
    client:close()
    server:close()
    assert.same({ status = 130, out = "", err = "wxbot: interrupted\n" },
      result)
  end)
end)
