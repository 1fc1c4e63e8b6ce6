-- What the sandbox is sent: nothing makes it raise, whoever is at the other
-- end of `wxbot serve`. A client makes each request, so that credentials and
-- signatures are good, and the input takes the place of what it says.
--
-- The first byte of the input chooses the endpoint, the second one whether the
-- rest is the body as it stands or what is encrypted in it; an @ stands for
-- the signature of a user.
local call = require "wxbot.call"
local contexts = require "wxbot.call.context"
local core = require "wxbot.core"
local endpoints = require "wxbot.api"
local v2 = require "wxbot.call.wire.v2"
local wxbot = require "wxbot"

local NOW = 1409735669

-- Little to talk about: each input has a platform of its own.
local SKILLS = { bot = { default_answer = "?" }, skills = {
  { name = "s", intents = { { title = "q", answers = { "1" } },
    { title = "z", follows = "q", answers = { "2" } } } } } }

local calls = {}
for i, endpoint in ipairs(endpoints.all) do
  local golden = dofile("spec/golden/" .. endpoint.name .. ".lua")
  calls[i] = { endpoint = endpoint, params = golden.requests[1].params }
end

local credentials = assert(wxbot.sandbox()):credentials()
local crypt = assert(wxbot.msgcrypt(credentials.aes_key, credentials.appid))
local raw = assert(core.rawcrypt(credentials.aes_key))

local signature = core.hs256(credentials.aes_key):sign(
  ('{"userid":"u","iat":%d,"exp":%d}'):format(NOW, NOW + 60))

-- What the golden requests name.
local function platform()
  local sandbox = wxbot.sandbox{ clock = function() return NOW end,
    random = function() return 1 end, skills = SKILLS,
    admins = { "ADMIN" }, apps = { "APPID", "wxxxxx" }, secret = "APPSECRET" }
  sandbox:add_task{ task_id = "TASK1", prepare = 0, duration = 0 }
  sandbox:add_publication{ publish_id = "100000001", duration = 0,
    article_id = "ARTICLE_ID", articles = { "https://a.test/1" } }
  return sandbox
end

-- The same request, with something else in it.
local function changed(request, endpoint, text, sealed)
  text = text:gsub("@", signature)
  if not request.body then
    request.url = request.url .. "&" .. text
  elseif sealed and endpoint.wire == "v2_query" then
    request.body = raw:encrypt(text)
  elseif sealed then
    request.body = '{"encrypt":"' .. assert(crypt:encrypt(text)) .. '"}'
  else
    request.body = text
  end
  local headers = request.headers
  if headers.sign then
    headers.sign = v2.sign(credentials.token, headers.timestamp,
      headers.nonce, request.body)
  end
end

local function check_response(response)
  assert(type(response.status) == "number")
  assert(type(response.body) == "string")
  assert(type(response.headers["content-type"]) == "string")
end

-- A transport to a new sandbox; what that raises is found in `wrong`.
local function transport_of(endpoint, text, sealed)
  local sandbox = platform()
  local transport = { time = function() return NOW end }
  function transport.request(_, request)
    if endpoint.name == "v2_token" or not request.url:find("/v2/token$") then
      changed(request, endpoint, text, sealed)
    end
    local ok, response = xpcall(sandbox.request, debug.traceback, sandbox,
      request)
    if ok then
      ok, transport.wrong = pcall(check_response, response)
    else
      transport.wrong = response
    end
    return ok and response or nil, "raised"
  end
  return transport
end

local function run(chosen, transport)
  local endpoint, options = chosen.endpoint, { retry = false,
    transport = transport }
  for name, value in pairs(credentials) do
    options[name] = value
  end
  if endpoint.service == "v2" and endpoint.name ~= "v2_token" then
    options.access_token = nil
    local caller = assert(wxbot.v2(options))
    return caller[endpoint.name:sub(4)](caller, chosen.params)
  end
  call.run(assert(contexts.new({}, options)), endpoint, chosen.params)
end

return function(input)
  local which, kind = input:byte(1, 2)
  if not kind then
    return
  end
  local chosen = calls[which % #calls + 1]
  local transport = transport_of(chosen.endpoint, input:sub(3), kind % 2 == 1)
  run(chosen, transport)
  assert(transport.wrong == nil, transport.wrong)
end
