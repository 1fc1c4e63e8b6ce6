-- Without this the page shows something else than what the emulator does, in a
-- browser that nobody has looked at.
--
-- Chromium, the emulator behind nginx and the command, each started as a user
-- does. The page is the same on either Lua: run on Lua 5.4 this goes the way of
-- somebody who builds a bot, run on LuaJIT it looks at texts and languages.
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local served = require "spec.support.served"
local start = require "spec.server.start"
local webdriver = require "spec.support.webdriver"
local wxbot = require "wxbot"

local JIT = rawget(_G, "jit") ~= nil

local missing = webdriver.missing()
if missing then
  pending("the page (" .. missing .. "; .ci/deps extra installs it)")
  return
end

local server, transport

setup(function()
  transport = wxbot.curl{}
  server = served.start()
end)
teardown(function()
  webdriver.quit_all()
  start.stop_all()
  run.clean()
end)
after_each(webdriver.quit_all)

local function control(method, path, body)
  local response = assert(transport:request{ method = method,
    url = server.url .. "/_wxbot/api/" .. path,
    body = body and json.encode(body) })
  local value = json.decode(response.body)
  assert.equal(200, response.status, response.body)
  return value
end

local function browse(options, hash)
  local browser = webdriver.start(options)
  browser:go(server.url .. "/_wxbot/" .. (hash or ""))
  browser:wait("return document.querySelector('main').childElementCount")
  return browser
end

local function command(args)
  args.env = served.env()
  args[#args + 1] = "--base-url"
  args[#args + 1] = server.url
  local result = run.run(args)
  assert.equal(0, result.status, result.err)
  return result.out
end

local function ask(browser, query)
  browser:type("#query", query)
  browser:keys(webdriver.ENTER)
end

before_each(function()
  control("POST", "reset")
end)

if not JIT then
  describe("the page", function()
    it("goes along from a question to an agent's answer", function()
      local browser = browse()
      ask(browser, "哪里可以停车")
      browser:sees(".said.user .bubble", "哪里可以停车")
      browser:sees(".said.bot .badge.miss", "miss")

      -- imported: debug sees it, and online does when it is published
      command{ "import", "examples/skills.json" }
      control("POST", "clock", { skip = 60 })
      browser:click("input[value=debug]")
      ask(browser, "哪里可以停车")
      browser:sees(".said.bot .bubble", "门口就有停车场")
      browser:click("input[value=online]")
      ask(browser, "停车方便吗")
      browser:wait("return document.querySelectorAll('.badge.miss').length == 2")
      command{ "bot", "publish" }
      control("POST", "clock", { skip = 60 })
      ask(browser, "有没有停车场")
      browser:wait([[return [...document.querySelectorAll(".said:last-child")]
        .some((one) => one.textContent.includes("门口就有停车场"))]])
      browser:click(".said:last-child summary")
      browser:sees(".said:last-child td", "有没有停车场")

      -- a tag, by the command
      browser:click("a[href='#/state']")
      command{ "tag", "--appid", "wx1234567890abcdef", "--category", "会员",
        "--label", "金卡", "--desc", "买过三次", "u1" }
      browser:press(".tags button.link", "u1")
      browser:sees(".tags td", "金卡")
      assert.same({}, browser:complaints())
    end)

    it("is the same to two browsers at once", function()
      local one, other = browse(), browse{ language = "zh-CN" }
      ask(one, "你好")
      other:sees(".said.user .bubble", "你好")
      other:sees(".said.bot .badge.answer", "命中")
      ask(other, "谢谢")
      one:sees(".said.bot .bubble", "不客气！")
    end)

    it("can be used with the keyboard alone", function()
      local browser = browse()
      -- past the link to the content, to the field of the question
      local function tab_to(css)
        for _ = 1, 90 do
          browser:keys(webdriver.TAB)
          if browser:run("return document.activeElement.matches(arguments[0])",
              css) then
            return
          end
        end
        error("no way to " .. css)
      end
      browser:keys(webdriver.TAB)
      assert.equal("skip", browser:run("return document.activeElement.className"))
      tab_to("#user")
      browser:keys("anna" .. webdriver.ENTER)
      browser:sees(".talk h2", "anna")
      browser:wait("return document.activeElement.id === 'query'")
      browser:keys("hello" .. webdriver.ENTER)
      browser:sees(".said.bot .badge", "answer")
      tab_to(".said.bot summary")
      browser:keys(webdriver.ENTER)
      browser:wait("return document.querySelector('details.scores').open")
      tab_to("input[name=env]")
      browser:keys(webdriver.RIGHT)
      browser:wait("return document.querySelector('input[value=debug]').checked")
      -- to the end of the page and around: nothing holds the focus
      browser:refresh()
      tab_to("a[href='#/state']")
      browser:keys(webdriver.ENTER)
      tab_to(".reset button.danger")
      browser:keys(webdriver.ENTER)
      browser:wait("return document.querySelector('dialog').open")
      browser:keys(webdriver.ESCAPE)
      browser:wait("return !document.querySelector('dialog').open")
      assert.equal(2, #control("GET", "messages?openid=anna").messages)
      browser:keys(webdriver.ENTER)
      tab_to("dialog .danger")
      browser:keys(webdriver.ENTER)
      browser:wait("return !document.querySelector('dialog').open")
      assert.same({}, control("GET", "messages?openid=anna").messages)
    end)
  end)
  return
end

-- ------------------------------------------------------- texts and languages

local NASTY = {
  "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>",
  "\"'><b>`${1}`&amp;&#60;", "a\226\128\174txt.exe", "👩‍👩‍👧 😀",
  "javascript:alert(1)", "{1} {n} %s \\u0041", "a\0b\1c", "__proto__",
  ("长"):rep(3500),
}

-- What the page would have besides if a text were taken for markup.
local function is_clean(browser)
  return browser:run([[
    return document.querySelectorAll("img, script:not([type=module]), iframe")
      .length === 0 && document.scripts.length === 1]])
end

describe("the page", function()
  it("shows every text as it is", function()
    local browser = browse()
    for _, text in ipairs(NASTY) do
      ask(browser, text)
      browser:wait([[return [...document.querySelectorAll(".said.user p")].some(
        (one) => one.textContent === arguments[0])]], text)
      assert.is_true(is_clean(browser), text)
    end
    assert.same({}, browser:complaints())
  end)

  it("shows every text as it is, whoever says it and wherever", function()
    local bot = wxbot.new(served.account(server.url))
    for i, text in ipairs(NASTY) do
      control("POST", "answers", { query = "q" .. i, answer = text })
      control("POST", "faults", { endpoint = "nlp", code = i, message = text })
      assert(bot:label_batchset{ appid = "wx1", category = text, label = text,
        desc = text, list = { "u1" } })
      assert(bot:sendmsg{ appid = "wx1", openid = "u1", msg = text,
        kefuname = text })
    end
    local browser = browse()
    for i, text in ipairs(NASTY) do
      ask(browser, "q" .. i)
      for _, who in ipairs{ "bot", "agent" } do
        browser:wait([[return [...document.querySelectorAll(".said.bot p")].some(
          (one) => one.textContent === arguments[0])]], text)
      end
    end
    assert.is_true(is_clean(browser))
  end)
end)
