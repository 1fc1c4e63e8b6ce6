--- receive: what takes pushes.

local api = require "wxbot.api"
local config = require "wxbot.cli.config"
local errors = require "wxbot.util.errors"
local fields = require "wxbot.api.fields"
local json = require "wxbot.codec.json"
local listening = require "wxbot.cli.listening"
local output = require "wxbot.cli.output"
local push = require "wxbot.sandbox.push"
local redis_url = require "wxbot.serve.redis_url"
local sessions = require "wxbot.cli.session"
local wxbot = require "wxbot"

local assert = assert

local PORT = 8081

local RECEIVE = fields.list(listening.fields(PORT), {
  { name = "kind", type = "string", enum = push.kinds,
    doc = "Which pushes come (default kefu). What FILE's function returns to one "
      .. "of official_account or service is the reply in the response; that of "
      .. "third_party gets (message, component, bot): the source of the "
      .. "platform's token, which has taken the message, and a bot of the "
      .. "account that the message names" },
  { name = "pusher", type = "string", arg = "FILE",
    doc = "JSON file with appid, token and aes_key of who pushes, if they are "
      .. "not the bot's: those of an official account; of a third-party platform "
      .. "secret, too" },
  { name = "plain", type = "boolean",
    doc = "official_account: pushes come in the clear, as those of test accounts "
      .. "do" },
  { name = "inbox", type = "string", arg = "PATH|URL",
    doc = "File that keeps each push until it has been handled, for its owner "
      .. "alone; made when there is none. Or redis://HOST:PORT/DB, for many "
      .. "machines. Without it a push that is answered and "
      .. "not handled yet is lost when this ends" },
  { name = "fsync", type = "boolean",
    doc = "--inbox: a push is on the disk before it is answered, so that a power "
      .. "cut loses none; each then waits for the disk, milliseconds" },
  { name = "state", type = "string", arg = "FILE",
    doc = "third_party: file that keeps ticket and tokens for the next start, for "
      .. "its owner alone" },
  { name = "path", type = "string", arg = "PATH",
    doc = "Where pushes come to (default /push); in service, one that nobody "
      .. "can guess" },
  { name = "window", type = "number", arg = "SECONDS",
    doc = "Seconds: refuse what is older by its createtime, or has none "
      .. "(default: refuse nothing); of other kinds, by what is signed (default "
      .. "300)" },
  { name = "behind_proxy", type = "boolean",
    doc = "A proxy stands in front, and nothing else can come here: it names "
      .. "the peer last in X-Forwarded-For" },
})

-- A bot says itself what it lacks when it is called.
local BOT = { v1 = { fields = {}, needs = {} } }

-- What receivers of a kind cannot do without.
local NEEDS = {
  kefu = { "appid", "token", "aes_key" },
  official_account = { "appid", "token", "aes_key" }, service = {},
  third_party = { "appid", "token", "aes_key", "secret" },
}

local function base_url(session)
  return session:base_url() or api.hosts.chatbot
end

-- One proxy serves all calls; inside nginx it must be one of HTTP.
local function proxy_of(session)
  local proxy = session:proxy(base_url(session))
  if proxy and proxy.scheme ~= "http" then
    assert(errors.invalid(("receive takes http:// proxies only, not %s")
      :format(proxy.shown), "proxy"))
  end
  return proxy and proxy.url
end

local function read_pusher(session)
  local path = session.options.pusher
  local pusher = assert(config.read(path))
  sessions.warn_if_exposed(path, session.json)
  output.hide(pusher.token)
  output.hide(pusher.aes_key)
  output.hide(pusher.secret)
  return pusher
end

-- The credentials of who pushes, if it has its own. A receiver is made here, too,
-- so that what cannot be one is known at once.
local function pusher_of(session)
  local options, kind = session.options, session.options.kind or "kefu"
  if options.plain and kind ~= "official_account" then
    assert(errors.invalid("--plain is for --kind official_account", "usage"))
  elseif options.state and kind ~= "third_party" then
    assert(errors.invalid("--state is for --kind third_party", "usage"))
  elseif options.fsync and (not options.inbox
      or redis_url.is_url(options.inbox)) then
    assert(errors.invalid("--fsync is for --inbox FILE", "usage"))
  elseif redis_url.is_url(options.inbox) then
    assert(redis_url.read(options.inbox))
  end
  local pusher = options.pusher and read_pusher(session)
  local given = pusher
    or session:need(options.plain and { "token" } or NEEDS[kind])
  if kind == "third_party" then
    assert(config.check(given, NEEDS[kind], true))
  end
  assert(wxbot.receiver{ kind = kind, appid = given.appid, token = given.token,
    aes_key = given.aes_key, plain = options.plain }):close()
  return pusher
end

-- The bot that nginx makes again, as JSON; made here, too, so that what cannot
-- be one is known at once.
local function account_of(session)
  local pusher = pusher_of(session)
  session:client(BOT)
  local given = session.credentials
  return assert(json.encode{ proxy = proxy_of(session), pusher = pusher,
    verbose = session.options.verbose, appid = given.appid, token = given.token,
    aes_key = given.aes_key, access_token = given.access_token,
    secret = given.secret, base_url = session:base_url(),
    redis_password = given.redis_password,
    timeout = session.options.timeout })
end

-- nginx makes one / of two, and follows . and .. before it compares.
local function is_path(path)
  return path:find("^/[A-Za-z0-9_.~/-]*$") ~= nil
    and not path:find("//", 1, true) and not (path .. "/"):find("/%.%.?/")
end

local function receive(session)
  local options = session.options
  local path = options.path or "/push"
  if not is_path(path) then
    assert(errors.invalid("--path begins with / and has letters, digits and "
      .. "_ . ~ - / only, and no part that is empty, . or ..", "path"))
  end
  listening.run(session, PORT, {
    service = "receiver", handler = options.file, path = path,
    kind = options.kind or "kefu", plain = options.plain,
    state = options.state, ca_file = options.ca_file,
    behind_proxy = options.behind_proxy, window = options.window,
    inbox = options.inbox, fsync = options.fsync,
    account = account_of(session),
    tls_calls = base_url(session):find("^https:") ~= nil,
  }, function(url, is_loopback)
    if (options.kind or "kefu") == "kefu" and not options.path
        and not (is_loopback and not options.behind_proxy) then
      output.note("warning: these pushes are not signed: --path should be one "
        .. "that nobody can guess")
    end
    if not options.inbox then
      output.note("without --inbox: a push that is answered and not handled "
        .. "yet is lost when this ends")
    end
    session:show({ url = url }, nil, function()
      output.print("url: " .. url)
      output.print("stop: Ctrl-C")
    end)
  end)
end

return {
  { name = "receive", summary = "Receive pushes, with nginx",
    doc = "FILE returns a function (message, bot), which is called for each "
      .. "message: when the push has been answered, or to answer it (--kind). It "
      .. "runs on LuaJIT. Ctrl-C ends it.",
    prints = "the url that pushes come to",
    json = { { name = "url", doc = "Where pushes come to" } },
    arguments = { { name = "file", doc = "Lua file of the function" } },
    fields = RECEIVE, run = receive },
}
