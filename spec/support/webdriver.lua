-- Chromium, without a window, driven over WebDriver: what a person does with a
-- page, and what they see.
--
-- `teardown(webdriver.quit_all)`, before spec.server.start stops everything.
local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local M = {}

-- The name that WebDriver gives to the reference of an element.
local ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
-- Seconds in which a page has to become what is waited for.
local PATIENCE = 15

--- Keys that have no character.
M.ENTER, M.TAB, M.ESCAPE = "\238\128\135", "\238\128\132", "\238\128\140"
M.RIGHT, M.DOWN = "\238\128\148", "\238\128\149"

local function program(...)
  for _, name in ipairs{ ... } do
    local path = start.output_of("command -v " .. name):match("[^\n]+")
    if path then
      return path
    end
  end
end

--- Why there is no browser here; nil where there is one.
function M.missing()
  if not program("chromium", "chromium-browser", "google-chrome") then
    return "there is no chromium"
  elseif not program("chromedriver") then
    return "there is no chromedriver (Debian: chromium-driver)"
  end
end

local Browser = {}
Browser.__index = Browser

local transport = wxbot.curl{}

-- Asks chromedriver; raises what it complains of.
local function ask(url, method, path, body)
  local response = assert(transport:request{ method = method,
    url = url .. path, timeout = 60, max_body = 2 ^ 25,
    headers = { ["content-type"] = "application/json" },
    body = body and json.encode(body) })
  local value = assert(json.decode(response.body)).value
  if response.status ~= 200 then
    error(("%s %s: %s"):format(method, path, value and value.message), 0)
  end
  return value
end

local function capabilities(folder)
  local args = { "--headless=new", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--no-sandbox", "--user-data-dir=" .. folder,
    "--window-size=1280,900" }
  return { capabilities = { alwaysMatch = {
    browserName = "chrome",
    ["goog:loggingPrefs"] = { browser = "ALL" },
    ["goog:chromeOptions"] = { args = args,
      binary = program("chromium", "chromium-browser", "google-chrome") },
  } } }
end

-- It takes a free port of IPv6, which somebody may have in IPv4.
local function start_driver()
  local driver, port
  for _ = 1, 10 do
    driver = start.run("chromedriver --port=0")
    repeat
      local line = driver:line()
      port = line and line:match("started successfully on port ([0-9]+)")
    until port or not line
    if port then
      return driver, "http://127.0.0.1:" .. port
    end
    driver:stop()
  end
  error("chromedriver does not start:\n" .. table.concat(driver.lines, "\n"))
end

local browsers = {}

--- Starts a browser of its own.
---@return table browser
function M.start()
  local self = setmetatable({ folder = start.output_of("mktemp -d"):match("[^\n]+") },
    Browser)
  browsers[self] = true
  self.driver, self.url = start_driver()
  self.session = ask(self.url, "POST", "/session",
    capabilities(self.folder)).sessionId
  self.agent = self:run("return navigator.userAgent")
  return self
end

--- Ends it.
function Browser:quit()
  if browsers[self] then
    browsers[self] = nil
    if self.session then
      pcall(ask, self.url, "DELETE", "/session/" .. self.session)
    end
    if self.driver then
      self.driver:stop()
    end
    start.remove_folder(self.folder)
  end
end

--- Ends all of them, also after a failure.
function M.quit_all()
  for browser in pairs(browsers) do
    browser:quit()
  end
end

function Browser:ask(method, path, body)
  return ask(self.url, method, "/session/" .. self.session .. path, body)
end

-- A command of Chromium's own protocol.
function Browser:cdp(name, params)
  return self:ask("POST", "/goog/cdp/execute",
    { cmd = name, params = params or {} })
end

--- Makes it that of somebody who has never been here.
---@param options table|nil language ("en"), width and height (1280, 900), mobile, dark
function Browser:become(options)
  options = options or {}
  self:cdp("Storage.clearDataForOrigin", { origin = "*", storageTypes = "all" })
  self:cdp("Emulation.setUserAgentOverride", { userAgent = self.agent,
    acceptLanguage = options.language or "en" })
  self:cdp("Emulation.setDeviceMetricsOverride", {
    width = options.width or 1280, height = options.height or 900,
    mobile = options.mobile or false,
    deviceScaleFactor = options.mobile and 2 or 1 })
  self:cdp("Emulation.setEmulatedMedia", { features = json.list{
    { name = "prefers-color-scheme",
      value = options.dark and "dark" or "light" } } })
end

function Browser:go(url)
  self:ask("POST", "/url", { url = url })
end

function Browser:refresh()
  self:ask("POST", "/refresh", {})
end

--- Runs JavaScript in the page: the body of a function, and its arguments.
function Browser:run(script, ...)
  return self:ask("POST", "/execute/sync", { script = script,
    args = json.list{ ... } })
end

--- Waits until JavaScript gives something that is true there; returns it.
function Browser:wait(script, ...)
  local value = self:ask("POST", "/execute/async", {
    script = [[
      const done = arguments[arguments.length - 1];
      const ends = Date.now() + arguments[0] * 1000;
      const given = [...arguments].slice(2, -1);
      const run = new Function(arguments[1]);
      (function look() {
        let value = null;
        try { value = run(...given) || null; } catch (e) { value = null; }
        if (value || Date.now() > ends) done({ value });
        else setTimeout(look, 30);
      })();]],
    args = json.list{ PATIENCE, script, ... } }).value
  if value == nil then
    error("waited in vain for " .. script .. "\n" .. self:text("body"), 2)
  end
  return value
end

--- Waits until an element's text has a part.
function Browser:sees(css, part)
  return self:wait([[
    const part = arguments[1];
    return [...document.querySelectorAll(arguments[0])].some((element) =>
      element.textContent.includes(part));]], css, part)
end

--- The text of the first element, as it stands in the page.
function Browser:text(css)
  return self:run("return document.querySelector(arguments[0])?.textContent",
    css)
end

local function element(self, css)
  self:wait("return document.querySelector(arguments[0])", css)
  return self:ask("POST", "/element", { using = "css selector",
    value = css })[ELEMENT]
end

function Browser:click(css)
  self:ask("POST", "/element/" .. element(self, css) .. "/click", {})
end

--- Clicks the first of these elements whose text is that.
function Browser:press(css, text)
  self:wait([[
    const found = [...document.querySelectorAll(arguments[0])].find((one) =>
      one.textContent.trim() === arguments[1]);
    found?.click();
    return found !== undefined;]], css, text)
end

--- Puts a text, any characters, where it would be typed.
function Browser:type(css, text)
  self:wait("const e = document.querySelector(arguments[0]); e?.focus();"
    .. "e?.select?.(); return document.activeElement === e", css)
  self:cdp("Input.insertText", { text = text })
end

--- Presses keys, one after the other, wherever the focus is.
function Browser:keys(keys)
  local actions = {}
  for key in keys:gmatch("[\1-\127\194-\244][\128-\191]*") do
    actions[#actions + 1] = { type = "keyDown", value = key }
    actions[#actions + 1] = { type = "keyUp", value = key }
  end
  self:ask("POST", "/actions", { actions = json.list{
    { type = "key", id = "keyboard", actions = json.list(actions) } } })
end

--- What the page's console has said since it was last asked: errors, and what
-- the policy of the page has refused.
function Browser:complaints()
  local list = {}
  for _, entry in ipairs(self:ask("POST", "/se/log", { type = "browser" })) do
    if entry.level == "SEVERE" or entry.level == "WARNING" then
      list[#list + 1] = entry.message
    end
  end
  return list
end

--- Writes what it shows, as PNG.
function Browser:screenshot(path)
  local file = assert(io.open(path, "wb"))
  file:write(core.base64_decode(self:ask("GET", "/screenshot")))
  file:close()
end

return M
