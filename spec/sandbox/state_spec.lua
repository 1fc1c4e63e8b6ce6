-- Without this a state file does not bring back what a sandbox remembered.
local start = require "spec.server.start"
local wxbot = require "wxbot"

local unpack = table.unpack or unpack

local NOW = 1800000000

local SKILLS = { skills = { { name = "店", intents = {
  { title = "几点开门", answers = { "九点" } },
  { title = "周末呢", follows = "几点开门", answers = { "周末十点" } },
  { title = "怎么退货", answers = { "联系客服" } },
} } } }

local folder, path, open_ones

before_each(function()
  folder = start.output_of("mktemp -d"):match("[^\n]+")
  path, open_ones = folder .. "/state", {}
end)
after_each(function()
  for _, box in ipairs(open_ones) do
    box:close()
  end
  start.remove_folder(folder)
end)

local function open(other)
  local options = { state = path, skills = SKILLS,
    clock = function() return NOW end }
  for name, value in pairs(other or {}) do
    options[name] = value
  end
  local box, err = wxbot.sandbox(options)
  open_ones[#open_ones + 1] = box
  return box, err
end

local function bot_of(box)
  local options = box:credentials()
  options.transport = box
  return wxbot.new(options)
end

-- Closes it and opens it again.
local function again(box, other)
  box:close()
  return assert(open(other))
end

local function answer_of(box, query, env)
  local reply = assert(bot_of(box):ask{ userid = "u", query = query,
    env = env })
  return reply.tier == "answer" and reply.answer or reply.tier
end

-- A record so long that the file is written anew: what all parts say of
-- themselves is in it then, instead of what has happened to them.
local function write_anew(box)
  box:fail{ endpoint = "token", body = ("x"):rep(5 * 1024 * 1024) }
end

-- Checks what is there after a start from what happened, and from a file that
-- was written anew. Returns the last sandbox.
local function kept(box, check)
  box = again(box)
  check(box)
  write_anew(box)
  box = again(box)
  check(box)
  return box
end

describe("a state file", function()
  it("keeps tags, newest first", function()
    local box = open()
    local bot = bot_of(box)
    for i = 1, 3 do
      assert(bot:tag{ appid = "wx1", category = "c" .. i, label = "l",
        desc = "d", list = { "a", i < 3 and "b" or "c" } })
    end
    assert(bot:tag{ appid = "wx1", category = "c1", label = "new", desc = "d",
      list = { "a" } })
    local tags = { box:tags "a", box:tags "b", box:tags "c" }
    assert.equal("new", tags[1][1].label)
    kept(box, function(back)
      assert.same(tags, { back:tags "a", back:tags "b", back:tags "c" })
      assert.equal(3, back:tagged())
    end)
  end)

  it("keeps tasks and publications as they move", function()
    local box = open()
    box:add_task{ task_id = "t1", prepare = 2, duration = 8 }
    box:add_publication{ publish_id = "p1", duration = 5,
      articles = { "https://a/1", "https://a/2" } }
    box:sleep(6)
    local bot = bot_of(box)
    assert(bot:freepublish_delete{ article_id = "ARTICLE_p1", index = 1 })
    local tasks, publications = box:tasks(), box:publications()
    local article = bot:freepublish_getarticle{ article_id = "ARTICLE_p1" }
    box = kept(box, function(back)
      assert.same(tasks, back:tasks())
      assert.same(publications, back:publications())
      assert.same(article,
        bot_of(back):freepublish_getarticle{ article_id = "ARTICLE_p1" })
    end)
    assert.equal(50, box:tasks()[1].progress)
    assert(bot_of(box):freepublish_delete{ article_id = "ARTICLE_p1",
      all = true })
    box = again(box)
    assert.equal(5, box:publications()[1].publish_status)
    assert.not_equal("t1", box:add_task())
  end)

  it("keeps messages, and whom an agent serves", function()
    local box = open()
    local bot = bot_of(box)
    box:chat{ userid = "u1", query = "几点开门" }
    assert(bot:sendmsg{ openid = "u1", msg = "您好", channel = 7 })
    assert(bot:sendmsg{ openid = "u2", msg = "二", channel = 7 })
    assert(bot:kefustate_change{ appid = "wx1", openid = "u1",
      kefustate = "personserving" })
    local messages, users = box:messages "u1", box:conversations()
    assert.equal(3, #messages)
    kept(box, function(back)
      assert.same(messages, back:messages "u1")
      assert.same(users, back:conversations())
      assert.equal("personserving", bot_of(back):kefustate_get{ appid = "wx1",
        openid = "u1", type = "all" }.status)
    end)
  end)

  it("keeps access tokens", function()
    local box = open()
    local account = box:account()
    account.transport = box
    local token = assert(wxbot.access_token(account):get())
    local options = box:credentials()
    options.transport, options.access_token = box, token
    box:add_publication{ publish_id = "1", duration = 0 }
    kept(box, function(back)
      options.transport = back
      assert(wxbot.new(options):freepublish_get{ publish_id = "1" })
    end)
  end)

  it("keeps faults with what is left of them, decided answers and the clock",
    function()
      local box = open()
      box:fail{ endpoint = "aibot", code = 1002, times = 3 }
      box:answer{ query = "x", answer = "y" }
      box:sleep(100)
      assert.is_nil(bot_of(box):ask{ userid = "u", query = "x" })
      box = kept(box, function(back)
        assert.same({ endpoint = "aibot", code = 1002, times = 2 },
          back:faults()[1])
        assert.equal(NOW + 100, back:time())
        assert.equal("x", back:answers()[1].query)
      end)
      box:forget_faults()
      assert.equal("y", answer_of(box, "x"))
      box:forget_answers()
      box = again(box)
      assert.same({}, box:faults())
      assert.same({}, box:answers())
    end)

  it("keeps what each user was talking about", function()
    local box = open()
    assert.equal("九点", answer_of(box, "几点开门"))
    kept(box, function(back)
      assert.equal("周末十点", answer_of(back, "周末呢"))
    end)
  end)

  it("keeps what is no text and no number, as far as it can", function()
    local box = open()
    box:chat{ userid = "\255u", query = "几点开门" }
    box:add_task{ task_id = "t", prepare = 0, duration = math.huge,
      failure = "a\128b" }
    kept(box, function(back)
      assert.equal("九点", back:messages("\239\191\189u")[2].msg)
      assert.equal(1, back:tasks()[1].state)
    end)
  end)

  it("is emptied by reset", function()
    local box = open()
    box:fail{ code = 1002 }
    box:sleep(5)
    box:reset()
    box = again(box)
    assert.same({}, box:faults())
    assert.equal(NOW, box:time())
  end)
end)

describe("pushes in a state file", function()
  local KEFU = { kefu = "http://127.0.0.1/kefu" }
  local heard, answer, now

  -- What a receiver made of what came, so far as it differs.
  local function open_pushing(callbacks, other)
    other = other or {}
    other.callbacks = callbacks or KEFU
    other.clock = function() return now end
    other.transport = { request = function(_, request)
      local given, err = answer(request)
      heard[#heard + 1] = request
      return given, err
    end }
    return assert(open(other))
  end

  local function taken()
    return { status = 200, headers = {}, body = "success" }
  end

  local function down()
    return nil, { kind = "transport", message = "down" }
  end

  -- What was said, in the clear.
  local function words()
    local list = {}
    local given = wxbot.sandbox():credentials()
    for i, request in ipairs(heard) do
      local receiver = assert(wxbot.receiver{ kind = "kefu",
        appid = given.appid, token = given.token, aes_key = given.aes_key })
      local _, message = receiver:handle{ method = "POST", body = request.body }
      list[i] = ("%s %s %s %.3f"):format(message.userid, message.from_name,
        message.event or message.text, message.createtime)
    end
    heard = {}
    return list
  end

  before_each(function()
    heard, answer, now = {}, taken, NOW
  end)

  -- Says something, which makes three pushes; what they say.
  local function say(box, userid)
    box:chat{ userid = userid, query = "几点开门" }
    answer = taken
    local other = wxbot.sandbox{ callbacks = KEFU, skills = SKILLS,
      clock = function() return now end, transport = { request = function(_, one)
        heard[#heard + 1] = one
        return taken()
      end } }
    other:chat{ userid = userid, query = "几点开门" }
    assert.equal(3, other:deliver())
    return words()
  end

  it("wait for the next start, in their order and as they were", function()
    local box = open_pushing()
    local said = say(box, "u1")
    box = kept(box, function(back)
      assert.same({}, back:pushes())
    end)
    box:close()
    now = NOW + 60
    box = open_pushing()
    assert.is_true(box:due())
    assert.equal(3, box:deliver())
    assert.same(said, words())
    assert.equal("delivered", box:pushes()[3].state)
    box:close()
    assert.equal(0, open_pushing():deliver())
  end)

  it("are sent three times in all, each 5 s after the one before", function()
    answer = down
    local box = open_pushing()
    box:chat{ userid = "u1", event = "userEnter" }
    local times = {}
    for second = 0, 20 do
      now = NOW + second
      times[#times + 1] = box:deliver() == 1 and second or nil
      box:close()
      if second == 7 then
        box = assert(open{ callbacks = KEFU })
        write_anew(box)
        box:close()
      end
      box = open_pushing()
    end
    assert.same({ 0, 5, 10 }, times)
    assert.equal(0, box:deliver())
  end)

  it("are lost by no kill: only what was on its way comes twice", function()
    local box = open_pushing()
    local said, copies = say(box, "u1"), {}
    answer = function()
      copies[#copies + 1] = start.read(path)
      return taken()
    end
    assert.equal(3, box:deliver())
    box:close()
    copies[4], heard = start.read(path), {}
    for i, text in ipairs(copies) do
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      answer = taken
      box = open_pushing()
      assert.equal(4 - i, box:deliver())
      box:close()
      assert.same({ unpack(said, i) }, words())
    end
  end)

  it("wait on where there is no address of their kind", function()
    local box = open_pushing()
    local said = say(box, "u1")
    box:close()
    box = open_pushing({ service = "http://127.0.0.1/other" })
    assert.is_false(box:due())
    assert.equal(0, box:deliver())
    write_anew(box)
    box:close()
    box = open_pushing{ kefu = "http://127.0.0.2/new" }
    assert.equal(3, box:deliver())
    assert.equal("http://127.0.0.2/new", heard[1].url)
    assert.same(said, words())
  end)

  it("come of a publication that ended meanwhile, once", function()
    local account = { official_account = "http://127.0.0.1/account" }
    local box = open_pushing(account)
    box:add_publication{ publish_id = "12345", duration = 10 }
    box:close()
    now = NOW + 100
    box = open_pushing(account)
    assert.equal(1, box:deliver())
    assert.equal("12345",
      box:pushes()[1].push.elements.PublishEventInfo.publish_id)
    assert.equal(NOW + 10, box:pushes()[1].push.createtime)
    box:close()
    assert.equal(0, open_pushing(account):deliver())
  end)

  it("are forgotten by reset, also one that is on its way", function()
    local box = open_pushing()
    box:chat{ userid = "u1", event = "userEnter" }
    answer = function()
      box:reset()
      box:chat{ userid = "u2", event = "userEnter" }
      answer = taken
      return down()
    end
    assert.equal(2, box:deliver())
    box:chat{ userid = "u3", event = "userEnter" }
    box:close()
    heard = {}
    assert.equal(1, open_pushing():deliver())
    assert.matches("^u3 user userEnter ", words()[1])
  end)

  it("are a new ticket at each start, and no older one", function()
    local third = { third_party = "http://127.0.0.1/third" }
    answer = down
    local box = open_pushing(third)
    assert.equal(1, box:deliver())
    box:close()
    answer = taken
    box = open_pushing(third)
    now = NOW + 5
    assert.equal(1, box:deliver())
    now = NOW + 599
    assert.equal(0, box:deliver())
  end)
end)

describe("imports in a state file", function()
  local function import(box, rows, mode)
    assert(bot_of(box):batchimportskill{ managerid = "admin", skill = rows,
      mode = mode })
    box:sleep(3)
  end
  local function publish(box)
    assert(bot_of(box):publish{ managerid = "admin" })
    box:sleep(5)
  end
  local function row(title, answer)
    return { skillname = "店", title = title, answer = { answer } }
  end

  it("are seen by debug, then by all, as without one", function()
    local box = open()
    import(box, { row("几点开门", "八点"), row("有停车场吗", "有") })
    box = kept(box, function(back)
      assert.equal("九点", answer_of(back, "几点开门"))
      assert.equal("八点", answer_of(back, "几点开门", "debug"))
      assert.equal("miss", answer_of(back, "有停车场吗"))
    end)
    publish(box)
    kept(box, function(back)
      assert.equal("八点", answer_of(back, "几点开门"))
      assert.equal("有", answer_of(back, "有停车场吗"))
      assert.equal("联系客服", answer_of(back, "怎么退货"))
    end)
  end)

  it("are done when their task has ended, also after a restart", function()
    local box = open()
    assert(bot_of(box):batchimportskill{ managerid = "admin",
      skill = { row("几点开门", "八点") } })
    assert(bot_of(box):publish{ managerid = "admin" })
    box = kept(box, function(back)
      assert.equal("九点", answer_of(back, "几点开门", "debug"))
    end)
    assert.equal(3, bot_of(box):publish_progress{ managerid = "admin" }.status)
    box:sleep(3)
    assert.equal("八点", answer_of(box, "几点开门", "debug"))
    box = again(box)
    box:sleep(5)
    assert.equal("八点", answer_of(box, "几点开门"))
  end)

  it("that replace everything do so", function()
    local box = open()
    import(box, { row("有停车场吗", "有") }, "1")
    publish(box)
    box = kept(box, function(back)
      assert.equal("miss", answer_of(back, "怎么退货"))
      assert.equal("有", answer_of(back, "有停车场吗"))
    end)
    box:reset()
    box = again(box)
    assert.equal("联系客服", answer_of(box, "怎么退货"))
    assert.equal("miss", answer_of(box, "有停车场吗"))
  end)
end)

describe("what was renamed by an import", function()
  it("stays gone, and what takes its title later stays", function()
    local box = open()
    local function import(element)
      local options = box:credentials()
      options.access_token, options.aes_key = nil, nil
      options.transport, element.skill = box, "店"
      assert(wxbot.v2(options):import_json{ mode = 0, data = { element } })
      assert(bot_of(box):publish{ managerid = "admin" })
      box:sleep(20)
    end
    import{ intent = "几点营业", old_intent = "几点开门", answers = { "八点" } }
    import{ intent = "几点营业", answers = { "七点" } }
    box = kept(box, function(back)
      assert.equal("七点", answer_of(back, "几点营业"))
      assert.equal("周末十点", answer_of(back, "周末呢"))
      local titles = {}
      for _, score in ipairs(back:chat{ userid = "x",
          query = "几点开门" }.scores) do
        titles[score.title] = true
      end
      assert.is_nil(titles["几点开门"])
    end)
    import{ intent = "几点开门", answers = { "六点" } }
    kept(box, function(back)
      assert.equal("六点", answer_of(back, "几点开门"))
      assert.equal("七点", answer_of(back, "几点营业"))
    end)
  end)
end)

describe("a state file that cannot be used", function()
  local function refused(text, other)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    local box, err = open(other)
    assert.is_nil(box)
    assert.equal("unavailable", err.kind)
    assert.equal("state", err.code)
    assert.equal(text, start.read(path))
    return (err.message:gsub("^the state file " .. path:gsub("%p", "%%%0")
      .. ": ", ""))
  end

  local HEAD = "wxbot-state 1 " .. wxbot.sandbox():credentials().appid .. "\n"

  it("is said so in one sentence, and stays as it was", function()
    assert.equal("it belongs to " .. HEAD:match("1 (.*)\n") .. ", not to other",
      refused(HEAD, { appid = "other" }))
    assert.equal("it is of version 9, this is version 1",
      refused((HEAD:gsub("1", "9", 1))))
    assert.equal("line 3: it is not known what it changes",
      refused(HEAD .. '[["clock",{"skipped":1}]]\n[["new",{}]]\n'))
    assert.equal("line 2: it cannot be read", refused(HEAD .. '[["tags",1]]\n'))
    assert.equal("line 2: it is no list", refused(HEAD .. "1\n"))
    assert.matches("^line 2: not strict JSON", refused(HEAD .. "\0\0\n"))
  end)

  it("is said so of records that fail when they are used", function()
    for _, change in ipairs{ '["clock",{"skipped":"x"}]',
        '["tasks",{"task":{"id":"t"}}]',
        '["publications",{"publication":{"id":"p","article_id":"a"}}]',
        '["content",{"at":0,"rows":[{"title":5}]}]' } do
      assert.equal("its records cannot be used",
        refused(HEAD .. "[" .. change .. "]\n"))
    end
  end)

  it("is one that another sandbox uses", function()
    open()
    local box, err = open()
    assert.is_nil(box)
    assert.equal("the state file " .. path .. ": another process uses it",
      err.message)
  end)
end)

describe("a state file that cannot be written", function()
  local journals = require "wxbot.util.journal"
  local real = journals.open
  local is_full

  -- A journal whose disk may be full.
  local function journal_of(...)
    local journal, err = real(...)
    local methods = setmetatable({}, { __index = function(_, name)
      return function(_, ...)
        if is_full and (name == "append" or name == "rewrite") then
          return nil, { message = "no space left" }
        end
        return journal[name](journal, ...)
      end
    end })
    return journal and methods, err
  end

  before_each(function()
    is_full, journals.open = false, journal_of
  end)
  after_each(function()
    journals.open = real
  end)

  it("gives no answer that it could not keep, and keeps it later", function()
    local box = open()
    local account = box:account()
    local function token()
      return box:handle{ method = "GET", url = ("https://x/cgi-bin/token?"
        .. "grant_type=client_credential&appid=%s&secret=%s"):format(
        account.appid, account.secret) }
    end
    is_full = true
    local response = token()
    assert.equal(503, response.status)
    assert.matches("no space left", response.body)
    local done, err = box:answer{ query = "q", answer = "a" }
    assert.is_nil(done)
    assert.equal("no space left", err.message)
    assert.equal(200, box:handle{ method = "POST", url = "https://x/openapi/sign/"
      .. box:credentials().token, headers = { ["Content-Type"] =
      "application/json" }, body = '{"userid":"u"}' }.status)
    is_full = false
    assert.equal(200, token().status)
    assert.equal("q", again(box):answers()[1].query)
  end)
end)
