--- What the platform says to the credentials.
--
-- Every call here reads, but for one question, which is asked only where the
-- platform's own signature leaves open whether aes_key is right: it goes to the
-- test environment, by a user of its own.

local config = require "wxbot.cli.config"
local general = require "wxbot.cli.hints"
local interrupt = require "wxbot.cli.interrupt"
local output = require "wxbot.cli.output"
local wxbot = require "wxbot"

local error, ipairs, type = error, ipairs, type
local floor, huge = math.floor, math.huge

-- Who asks; no user of the bot's is called so.
local NOBODY = "wxbot-doctor"

local BUSY = "the platform is busy: try again later"

local CONSOLE = config.console

local function options_of(exam, names)
  local options = { base_url = exam.session:base_url(), timeout = exam.timeout,
    transport = exam.transport, retry = false,
    on_call = exam.options.verbose and output.attempt or nil,
    clock = function() return exam.session:time() end }
  for _, name in ipairs(names) do
    options[name] = exam.given[name]
  end
  return options
end

local function bot_of(exam, names)
  return wxbot.new(options_of(exam, names))
end

-- What to do about what comes from elsewhere than the platform's programs.
local OTHERWISE = {
  protocol = "is it the platform that answers? Check --base-url, and whether a "
    .. "proxy is needed here",
  unavailable = BUSY,
}

-- What a failed call comes to: the hint is that of its code.
local function failure(err, hints)
  if interrupt.caused(err) then
    error(err, 0)
  end
  local code = err.kind == "platform" and type(err.code) == "number"
    and (" (%d)"):format(err.code) or ""
  return "fail", err.message .. code, hints[err.code] or err.hint
    or OTHERWISE[err.kind]
end

-- ----------------------------------------------------------------- signatures

local SIGN = {
  [1001] = "the token is that of no bot: copy it anew from " .. CONSOLE,
  [1002] = general[1002],
}

local function sign(exam)
  local bot, err = bot_of(exam, { "token" })
  local answer
  if bot then
    answer, err = bot:sign{ userid = NOBODY }
  end
  if not answer then
    return failure(err, SIGN)
  end
  exam.own_signature = answer.signature
  return "ok", "the platform knows the token and signs"
end

local KEY = "copy aes_key (EncodingAESKey) anew from " .. CONSOLE

-- The platform signs with the same key, as its documents have it: then its own
-- signature tells whether the key here is right, and nobody has to be asked.
local function is_proven(exam)
  return wxbot.jwt.decode(exam.own_signature, exam.given.aes_key,
    { leeway = huge }) ~= nil
end

local function ask(exam)
  local now, key = floor(exam.session:time()), exam.given.aes_key
  local bot, err = bot_of(exam, { "token" })
  if not bot then
    return nil, err
  end
  return bot:aibot{ query = "你好", env = "debug", signature = wxbot.jwt.encode(
    { userid = NOBODY, iat = now, exp = now + 600 }, key) }
end

local function refused(exam)
  if exam.off then
    return "fail", "the platform refuses what is signed here (1005), and does "
      .. "not sign with this aes_key", "set the clock first; then " .. KEY
  elseif exam.found.clock == "ok" then
    return "fail", "aes_key is wrong: the platform refuses what is signed with "
      .. "it (1005), and the clock is right", KEY
  end
  return "fail", "the platform refuses what is signed here (1005)",
    "look at the clock of this machine; if it is right, " .. KEY
end

local function signature(exam)
  local is_right = is_proven(exam)
  if is_right and exam.off then
    return "missing", "needs clock; aes_key is right"
  elseif is_right then
    return "ok", "the platform signs with the same aes_key"
  end
  local reply, err = ask(exam)
  if reply then
    return "ok", "the platform takes what is signed here"
  elseif err.code == 1005 then
    return refused(exam)
  end
  return failure(err, SIGN)
end

-- -------------------------------------------------------------------- messages

-- The platform says these of a message before it looks at what is in it.
local SEALED = {
  [-1] = BUSY,
  [1001] = SIGN[1001],
  [1002] = SIGN[1002],
  [1010] = "appid is that of another bot: copy it anew from " .. CONSOLE,
  [1013] = "what arrives is not what was sent: does a proxy or a gateway on the "
    .. "way change it?",
  [1019] = KEY,
}

local WITH_RIGHT_KEY = "aes_key is right (see signature): is the open API "
  .. "enabled for the bot, and appid its own? See " .. CONSOLE

-- Sealed and opened here: so much does not need the platform.
local function round_trip(exam)
  local crypt, err = wxbot.msgcrypt(exam.given.aes_key, exam.given.appid)
  local sealed, text
  if crypt then
    sealed, err = crypt:encrypt("你好")
    text = sealed and crypt:decrypt(sealed)
    crypt:close()
  end
  return text == "你好", err
end

local function sealed(exam)
  local works, err = round_trip(exam)
  if not works then
    return "fail", err and err.message or "what is sealed here does not open",
      "is the OpenSSL library in order?"
  end
  local bot, state
  bot, err = bot_of(exam, { "token", "aes_key", "appid" })
  if bot then
    state, err = bot:kefustate_get{ appid = "wx0000000000000000",
      openid = NOBODY }
  end
  if err and err.code == 1019 and exam.found.signature == "ok" then
    return failure(err, { [1019] = WITH_RIGHT_KEY })
  elseif not state and (err.kind ~= "platform" or SEALED[err.code]) then
    return failure(err, SEALED)
  end
  -- There is no such account; the platform has opened the message to say so.
  return "ok", "the platform opens what is sealed here"
end

local ADMINISTRATOR = {
  [-1] = BUSY,
  [1015] = "managerid is the id of the bot's creator or of an administrator "
    .. "(管理 → 基础设置 → 成员权限 → 用户ID), not an openid of WeChat",
}

local function administrator(exam)
  local bot, err = bot_of(exam, { "token", "aes_key", "appid" })
  local progress
  if bot then
    progress, err = bot:publish_progress{
      managerid = exam.options.managerid or exam.given.managerid }
  end
  if not progress and (err.kind ~= "platform" or ADMINISTRATOR[err.code]) then
    return failure(err, ADMINISTRATOR)
  end
  return "ok", "an administrator of the bot"
end

-- ------------------------------------------------------------- other interfaces

local function v2(exam)
  if not exam.options.v2 then
    return "skip", "--v2 looks at it"
  end
  local options = options_of(exam, { "appid", "token" })
  options.account = exam.options.managerid or exam.given.managerid
  local client, err = wxbot.v2(options)
  local progress
  if client then
    progress, err = client:progress{ env = "online" }
  end
  if not progress then
    return failure(err, {
      sign = exam.off and "set the clock: the time is part of what is signed"
        or "do appid and token belong to one bot? See " .. CONSOLE,
      [210202] = "managerid must be the id of an administrator of the bot; "
        .. "then look at the token",
    })
  end
  return "ok", "the platform gives an access token and takes it"
end

local NEWER = "get a new one; a newer one ends it, so that only one program "
  .. "should fetch it (wxbot.access_token)"

local ACCOUNT = {
  [40001] = NEWER,
  [40014] = "it is cut off, or not an access token: copy it anew",
  [42001] = "it lives for two hours: get a new one",
  [48001] = general[48001],
  [40164] = general[40164],
  [45009] = general[45009],
}

local function account(exam)
  local bot, err = bot_of(exam, { "access_token" })
  local answer
  if bot then
    answer, err = bot:freepublish_batchget{ offset = 0, count = 1,
      no_content = 1 }
  end
  if not answer then
    return failure(err, ACCOUNT)
  end
  return "ok", "the account takes the access token"
end

return {
  { name = "sign", needs = { "token", "connect", "tls" }, run = sign },
  { name = "signature", needs = { "sign", "aes_key" }, run = signature },
  { name = "sealed", needs = { "sign", "aes_key", "appid" }, run = sealed },
  { name = "v2", needs = { "appid", "token", "connect", "tls" }, run = v2 },
  { name = "administrator", needs = { "managerid", "sealed" },
    run = administrator },
  { name = "account", needs = { "access_token", "connect", "tls" },
    run = account },
}
