-- Without this the command takes its credentials from the wrong place, or does
-- not say what is missing.
--
-- Credentials of the command: from a file, from the environment.
-- #once
local canary = require "spec.support.canary"
local run = require "spec.support.command"

local AES_KEY = canary.credentials.aes_key

local function claims_of(token, env)
  return run.run{ "jwt", "decode", token, env = env }
end

describe("wxbot without credentials", function()
  after_each(run.clean)

  it("names the variables and the keys of the file, and exits 2", function()
    local result = run.run{ "ask", "hi" }
    assert.same({ status = 2, out = "", err =
      "wxbot: credentials are missing: token, aes_key\n"
      .. "wxbot: set WXBOT_TOKEN, WXBOT_AES_KEY, or name token, aes_key in a "
      .. "--config file; --sandbox needs none\n" }, result)
  end)

  it("asks a command for no more than it needs", function()
    assert.truthy(run.run{ "article", "follow", "--publish-id", "1" }.err
      :find("missing: access_token\n", 1, true))
    assert.truthy(run.run{ "jwt", "encode", "{}" }.err
      :find("missing: aes_key\n", 1, true))
    assert.truthy(run.run{ "task", "--openid", "a", "--task-id", "t" }.err
      :find("missing: token, aes_key, appid\n", 1, true))
  end)

  it("takes an empty variable for none", function()
    local result = run.run{ "jwt", "encode", "{}",
      env = { WXBOT_AES_KEY = "" } }
    assert.equal(2, result.status)
  end)
end)

describe("wxbot's credentials", function()
  after_each(run.clean)

  it("come from the environment", function()
    local env = { WXBOT_AES_KEY = AES_KEY }
    local made = run.run{ "jwt", "encode", '{"userid":"u"}', env = env }
    assert.equal(0, made.status)
    assert.equal('{"userid":"u"}\n', claims_of(made.out:match("%S+"), env).out)
  end)

  it("come from a file that begins with the mark of Windows", function()
    local path = run.file('\239\187\191{"aes_key":"' .. AES_KEY .. '"}')
    local made = run.run{ "--config", path, "jwt", "encode", '{"a":1}' }
    assert.equal(0, made.status)
  end)

  it("come from a file, which wins over the environment", function()
    local path = run.file('{"aes_key":"' .. AES_KEY .. '"}')
    local made = run.run{ "--config", path, "jwt", "encode", '{"a":1}',
      env = { WXBOT_AES_KEY = AES_KEY:reverse() } }
    local read = claims_of(made.out:match("%S+"), { WXBOT_AES_KEY = AES_KEY })
    assert.equal('{"a":1}\n', read.out)
  end)

  it("may be in both: the environment fills what the file lacks", function()
    local path = run.file('{"appid":"APPIDAPPID"}')
    local result = run.run{ "encrypt", "--config", path, "hi",
      env = { WXBOT_AES_KEY = AES_KEY } }
    assert.equal(0, result.status)
  end)

  it("are not read by others without a warning", function()
    local path = run.file('{"aes_key":"' .. AES_KEY .. '"}')
    assert.equal("", run.run{ "--config", path, "jwt", "encode", "{}" }.err)
    os.execute("chmod 644 " .. path)
    local result = run.run{ "--config", path, "jwt", "encode", "{}" }
    assert.equal(0, result.status)
    assert.equal(("wxbot: warning: %s can be read by others: chmod 600 it\n")
      :format(path), result.err)
  end)
end)

describe("wxbot --config", function()
  after_each(run.clean)

  local BAD = {
    ["refuses an unknown name"] = { '{"token":"t","passwd":"s3cr3tvalue"}',
      "unknown name passwd: expected appid, token, aes_key, access_token, "
      .. "secret, managerid, base_url" },
    ["refuses a value that is no string"] = { '{"token":12345678}',
      "token must be a string" },
    ["refuses what is not JSON"] = { '{"token":"s3cr3tvalue"', "not strict JSON" },
    ["refuses a list"] = { '["s3cr3tvalue"]', "must hold a JSON object" },
    ["refuses an empty file"] = { "", "not strict JSON" },
    ["refuses a token that cannot be one"] = {
      '{"token":"s3cr3tvalue/..","aes_key":"' .. AES_KEY .. '"}',
      "token must be 1 to 128 letters" },
    ["refuses a key of 42 characters"] = { '{"token":"t","aes_key":"'
      .. AES_KEY:sub(2) .. '"}', "must be 43 characters" },
    ["refuses a base_url with a path"] = { '{"token":"t","aes_key":"'
      .. AES_KEY .. '","base_url":"https://example.org/x"}',
      "base_url must be" },
  }
  for what, case in pairs(BAD) do
    it(what .. ", showing no value", function()
      local result = run.run{ "--config", run.file(case[1]), "ask", "hi" }
      assert.equal(2, result.status)
      assert.truthy(result.err:find(case[2], 1, true), result.err)
      assert.falsy(result.err:find("s3cr3tvalue", 1, true))
      assert.falsy(result.err:find(AES_KEY:sub(2), 1, true))
    end)
  end

  it("says which file cannot be read", function()
    local result = run.run{ "--config", "/nonexistent/file", "ask", "hi" }
    assert.equal(2, result.status)
    assert.equal("wxbot: config file /nonexistent/file: "
      .. "No such file or directory\n", result.err)
  end)
end)

describe("the administrator of wxbot", function()
  after_each(run.clean)

  local COMMANDS = {
    { "task", "--task-id", "t" }, { "bot", "progress" }, { "bot", "publish" },
    { "autoreply", "--skillname", "s", "--title", "t", "--content", "c" },
    { "import", "-", input = "skill,question,answer\ns,q,a\n" },
  }
  for _, args in ipairs(COMMANDS) do
    local name = table.concat(args, " ")

    it("is missed by " .. name .. ", and taken from the environment or a file",
      function()
        local result = run.run(args)
        assert.equal(2, result.status)
        assert.truthy(result.err:find("id is missing: it names an "
          .. "administrator of the bot; so does WXBOT_MANAGERID\n", 1, true),
          result.err)
        args.env = { WXBOT_MANAGERID = "admin" }
        result = run.run(args)
        assert.truthy(result.err:find("credentials are missing", 1, true),
          result.err)
        args.env = nil
        table.insert(args, 1, "--config=" .. run.file('{"managerid":"admin"}'))
        result = run.run(args)
        assert.truthy(result.err:find("credentials are missing", 1, true),
          result.err)
      end)
  end
end)
