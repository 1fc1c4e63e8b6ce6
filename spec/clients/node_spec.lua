-- Without this the emulator agrees with wxbot alone: both read one description.
--
-- A client in Node over npm's wechat-crypto and jsonwebtoken, written from the
-- platform's documents (spec/clients/node/), does what a program does: it signs,
-- asks, tags, sends, receives a push and answers it.
-- #once
local json = require "wxbot.codec.json"
local nginx = require "spec.server.nginx"
local run = require "spec.support.command"
local served = require "spec.support.served"
local start = require "spec.server.start"

local quote, output_of = run.quote, start.output_of
local transport = require "wxbot".curl()

local folder -- of the libraries

-- Why there cannot be a client here; nil: its libraries are in the folder.
local function reason_against()
  if output_of("command -v node") == "" or output_of("command -v npm") == "" then
    return "there is no node with npm"
  end
  folder = output_of("mktemp -d"):match("[^\n]+")
  local log = folder .. "/log"
  local done = os.execute(("cp spec/clients/node/package.json %s && cd %s && "
    .. "timeout 60 npm install --no-package-lock --no-audit --no-fund "
    .. "--ignore-scripts >log 2>&1"):format(quote(folder), quote(folder)))
  if done ~= true and done ~= 0 then
    return "npm gives no libraries: "
      .. (run.read(log):match("npm err[^\n]*") or "it does not end")
  end
end

local function remove_folder()
  if folder then
    os.execute("rm -rf " .. quote(folder))
  end
end

-- What a client has printed, by name.
local function heard_by(client)
  local said = {}
  for _, line in ipairs(client:stop()) do
    local heard = json.decode(line)
    local name = type(heard) == "table" and heard.name
    if name then
      heard.name, said[name] = nil, said[name] or {}
      table.insert(said[name], heard)
    end
  end
  return said
end

-- The last that somebody but the bot told a user.
local function said_to(user, api)
  local last
  for _, message in ipairs(api("GET", "messages?openid=" .. user).messages) do
    last = message.from == "agent" and message.msg or last
  end
  return last
end

describe("a client in Node", function()
  after_each(function()
    start.stop_all()
    run.clean()
    remove_folder()
  end)

  it("is understood by the emulator, and understands it", function()
    local reason = reason_against()
    if reason then
      return pending(reason)
    end
    local port = tostring(nginx.free_port())
    local sandbox = served.start("--callback",
      "kefu=http://127.0.0.1:" .. port .. "/")
    local function api(method, path, body)
      return json.decode(assert(transport:request{ method = method,
        url = sandbox.url .. "/_wxbot/api/" .. path,
        body = body and json.encode(body) }).body)
    end
    local env = served.env()
    local client = start.run(("env WXBOT_APPID=%s WXBOT_TOKEN=%s "
      .. "WXBOT_AES_KEY=%s NODE_NO_WARNINGS=1 timeout 60 node "
      .. "spec/clients/node/client.js %s %s %s"):format(env.WXBOT_APPID,
      env.WXBOT_TOKEN, env.WXBOT_AES_KEY, sandbox.url, port, quote(folder)))
    client:expect("^listening$")
    api("POST", "chat", { userid = "u1", query = "在吗" })
    client:expect('"name":"sendmsg"')
    local said = heard_by(client)
    assert.equal("GENERAL_FAQ", said.aibot[1].answer.status)
    assert.equal(said.aibot[1].answer.answer, said.aibot[2].answer.answer)
    assert.equal(0, said["label/batchset"][1].answer.errcode)
    assert.equal(0, said.sendmsg[1].answer.errcode)
    assert.same({ userid = "u1", from = "0" }, said.push[1]) -- userEnter
    assert.same({ userid = "u1", msg = "在吗", from = "0" }, said.push[2])

    -- What the emulator has to say of it: nothing.
    local endpoints = {}
    for i, request in ipairs(api("GET", "requests").requests) do
      endpoints[i] = request.endpoint
      assert.equal(200, request.status)
      assert.is_nil(request.cause)
      assert.same({}, request.warnings or {})
    end
    assert.same({ "sign", "aibot", "aibot", "label_batchset", "sendmsg" },
      endpoints)
    assert.equal("门店", api("GET", "tags?openid=u2").tags[1].label)
    assert.equal("收到：在吗", said_to("u1", api))
  end)
end)
