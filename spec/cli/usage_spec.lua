-- Without this a wrong option or command is not named, and help does not say
-- what there is.
--
-- What the command says of itself, and of being used wrongly.
-- #once
local job = require "wxbot.cli.job"
local methods = require "wxbot.cli.methods"
local by_name = require "wxbot.api".by_name
local run = require "spec.support.command"

local function words(text)
  return (text:gsub("%s+", " "))
end

describe("wxbot --help", function()
  after_each(run.clean)

  it("lists the commands, the variables and the exit codes", function()
    local result = run.run{ "--help" }
    assert.equal(0, result.status)
    for _, text in ipairs{ "chat", "ask", "sign", "tag", "import", "task",
        "bot", "article", "kefu", "message", "nlp", "autoreply", "serve",
        "receive", "push", "encrypt", "decrypt", "jwt", "--v2", "--ca-file",
        "--config", "--sandbox", "--json", "WXBOT_ACCESS_TOKEN",
        "130 interrupted" } do
      assert.truthy(words(result.out):find(text, 1, true), text)
    end
  end)

  local GROUPS = {
    bot = { "publish", "progress" },
    material = { "add" },
    draft = { "add", "show", "delete" },
    article = { "list", "show", "submit", "follow", "delete" },
    kefu = { "send", "messages", "get", "change" },
    inbox = { "list", "retry", "purge" },
    jwt = { "encode", "decode" },
  }
  for group, commands in pairs(GROUPS) do
    it("of " .. group .. " lists its commands", function()
      local result = run.run{ group, "--help" }
      assert.equal(0, result.status)
      for _, name in ipairs(commands) do
        assert.truthy(result.out:find("\n   " .. name .. " ", 1, true), name)
      end
      result = run.run{ group }
      assert.equal(2, result.status)
      assert.truthy(result.err:find("a command is required", 1, true))
    end)
  end

  -- What is added, listed, shown or deleted its group says.
  local VERBS = { add = true, list = true, show = true, delete = true }

  it("gives no word two meanings", function()
    local commands, seen = require "wxbot.cli.command", {}
    for _, command in ipairs(commands.list) do
      local word = command.name:match("[a-z0-9-]+$")
      assert.is_true(not seen[word] or VERBS[word], word)
      assert.is_nil(VERBS[command.name], word)
      assert.is_nil(commands.groups[command.name], command.name)
      seen[word] = true
    end
  end)

  -- Every name in the sources, but that of what serve tells its own nginx.
  it("names every variable that the command reads, and no other", function()
    local read, named = { WXBOT_SERVE_PARENT = true }, {}
    local files = assert(io.popen("find lua bin -type f"))
    for path in files:lines() do
      for name in run.read(path):gmatch("WXBOT_[%u_%d]+") do
        read[name] = true
      end
    end
    files:close()
    read.WXBOT_SERVE_PARENT = nil
    for name in run.run{ "--help" }.out:gmatch("WXBOT_[%u_%d]+") do
      named[name] = true
    end
    assert.truthy(next(named))
    assert.same(read, named)
  end)

  local FLAGS = {
    ask = methods.named "ask".v1.fields, sign = by_name.sign.request,
    tag = methods.named "tag".v1.fields,
    task = by_name.task_fetch.request,
    ["draft show"] = by_name.draft_get.request,
    ["draft delete"] = by_name.draft_delete.request,
    ["article follow"] = by_name.freepublish_get.request,
    ["article submit"] = by_name.freepublish_submit.request,
    ["article delete"] = by_name.freepublish_delete.request,
    ["article show"] = by_name.freepublish_getarticle.request,
    ["kefu send"] = by_name.sendmsg.request,
    ["bot publish"] = by_name.publish.request,
    ["bot progress"] = by_name.publish_progress.request,
  }
  for name, fields in pairs(FLAGS) do
    it("shows every described field of " .. name, function()
      local group, word = name:match("^([a-z]+) ([a-z]+)$")
      local result = run.run{ group or name, word or "--help", "--help" }
      local help = words(result.out)
      assert.equal(0, result.status)
      for _, field in ipairs(fields) do
        if field.type ~= "function" and field.name ~= "list"
            and field.name ~= "query" and field.name ~= "msg"
            and not job.WITHOUT[field.name] then
          local flag = "--" .. field.name:gsub("_", "-")
          assert.truthy(help:find(flag, 1, true), flag)
        end
        -- What a job takes is told as such.
        if field.type ~= "function" and field.name ~= "list"
            and field.name ~= "parallel" and not job.WITHOUT[field.name] then
          assert.truthy(help:find(field.doc, 1, true), field.doc)
        end
      end
    end)
  end

  it("marks what is required, and what may be repeated", function()
    local tag = words(run.run{ "tag", "--help" }.out)
    local ask = words(run.run{ "ask", "--help" }.out)
    assert.truthy(tag:find("Second-level tag (required)", 1, true))
    assert.truthy(ask:find("than first_priority_skills (may be repeated)", 1,
      true))
  end)

end)

describe("wxbot, used wrongly,", function()
  after_each(run.clean)

  local WRONG = {
    ["without a command"] = { {}, "a command is required" },
    ["with an unknown command"] = { { "sing" }, "unknown command 'sing'" },
    ["with an unknown flag"] = { { "ask", "--nope", "x", "hi" },
      "unknown option '--nope'" },
    ["with a credential as a flag"] = { { "--token=hunter2hunter2", "ask", "x" },
      "unknown option '--token'" },
    ["without a required flag"] = { { "task", "--openid", "admin" },
      "missing option '--task-id'" },
    ["with a value that is not allowed"] = { { "ask", "--env", "live", "hi" },
      "must be one of 'online', 'debug'" },
    ["with a batch that is no number"] = { { "tag", "--batch", "many" },
      "--batch must be a whole number" },
    ["with a number too large to be exact"] = {
      { "tag", "--skip", "99999999999999999999" },
      "--skip must be a whole number" },
    ["with a timeout of nothing"] = { { "--timeout", "0", "ask", "hi" },
      "--timeout must be a number above 0" },
    ["with a timeout without end"] = { { "--timeout", "1e999", "ask", "hi" },
      "--timeout must be a number above 0" },
    ["with skills but no sandbox"] = { { "--skills", "x", "ask", "hi" },
      "--skills belongs to --sandbox" },
    ["with a sandbox and a config"] = {
      { "--sandbox", "--config", "x", "ask", "hi" }, "not together with" },
  }
  for how, case in pairs(WRONG) do
    it(how .. " prints the usage and exits 2", function()
      local result = run.run(case[1])
      assert.equal(2, result.status)
      assert.equal("", result.out)
      assert.truthy(result.err:find("^Usage: wxbot"))
      assert.truthy(result.err:find("wxbot: [^\n]*\n$"))
      assert.truthy(result.err:find(case[2], 1, true), result.err)
      assert.falsy(result.err:find("hunter2", 1, true))
    end)
  end

  it("says so in one JSON line when asked for JSON", function()
    local result = run.run{ "ask", "--json" }
    local answer = assert(require "wxbot.codec.json".decode(result.err))
    assert.equal(2, result.status)
    assert.equal("usage", answer.error.code)
    assert.equal("missing argument 'query'", answer.error.message)
  end)

  it("says so when an empty query cannot be sent", function()
    local result = run.sandbox{ "ask", "" }
    assert.equal(2, result.status)
    assert.equal("wxbot: ask: query must not be empty\n", result.err)
  end)
end)

describe("bin/wxbot", function()
  after_each(run.clean)

  it("finds the modules of its checkout from any folder", function()
    local lfs = require "lfs"
    local here = lfs.currentdir()
    local out = run.file()
    os.execute(("cd / && env -u LUA_PATH -u LUA_CPATH %s %s/bin/wxbot --version >%s")
      :format(os.getenv("LUA") or "lua5.4", run.quote(here), out))
    assert.truthy(run.read(out):find("^wxbot %d"))
  end)

  it("says what to do where the modules are not", function()
    local err = run.file()
    local out = run.file()
    os.execute(("mkdir -p %s.d/bin; cp bin/wxbot %s.d/bin/; env -i PATH=\"$PATH\""
      .. " LUA_PATH=/nonexistent/?.lua LUA_CPATH=/nonexistent/?.so %s"
      .. " %s.d/bin/wxbot ask hi 2>%s; echo $? >%s; rm -r %s.d"):format(out, out,
        os.getenv("LUA") or "lua5.4", out, err, out, out))
    assert.equal("1\n", run.read(out))
    assert.truthy(run.read(err):find("^wxbot: cannot start: module 'wxbot.cli'"))
    assert.falsy(run.read(err):find("traceback"))
  end)

  -- Whatever libcurl opens would have got what is printed.
  for closed, status in pairs{ [">&-"] = 1, ["<&- >&-"] = 1, ["<&-"] = 0,
      ["2>&-"] = 0, ["<&- >&- 2>&-"] = 1 } do
    it("ends with " .. status .. " where the shell says " .. closed, function()
      local err, out = run.file(), run.file()
      os.execute(("{ %s 2>%s %s; echo $? >%s; } >/dev/null"):format(
        run.line{ "--sandbox", "doctor" }, err, closed, out))
      assert.equal(status .. "\n", run.read(out))
      assert.equal(status == 1 and not closed:find("2", 1, true), run.read(err)
        == "wxbot: cannot write to standard output: Bad file descriptor\n")
    end)
  end
end)
