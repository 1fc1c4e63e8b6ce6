-- Without this a push that was answered is lost with the process, shows what is in
-- it to whoever reads the file, or ties up the pushes behind it for ever.
local canary = require "spec.support.canary"
local core = require "wxbot.core"
local journals = require "wxbot.util.journal"
local look = require "wxbot.receive.inbox.look"
local memory = require "wxbot.store.memory"
local orders = require "wxbot.receive.inbox.orders"
local pushes = require "spec.support.pushes"
local seals = require "wxbot.receive.inbox.sealed"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local LUA = rawget(_G, "jit") and (os.getenv("LUAJIT") or "luajit")
  or os.getenv("LUA") or "lua5.4"

local folder, path, now
local opened -- inboxes to be closed

before_each(function()
  folder = start.output_of("mktemp -d"):match("[^\n]+")
  path, now, opened = folder .. "/pushes", pushes.NOW, {}
end)
after_each(function()
  for _, inbox in ipairs(opened) do
    inbox:close()
  end
  start.remove_folder(folder)
end)

local function receiver(kind, more)
  local options = { clock = function() return now end }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return pushes.receiver(kind or "kefu", options)
end

local function open(kind, more)
  local taker = receiver(kind, more)
  local inbox, err = wxbot.inbox{ receiver = taker, path = path }
  opened[#opened + 1] = inbox
  return inbox, err, taker
end

-- As after a kill: nothing was said about what is in hand.
local function open_again(inbox, kind, more)
  inbox:close()
  return assert(open(kind, more))
end

-- A push to a third-party platform, of an account that has authorised it.
local function authorised()
  local sealed = pushes.crypt:encrypt("<xml><AppId>" .. pushes.APPID .. "</AppId>"
    .. "<CreateTime>1700000000</CreateTime><InfoType>authorized</InfoType>"
    .. "<AuthorizerAppid>wx1</AuthorizerAppid></xml>")
  return pushes.signed(sealed, "<xml><AppId>" .. pushes.APPID
    .. "</AppId><Encrypt>" .. sealed .. "</Encrypt></xml>")
end

local function said(text, user)
  return pushes.kefu("<userid>" .. (user or "u1") .. "</userid><content><msg>"
    .. text .. "</msg></content><from>0</from>")
end

describe("wxbot.inbox", function()
  it("answers what it has kept, and gives it to be handled", function()
    local inbox = open()
    local response, id, note = inbox:handle(said("你好"))
    assert.same({ 200, "" }, { response.status, response.body })
    assert.is_nil(note)
    local message = inbox:take()
    assert.same({ "你好", "u1", id },
      { message.text, message.userid, message.inbox_id })
    assert.is_true(inbox:done(message))
    assert.is_nil((inbox:take()))
  end)

  it("answers a duplicate and what is refused as the receiver does", function()
    local inbox = open()
    local request = said("你好")
    inbox:handle(request)
    local response, id, note = inbox:handle(request)
    assert.same({ 200, "duplicate" }, { response.status, note })
    assert.is_nil(id)
    response, id, note = inbox:handle{ method = "POST", body = "?" }
    assert.same({ 403, "refused" }, { response.status, note })
    assert.is_nil(id)
    inbox:done(inbox:take())
    assert.is_nil((inbox:take()))
  end)

  it("gives again, by the same id, what was not done when the process ended",
    function()
      local inbox = open()
      local request = said("你好")
      local _, id = inbox:handle(request)
      assert(inbox:take())
      inbox = open_again(inbox)
      assert.equal("duplicate", (select(3, inbox:handle(request))))
      local message = inbox:take()
      assert.same({ "你好", id }, { message.text, message.inbox_id })
      inbox:done(message)
      inbox = open_again(inbox)
      assert.is_nil((inbox:take()))
      assert.equal("duplicate", (select(3, inbox:handle(request))))
    end)

  it("opens any kind of push again, when what signed it is long over", function()
    local sent = {
      kefu = { said("人工"), "text" },
      official_account = { pushes.xml("<MsgType>text</MsgType><MsgId>1</MsgId>"
        .. "<Content>人工</Content>"), "content" },
      service = { pushes.service("人工", "人工"), "query" },
      third_party = { authorised(), "authorizer_appid", "wx1" },
    }
    for kind, push in pairs(sent) do
      path = folder .. "/" .. kind
      local inbox = open(kind)
      local _, id, note = inbox:handle(push[1])
      assert.truthy(id, note)
      now = now + 7 * 86400
      inbox = open_again(inbox, kind)
      local message = assert(inbox:take())
      assert.equal(push[3] or "人工", message[push[2]], kind)
      inbox:done(message)
      now = pushes.NOW
    end
  end)

  it("opens again what came with a query in a table, and in the clear", function()
    local inbox = open("official_account", { plain = true })
    local request = { method = "POST", body = "<xml>\n" .. pushes.HEAD
      .. "<MsgType>text</MsgType><MsgId>1</MsgId><Content>a\\n b\r\n\\s</Content>"
      .. "\n</xml>", query = { timestamp = ("%d"):format(now), nonce = "a b&=\\",
        signature = wxbot.signature(pushes.TOKEN, ("%d"):format(now), "a b&=\\",
          "") } }
    assert.truthy((select(2, inbox:handle(request))))
    inbox = open_again(inbox, "official_account", { plain = true })
    local message = inbox:take()
    assert.equal("a\\n b\n\\s", message.content)
  end)

  it("writes what came as it came: sealed, for its owner alone", function()
    local inbox = open()
    inbox:handle(said("geheim", "somebody"))
    inbox:fail(inbox:take(), "cannot say geheim")
    local text = start.read(path)
    assert.is_nil(text:find("geheim", 1, true))
    assert.is_nil(text:find("somebody", 1, true))
    -- Nor what anybody can make who knows the user alone.
    assert.is_nil(text:find(core.base64url_encode(core.sha256("somebody")):sub(1,
      20), 1, true))
    assert.is_nil(canary.found(text))
    assert.equal("600\n", start.output_of("stat -c %a " .. path))
    local found = look.read(path)
    local context = require "wxbot.receive".context_of(receiver())
    assert.equal("cannot say geheim", seals.reason(context, found.waiting[1].reason))
    assert.equal("geheim", seals.message(context, found.waiting[1]).text)
  end)

  it("waits 1, 10, 60 and 600 s after failures, then the push is dead", function()
    local inbox = open()
    inbox:handle(said("bad"))
    inbox:handle(said("good"))
    inbox:handle(said("other", "u2"))
    for _, pause in ipairs{ 1, 10, 60, 600 } do
      local message = inbox:take()
      assert.equal("bad", message.text)
      assert.equal(pause, inbox:fail(message, "why"))
      local other = inbox:take()
      if other then
        assert.equal("other", other.text)
        inbox:done(other)
      end
      local nothing, seconds = inbox:take()
      assert.is_nil(nothing)
      assert.equal(pause, seconds)
      now = now + pause - 0.5
      assert.is_nil((inbox:take()))
      now = now + 0.5
    end
    assert.is_nil((inbox:fail(inbox:take(), "why")))
    local message = inbox:take()
    assert.equal("good", message.text)
    inbox:done(message)
    local waiting, dead = inbox:list()
    assert.same({ 0, 1, 5 }, { #waiting, #dead, dead[1].failures })
    assert.equal(1, inbox:retry{ dead[1].id })
    assert.equal("bad", inbox:take().text)
  end)

  it("puts among the dead what these keys do not open", function()
    local inbox = open()
    inbox:handle(said("你好"))
    inbox:handle(said("too"))
    inbox = open_again(inbox, "kefu", { aes_key = ("A"):rep(42) .. "E" })
    for _ = 1, 2 do
      local message, seconds, err = inbox:take()
      assert.is_nil(message)
      assert.equal(0, seconds)
      assert.matches("^push %d cannot be read with these credentials "
        .. "%(decrypt%)", err.message)
    end
    assert.same({}, { inbox:take() })
    inbox = open_again(inbox)
    assert.equal(2, inbox:retry{ 1, 2 })
    assert.equal("你好", inbox:take().text)
  end)

  it("does what another process has ordered, and that once", function()
    local inbox = open()
    for _, text in ipairs{ "a", "b" } do
      inbox:handle(said(text, "user " .. text))
      for _ = 1, 5 do
        inbox:fail(inbox:take(), "why")
        now = now + 1000
      end
    end
    local owner = look.read(path).owner
    assert.equal("kefu:" .. pushes.APPID, owner)
    assert(orders.give(path, owner, "retry", { 1 }))
    assert(orders.give(path, owner, "purge", { 2, 99 }))
    now = now + 2
    local message = inbox:take()
    assert.equal("a", message.text)
    assert.same({}, (select(2, inbox:list())))
    inbox:done(message)
    now = now + 2
    assert.is_nil((inbox:take()))
    assert.equal("pushes\n", start.output_of("ls " .. folder))
  end)

  it("is ordered about many at once", function()
    local inbox, taken = open(), {}
    local owner = look.read(path).owner
    inbox:close()
    assert(orders.give(path, owner, "retry", { 1, 2 }))
    assert(orders.give(path, owner, "purge", { 3 }))
    assert(orders.give(path, owner, "purge", { 4, 5 }))
    orders.take(path, owner, {
      retry = function(ids) taken[#taken + 1] = { "retry", ids } end,
      purge = function(ids) taken[#taken + 1] = { "purge", ids } end,
    })
    assert.same({ { "retry", { 1, 2 } }, { "purge", { 3, 4, 5 } } }, taken)
  end)

  it("has nothing in its file any more of what was purged", function()
    local inbox = open()
    local request = said("你好")
    inbox:handle(request)
    for _ = 1, 5 do
      inbox:fail(inbox:take(), "why")
      now = now + 1000
    end
    local sealed = request.body:match('"encrypted":"([^"]+)"')
    assert.truthy(start.read(path):find(sealed, 1, true))
    assert.equal(1, inbox:purge{ 1 })
    assert.is_nil(start.read(path):find(sealed, 1, true))
  end)

  it("says the same after its file was written anew", function()
    local inbox = open()
    local long = ("x"):rep(40000)
    for i = 1, 120 do -- 6 MB, most of it handled
      assert.truthy((select(2, inbox:handle(said(i .. long, "user " .. i % 7)))))
      if i % 10 ~= 0 then
        inbox:done(inbox:take())
      end
    end
    assert.is_true(#start.read(path) < 5 * 1024 * 1024)
    local before = inbox:list()
    inbox = open_again(inbox)
    local after = inbox:list()
    assert.equal(#before, #after)
    for i, entry in ipairs(before) do
      assert.same({ entry.id, entry.text, entry.user },
        { after[i].id, after[i].text, after[i].user })
    end
  end)

  it("keeps failures, the dead, order, ids and what was seen over that", function()
    local inbox = open()
    local function kill(text, user)
      local _, id = inbox:handle(said(text, user))
      for _ = 1, 5 do
        inbox:fail(inbox:take(), "why")
        now = now + 1000
      end
      return id
    end
    local retried, dead, purged = kill("retried", "u1"), kill("dead", "u2"),
      kill("purged", "u3")
    local request = said("handled", "u4")
    inbox:handle(said("later", "u1"))
    inbox:retry{ retried }
    inbox:handle(said("failed", "u5"))
    local _, last = inbox:handle(request)
    local message = inbox:take()
    while message do
      if message.text == "handled" then
        inbox:done(message)
      elseif message.text == "failed" then
        inbox:fail(message, "why")
      end
      message = inbox:take()
    end
    inbox:purge{ purged } -- which writes it anew
    inbox = open_again(inbox)
    assert.same({ "duplicate" }, { (select(3, inbox:handle(request))) })
    assert.equal(last + 1, (select(2, inbox:handle(said("new", "u6")))))
    local waiting, all_dead = inbox:list()
    assert.same({ dead, 5 }, { all_dead[1].id, all_dead[1].failures })
    assert.equal(1, #all_dead)
    local failed = waiting[3]
    assert.same({ last - 1, 1 }, { failed.id, failed.failures })
    local texts = {}
    message = inbox:take()
    while message do
      texts[#texts + 1] = message.text
      inbox:done(message)
      message = inbox:take()
    end
    assert.same({ "later", "new", "retried" }, texts)
  end)

  it("writes its file anew in the end, however short each run is", function()
    local long, inbox = ("x"):rep(40000), open()
    for i = 1, 300 do -- 18 MB
      assert.truthy((select(2, inbox:handle(said(i .. long)))))
      inbox:done(inbox:take())
      if i % 20 == 0 then
        inbox = open_again(inbox)
        assert.is_true(#start.read(path) < 6 * 1024 * 1024)
      end
    end
  end)

  it("raises for what is wrong in the program, at its line", function()
    local one = receiver()
    local function message_of(options)
      local ran, message = pcall(function() assert(wxbot.inbox(options)) end)
      assert.is_false(ran)
      return message
    end
    assert.matches("inbox_spec.lua:%d+: wxbot.inbox: one of path and command is needed",
      message_of{ receiver = one })
    assert.matches("wxbot.inbox: receiver", message_of{ path = path })
    assert.matches("wxbot.inbox: receiver must be one of wxbot.receiver",
      message_of{ path = path, receiver = { handle = print } })
    assert.matches("wxbot.inbox: receiver must have no store",
      message_of{ path = path, receiver = receiver("kefu",
        { store = memory.new() }) })
    local inbox, _, taken = open()
    assert.matches("no other inbox", message_of{ path = path, receiver = taken })
    for _, method in ipairs{ "done", "fail", "reply" } do
      local ran, message = pcall(function() inbox[method](inbox, {}) end)
      assert.is_false(ran)
      assert.matches("inbox_spec.lua:%d+: inbox:" .. method
        .. ": expected a message that take gave", message)
    end
    inbox:close()
    assert.has_error(function() inbox:take() end)
  end)
end)

describe("an inbox whose kind is answered in the response", function()
  local function asked()
    return pushes.service("人工", "人工", ',"RequestId":"r' .. now .. '"')
  end

  it("replies while the platform waits", function()
    local inbox = open("service", { aes_key = pushes.KEY })
    local request = asked()
    request.body = pushes.raw:encrypt(request.body)
    local _, id = inbox:handle(request)
    local message = assert(inbox:take(id))
    local response = inbox:reply(message, "您好")
    assert.equal(200, response.status)
    assert.matches("您好", (pushes.raw:open(response.body)))
    inbox:done(message)
  end)

  it("refuses what comes later, and names sendmsg", function()
    local inbox = open("service")
    inbox:handle(asked())
    local message = inbox:take()
    now = now + 2
    local response, err = inbox:reply(message, "您好")
    assert.is_nil(response)
    assert.same({ "invalid", "late" }, { err.kind, err.code })
    assert.matches("sendmsg", err.message)
    assert.is_true(inbox:done(message))
  end)

  it("refuses a reply to what is handled again", function()
    local inbox = open("service")
    inbox:handle(asked())
    inbox:fail(inbox:take(), "why")
    now = now + 1
    local _, err = inbox:reply(inbox:take(), "您好")
    assert.equal("late", err.code)
  end)

  it("raises where the kind has no reply", function()
    local inbox = open()
    inbox:handle(said("a"))
    assert.has_error(function() inbox:reply(inbox:take(), "b") end)
  end)
end)

-- One process after another, each with an inbox at its time: it ends by whatever
-- says "bad", and in the end says nothing either.
local ENDING = [[
local pushes = require "spec.support.pushes"
local wxbot = require "wxbot"
local now = tonumber(arg[1])
local inbox = assert(wxbot.inbox{ path = %q,
  receiver = pushes.receiver("kefu", { clock = function() return now end }) })
for i = 2, #arg do
  inbox:handle(pushes.kefu("<userid>u" .. i .. "</userid><content><msg>" .. arg[i]
    .. "</msg></content><from>0</from>"))
end
local message, _, err
repeat
  message, _, err = inbox:take()
  print(message and message.text or err or "end")
  if not message and not err or message and message.text == "bad" then
    os.exit(9)
  end
  if message then
    inbox:done(message)
  end
until false
]]

describe("an inbox with a push that ends each process", function()
  it("tells which it is, does the others, and gives it up", function()
    local script = folder .. "/script.lua"
    local file = assert(io.open(script, "wb"))
    file:write(ENDING:format(path))
    file:close()
    local function run(...)
      return start.output_of(table.concat({ LUA, script,
        ("%d"):format(now), ... }, " ") .. " 2>&1")
    end
    assert.equal("before\nbad\n", run("before", "bad", "after", "more"))
    assert.equal("bad\n", run())
    assert.equal("bad\n", run())
    assert.equal("after\nmore\nend\n", run())
    for _, pause in ipairs{ 1, 10, 60, 600 } do
      assert.equal("end\n", run())
      now = now + pause
      assert.equal("bad\n", run())
    end
    assert.equal("push 2 has ended the process each time: it stands among the "
      .. "dead\nend\n", run())
    local found = look.read(path)
    assert.same({ 0, 1, 5 }, { #found.waiting, #found.dead,
      found.dead[1].failures })
    local context = require "wxbot.receive".context_of(receiver())
    assert.equal("the process ended while it was handled",
      seals.reason(context, found.dead[1].reason))
  end)
end)

describe("an inbox that is written anew", function()
  it("still says that it has begun with what waited", function()
    local inbox = open()
    inbox:handle(said("dead"))
    for _ = 1, 5 do
      inbox:fail(inbox:take(), "why")
      now = now + 1000
    end
    inbox:handle(said("waits"))
    inbox = open_again(inbox)
    assert.equal(1, inbox:purge{ 1 })
    assert.matches("\no 1\n", start.read(path))
    assert.is_true(inbox:done(inbox:take()))
    assert.matches("\no 0\n", start.read(path))
  end)
end)

describe("an inbox that cannot be opened", function()
  local function reason()
    local inbox, err = open()
    assert.is_nil(inbox)
    assert.equal("unavailable", err.kind)
    return (err.message:gsub("^" .. path:gsub("%p", "%%%0") .. ": ", ""))
  end

  local function write(text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end

  it("says so: of another version, of another bot, locked, something else",
    function()
      write("wxbot-inbox 2 kefu:" .. pushes.APPID .. "\n")
      assert.equal("it is of version 2, this is version 1", reason())
      write("wxbot-inbox 1 kefu:other\n")
      assert.equal("it belongs to kefu:other, not to kefu:" .. pushes.APPID,
        reason())
      write("hello\n")
      assert.equal("it is no file of kind wxbot-inbox", reason())
      write("wxbot-inbox 1 kefu:" .. pushes.APPID .. "\nhello\n")
      assert.equal("line 2: it cannot be read", reason())
      os.remove(path)
      assert(open())
      assert.equal("another process uses it", reason())
    end)

  it("is not the same to a receiver of another kind", function()
    assert(open()):close()
    local inbox, err = open("service")
    assert.is_nil(inbox)
    assert.matches("it belongs to kefu:", err.message)
  end)

  it("says so: no folder, a folder, no file, a disk that is full", function()
    for name, why in pairs{ ["/no/such/file"] = "No such file or directory",
        [folder] = "Is a directory", ["/dev/full"] = "it is no regular file" } do
      path = name
      assert.equal(why, reason())
    end
  end)
end)

describe("an inbox that cannot be written", function()
  -- What stands for the disk.
  local full
  before_each(function()
    full = false
    local append = journals.open
    stub(journals, "open", function(...)
      local journal, err = append(...)
      local write = journal and journal.append
      if journal then
        journal.append = function(...)
          if full then
            return nil, require("wxbot.util.errors").new{ kind = "unavailable",
              code = "file", message = "No space left on device" }
          end
          return write(...)
        end
      end
      return journal, err
    end)
  end)
  after_each(function() journals.open:revert() end)

  it("answers 503, takes the push when it comes again, and goes on", function()
    local inbox = open()
    local request = said("你好")
    full = true
    for _ = 1, 2 do
      local response, id, note, err = inbox:handle(request)
      assert.same({ 503, "inbox" }, { response.status, note })
      assert.is_nil(id)
      assert.matches("No space left", err.message)
    end
    assert.is_nil((inbox:take()))
    full = false
    assert.truthy((select(2, inbox:handle(request))))
    assert.equal("你好", inbox:take().text)
  end)

  it("notes what was handled meanwhile as soon as it can", function()
    local inbox = open()
    inbox:handle(said("one"))
    inbox:handle(said("two"))
    full = true
    local done, err = inbox:done(inbox:take())
    assert.is_nil(done)
    assert.equal("unavailable", err.kind)
    assert.equal("two", inbox:take().text)
    full = false
    inbox:handle(said("three", "u2"))
    assert.matches("\n%- 1\n%+ 3 ", start.read(path))
    inbox = open_again(inbox)
    local texts = {}
    local message = inbox:take()
    while message do
      texts[message.text] = true
      message = inbox:take()
    end
    assert.same({ two = true, three = true }, texts)
  end)
end)

describe("an inbox with fsync", function()
  it("keeps and gives as any other", function()
    local inbox = assert(wxbot.inbox{ receiver = receiver(), path = path,
      fsync = true })
    opened[1] = inbox
    inbox:handle(said("a"))
    inbox:done(inbox:take())
    inbox:handle(said("b"))
    inbox = open_again(inbox)
    assert.equal("b", inbox:take().text)
  end)

  it("waits for the disk before it answers, and only then", function()
    local inbox = assert(wxbot.inbox{ receiver = receiver(), path = path,
      fsync = true })
    opened[1] = inbox
    local has_error, count = false, 0
    local sync = stub(core, "file_sync", function()
      count = count + 1
      return not has_error or nil, "Input/output error"
    end)
    finally(function() sync:revert() end)
    assert.equal(200, inbox:handle(said("a")).status)
    assert.equal(1, count)
    inbox:done(inbox:take())
    assert.equal(1, count)
    has_error = true
    assert.equal(503, inbox:handle(said("b")).status)
    assert.is_nil((inbox:take()))
  end)
end)
