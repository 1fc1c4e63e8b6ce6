-- Without this a state file does not bring back what a sandbox remembered.
local start = require "spec.server.start"
local wxbot = require "wxbot"

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
