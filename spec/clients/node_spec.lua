-- Without this the emulator agrees with wxbot alone: both read one description.
--
-- A client in Node over npm's wechat-crypto and jsonwebtoken, written from the
-- platform's documents (spec/clients/node/), does what a program does: it signs,
-- asks, tags, sends, receives a push and answers it.
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local served = require "spec.support.served"
local start = require "spec.server.start"

local quote, output_of = run.quote, start.output_of

local folder -- of the libraries

-- Why there cannot be a client here; nil: its libraries are in the folder.
local function reason_against()
  if output_of("command -v node; command -v npm"):match("\n") == nil
      or output_of("command -v npm") == "" then
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
    local sandbox = served.start()
    local env = served.env()
    local client = start.run(("env WXBOT_APPID=%s WXBOT_TOKEN=%s "
      .. "WXBOT_AES_KEY=%s NODE_NO_WARNINGS=1 timeout 60 node "
      .. "spec/clients/node/client.js %s %s"):format(env.WXBOT_APPID,
      env.WXBOT_TOKEN, env.WXBOT_AES_KEY, sandbox.url, quote(folder)))
    local port = client:expect("^listening (%d+)$")
    assert.equal(0, run.run{ env = env, "push", "--url",
      "http://127.0.0.1:" .. port .. "/", "--userid", "u1", "在吗" }.status)
    client:expect('"name":"sendmsg"')
    local said = {}
    for _, line in ipairs(client:stop()) do
      local heard = json.decode(line)
      if type(heard) == "table" then
        said[heard.name] = said[heard.name] or {}
        table.insert(said[heard.name], heard)
      end
    end
    assert.equal("GENERAL_FAQ", said.aibot[1].answer.status)
    assert.equal(said.aibot[1].answer.answer, said.aibot[2].answer.answer)
    assert.equal(0, said["label/batchset"][1].answer.errcode)
    assert.same({ name = "push", userid = "u1", msg = "在吗", from = "0" },
      said.push[1])
    assert.equal(0, said.sendmsg[1].answer.errcode)
  end)
end)
