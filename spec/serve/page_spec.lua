-- Without this the page shows something else than what the emulator does, in a
-- browser that nobody has looked at.
--
-- Chromium, the emulator behind nginx and the command, each started as a user
-- does. The page is the same on either Lua: run on Lua 5.4 this goes the way of
-- somebody who builds a bot, run on LuaJIT it looks at texts and languages.
-- #long
local endpoints = require "wxbot.api"
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

local server, transport, first

setup(function()
  transport = wxbot.curl{}
  server = served.start()
  first = webdriver.start()
end)
teardown(function()
  webdriver.quit_all()
  start.stop_all()
  run.clean()
end)

local function control(method, path, body)
  local response = assert(transport:request{ method = method,
    url = server.url .. "/_wxbot/api/" .. path,
    body = body and json.encode(body) })
  local value = json.decode(response.body)
  assert.equal(200, response.status, response.body)
  return value
end

-- Somebody new opens the page, in the one browser or in another.
local function browse(options, hash, browser)
  browser = browser or first
  browser:go("about:blank")
  browser:become(options)
  browser:complaints()
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

local HANDLER = [[
return function(message, bot)
  assert(bot:sendmsg{ appid = "wx1", openid = message.userid, channel = 7,
    msg = "听到：" .. message.text })
end
]]

-- A receiver whose handler is that; `url` is where.
local function receive(handler)
  local receiver = start.run(run.line{ "receive", run.file(handler), "--port",
    "0", "--base-url", server.url, env = served.env() })
  receiver.url = receiver:expect("^url: (.*)$")
  receiver:expect("^stop: ")
  return receiver
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

      -- a call that is made to fail
      browser:type(".faults input[name=code]", "1002")
      browser:press(".faults button", "Let calls fail")
      browser:sees(".faults td", "1002")
      local refused = run.run{ "ask", "谢谢", "--base-url", server.url,
        env = served.env() }
      assert.matches("1002", refused.err)
      browser:click("a[href='#/requests']")
      browser:sees("table.requests td", "1002")
      browser:click("table.requests tbody tr:first-child a")
      browser:sees(".the-cause", "This failure was asked for")
      browser:sees(".the-cure", "Nothing is wrong with the request")

      -- what is encrypted, beside what was in it; what is secret, when asked for
      command{ "tag", "--appid", "wx1", "--category", "c", "--label", "银卡",
        "--desc", "d", "u2" }
      browser:sees("table.requests tbody tr:first-child td", "label_batchset")
      browser:click("table.requests tbody tr:first-child a")
      browser:sees("pre[aria-label='Body as sent']", "encrypt")
      browser:sees("pre[aria-label='Body decrypted']", "银卡")
      browser:click("input[type=checkbox]")
      browser:wait("return document.querySelectorAll('tbody tr').length === 1")
      browser:click("table.requests tbody tr:first-child a")
      browser:sees("pre[aria-label='Body as sent']", '"signature":"***"')
      browser:press(".detail button", "Show secrets")
      browser:sees("pre[aria-label='Body as sent']", '"signature":"eyJ')

      -- a push to a receiver, whose handler answers the user
      local receiver = receive(HANDLER)
      browser:click("a[href='#/state']")
      browser:type(".push input[name=url]", receiver.url)
      browser:type(".push input[name=msg]", "人工")
      browser:press(".push button[type=submit]", "Push: customer service")
      browser:sees(".push .result .badge", "200")
      browser:click("a[href='#/chat']")
      browser:sees(".said.agent .bubble", "听到：人工")
      command{ "push", "--url", receiver.url, "--userid", "u1", "还在吗" }
      browser:sees(".said.agent .bubble", "听到：还在吗")
      assert.equal(1, browser:run("return performance.getEntriesByType("
        .. "'navigation').length"))
      browser:click("a[href='#/state']")
      browser:sees(".drafts td", "demo-draft")
      assert.same({}, browser:complaints())
    end)

    it("is the same to two browsers at once", function()
      local one = browse()
    local other = browse({ language = "zh-CN" }, nil, webdriver.start())
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
  "<img src=x onerror=alert(1)></script><script>alert(1)</script>",
  "\"'><b>`${1}`&amp;&#60; {1} {n} %s \\u0041", "a\226\128\174txt.exe 👩‍👩‍👧 😀",
  "javascript:alert(1)", "a\0b\1c", "__proto__", ("长"):rep(3500),
}

-- What the page would have besides if a text were taken for markup.
local function assert_clean(browser, text)
  assert.is_true(browser:run([[
    return document.scripts.length === 1
      && !document.querySelector("img, iframe, object, base, form[action]")
      && ![...document.querySelectorAll("*")].some((element) =>
        element.getAttributeNames().some((name) => /^(on|style|src)/.test(name)
          && element.localName !== "script"))
      && ![...document.querySelectorAll("a")].some((link) =>
        !/^(https?:|#)/.test(link.getAttribute("href")))]]), text)
end

-- Waits until an element says exactly that.
local function says(browser, css, text)
  browser:wait([[return [...document.querySelectorAll(arguments[0])].some(
    (one) => one.textContent === arguments[1])]], css, text)
end

-- What the page writes for characters that nobody sees.
local function visible(text)
  return (text:gsub("[%z\1]", { ["\0"] = "U+0000", ["\1"] = "U+0001" })
    :gsub("\226\128\174", "U+202E"):gsub("\226\128\141", "U+200D"))
end

-- What neither a person nor XML can say.
local function is_text(text)
  return not text:find("[%z\1]")
end

describe("the page", function()
  it("says back what is typed", function()
    local browser = browse()
    for _, text in ipairs(NASTY) do
      if is_text(text) then
        ask(browser, text)
        says(browser, ".said.user p", text)
        assert_clean(browser, text)
      end
    end
    assert.same({}, browser:complaints())
  end)

  it("shows every text as it is, whoever says it", function()
    local options = wxbot.sandbox():credentials()
    options.base_url = server.url
    local bot = wxbot.new(options)
    local browser = browse(nil, "#/chat/%3Cimg%20src%3Dx%3E")
    for i, text in ipairs(NASTY) do
      control("POST", "answers", { query = "q" .. i, answer = text })
      ask(browser, "q" .. i)
      says(browser, ".said.bot p", text)
      if is_text(text) then
        assert(bot:sendmsg{ appid = "wx1", openid = "<img src=x>", msg = text,
          channel = 7 })
        says(browser, ".said.agent p", text)
      end
      assert_clean(browser, text)
    end
  end)

  it("shows every text as it is, in every list", function()
    local browser = browse(nil, "#/state")
    for _, text in ipairs(NASTY) do
      local user = text:sub(1, 60)
      control("POST", "faults", { body = text })
      control("POST", "tasks", { failure = text, duration = 0, prepare = 0 })
      control("POST", "chat", { userid = user, query = text })
      local shown = #text < 900 and visible(text) or ("长"):rep(300) .. "…"
      says(browser, ".faults td", shown)
      says(browser, ".tasks td", shown)
      says(browser, ".messages td", user)
      assert_clean(browser, text)
    end
    assert.same({}, browser:complaints())
  end)

  it("shows every text as it is, in requests", function()
    local account = wxbot.sandbox():credentials()
    account.base_url = server.url
    local bot = wxbot.new(account)
    local browser = browse(nil, "#/requests")
    local function open_newest(text)
      browser:sees("table.requests tbody tr:first-child td", text)
      browser:click("table.requests tbody tr:first-child a")
    end
    for i, text in ipairs(NASTY) do
      control("POST", "faults", { code = i, message = text })
      assert(transport:request{ method = "POST", url = server.url
        .. "/openapi/aibot/" .. account.token, body = text,
        headers = { ["content-type"] = "application/json" } })
      open_newest("200 · " .. i)
      says(browser, "pre[aria-label='Body as sent']", visible(text))
      assert_clean(browser, text)
      if is_text(text) then
        control("DELETE", "requests")
        assert(bot:label_batchset{ appid = "wx1", category = text, label = text,
          desc = text, list = { text:sub(1, 60) } })
        open_newest("label_batchset")
        browser:sees("pre[aria-label='Body decrypted']", "<label>")
        assert_clean(browser, text)
      end
    end
    assert.same({}, browser:complaints())
  end)

  it("takes every text in every field", function()
    local browser = browse(nil, "#/state")
    for _, text in ipairs(NASTY) do
      browser:run([[
        const [text, url] = arguments;
        for (const form of document.querySelectorAll("main form")) {
          for (const input of form.querySelectorAll("input, textarea")) {
            if (input.type === "checkbox") continue;
            input.value = input.name === "url" ? url : text;
          }
          form.noValidate = true;
          form.requestSubmit();
        }]], text, server.url .. "/nowhere")
      browser:wait("return document.querySelector('.push').textContent"
        .. ".match(/404|from must be/)")
      assert_clean(browser, text)
    end
    for _, text in ipairs{ "%", "#/chat/%ff", "#/requests/<img>", "#/nowhere",
        "#/chat/a/b", "#/requests/1e9" } do
      browser:go("about:blank")
      browser:go(server.url .. "/_wxbot/" .. (text:find("^#") and text
        or "#/chat/" .. text))
      browser:wait("return document.querySelector('main').childElementCount")
      assert_clean(browser, text)
    end
  end)

  it("makes links of pages of the web alone", function()
    local browser = browse()
    control("POST", "answers", { query = "q", answer = '<a href="https://a.test/'
      .. '?x=1">page</a> <a href="javascript:alert(1)">run</a> <a href="data:,x">'
      .. 'data</a> <a href="weixin://bizmsgmenu?msgmenucontent=谢谢&msgmenuid=1">'
      .. '谢谢</a>' })
    ask(browser, "q")
    says(browser, ".said.bot a", "page")
    assert.same({ "https://a.test/?x=1" }, browser:run([[
      return [...document.querySelectorAll(".said a")].map((a) => a.href)]]))
    assert.equal("noopener noreferrer",
      browser:run("return document.querySelector('.said a').rel"))
    browser:click(".said.bot button.question")
    says(browser, ".said.user p", "谢谢")
    says(browser, ".said.bot p", "不客气！")
  end)

  it("shows rich answers and fetches nothing for them", function()
    local browser = browse()
    control("POST", "answers", { query = "q", answer = json.encode{
      multimsg = json.list{ "第一句", '{"image":{"media_id":"M",'
        .. '"url":"http://a.test/x.jpg"}}', '{"voice":{"url":"http://a.test/v"}}',
        '{"video":{"url":"http://a.test/w","cover_url":"http://a.test/c"}}',
        '{"miniprogrampage":{"title":"小程序","appid":"wx8c63",'
        .. '"pagepath":"pages/i","thumb_url":"http://a.test/t"}}',
        '{"news":{"articles":[{"title":"新闻","description":"摘要",'
        .. '"url":"https://a.test/n","picurl":"https://a.test/p.jpg"}]}}',
        '{"weather_ans_detail":{"city":"北京"}}' } } })
    ask(browser, "q")
    browser:sees(".said.bot .card", "新闻")
    for _, text in ipairs{ "第一句", "http://a.test/x.jpg", "Voice", "Video",
        "pages/i", "摘要", "https://a.test/p.jpg", "北京" } do
      browser:sees(".said.bot .bubble", text)
    end
    assert.same({}, browser:run([[
      return performance.getEntriesByType("resource").map((entry) => entry.name)
        .filter((name) => !name.startsWith(location.origin + "/_wxbot/"))]]))
    browser:refresh()
    browser:sees(".said.bot .card", "新闻")
    assert.same({}, browser:complaints())
  end)

  it("speaks the browser's language, or the one that was chosen", function()
    local browser = browse{ language = "zh-CN,en" }
    says(browser, "nav a", "对话")
    assert.equal("zh-CN", browser:run("return document.documentElement.lang"))
    browser:press("header button", "English")
    says(browser, "nav a", "Chat")
    browser:refresh()
    says(browser, "nav a", "Requests")
    browser:press("header button", "中文")
    says(browser, "nav a", "请求")
    says(browse{ language = "fr" }, "nav a", "Chat")
  end)

  it("fits a phone", function()
    local browser = browse{ width = 360, height = 640, mobile = true }
    for _, view in ipairs{ "chat", "requests", "state" } do
      browser:click("a[href='#/" .. view .. "']")
      browser:wait("return document.querySelector('main." .. view .. "')")
      assert.equal(360, browser:run(
        "return document.documentElement.scrollWidth"), view)
    end
  end)

  -- Names of endpoints in the table that are broken elsewhere than behind _ and
  -- /, and paths, but for one that is too long.
  local BROKEN = [[
    const parts = [...document.querySelectorAll("td.endpoint b")]
      .filter((name) => name.checkVisibility()
        && name.textContent.length < 300)
      .flatMap((name) => [...name.childNodes]);
    return parts.filter((part) => {
      const range = document.createRange();
      range.selectNodeContents(part);
      return range.getClientRects().length > 1;
    }).map((part) => part.parentNode.textContent).join(", ");]]

  it("breaks no name of an endpoint in the midst of a word", function()
    control("DELETE", "requests")
    for _, endpoint in ipairs(endpoints.all) do
      assert(transport:request{ method = endpoint.method or "POST",
        body = "{}", headers = { ["content-type"] = "application/json" },
        url = server.url .. endpoint.path:gsub("{[a-z_]+}", "x") })
    end
    for _, times in ipairs{ 2, 40 } do
      assert(transport:request{ method = "POST",
        url = server.url .. ("/a_long_path_that_is_none"):rep(times) })
    end
    for _, width in ipairs{ 360, 390, 800, 1280 } do
      for _, hash in ipairs{ "#/requests", width > 736 and "#/requests/"
          .. control("GET", "requests?limit=1").newest or nil } do
        local browser = browse({ width = width, height = 800,
          mobile = width < 736 }, hash)
        browser:wait("return document.querySelectorAll('td.endpoint').length > "
          .. #endpoints.all)
        assert.equal("", browser:run(BROKEN), width .. " " .. hash)
        assert.is_true(browser:run("const page = document.documentElement;"
          .. "return page.scrollWidth <= page.clientWidth"),
          width .. " " .. hash)
      end
    end
  end)
end)
