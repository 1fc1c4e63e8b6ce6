-- Requests are made of descriptions alone: whatever an endpoint's description
-- lists reaches the wire, by every method that takes it.

local canary = require "spec.support.canary"
local core = require "wxbot.core"
local json = require "wxbot.codec.json"

local APPID = canary.documented.appid
local TOKEN = canary.documented.token
local AES_KEY = canary.documented.aes_key

-- What the descriptions do not have yet, one of each type.
local ADDED = {
  { name = "added_text", type = "string", doc = "d" },
  { name = "added_number", type = "integer", doc = "d" },
  { name = "added_flag", type = "boolean", doc = "d" },
  { name = "added_texts", type = "list", of = "string", doc = "d" },
  { name = "added_rows", type = "list", of = "object", doc = "d", fields = {
    { name = "added_inside", type = "string", doc = "d" } } },
}

local function add_to(fields)
  for _, field in ipairs(fields) do
    if field.fields then
      add_to(field.fields)
    end
  end
  for _, field in ipairs(ADDED) do
    fields[#fields + 1] = field
  end
end

-- Takes what is written in Lua out of the loaded modules.
local function unload()
  local taken = {}
  for name, module in pairs(package.loaded) do
    if name:find("^wxbot%f[.%z]") and name ~= "wxbot.core"
        and name ~= "wxbot.curl" then
      taken[name], package.loaded[name] = module, nil
    end
  end
  return taken
end

-- The library, loaded anew with those in every description.
local function load_anew()
  local kept = unload()
  local endpoints = require "wxbot.api"
  for _, endpoint in ipairs(endpoints.all) do
    add_to(endpoint.request)
  end
  local anew = { endpoints = endpoints, jwt = require "wxbot.codec.jwt",
    bot = require "wxbot.client.bot", v2 = require "wxbot.client.v2", wires = {} }
  for _, endpoint in ipairs(endpoints.all) do
    anew.wires[endpoint] = require("wxbot.call.wire." .. endpoint.wire)
  end
  unload()
  for name, module in pairs(kept) do
    package.loaded[name] = module
  end
  return anew
end

local anew = load_anew()
local by_name = anew.endpoints.by_name

local function value_of(field)
  if field.type == "string" then
    return field.enum and field.enum[#field.enum] or "v_" .. field.name
  elseif field.type == "integer" then
    return field.max or 7
  elseif field.type == "boolean" then
    return true
  elseif field.type == "object" and not field.fields then
    return { q = "v_" .. field.name }
  elseif field.type == "list" and not field.fields then
    return { "v_1", "v_2" }
  end
  local object = {}
  for _, inner in ipairs(field.fields) do
    object[inner.name] = value_of(inner)
  end
  return field.type == "list" and { object } or object
end

-- Values of all fields; one that takes the place of another is left out.
local function values_of(fields)
  local values, taken = {}, {}
  for _, field in ipairs(fields) do
    taken[field.required_unless or ""] = true
  end
  for _, field in ipairs(fields) do
    values[field.name] = not taken[field.name] and value_of(field) or nil
  end
  return values
end

-- In XML everything is a text.
local function as_text(value)
  if type(value) ~= "table" then
    return type(value) == "number" and ("%d"):format(value) or tostring(value)
  end
  local texts = {}
  for name, member in pairs(value) do
    texts[name] = as_text(member)
  end
  return texts
end

local ANSWER = assert(json.encode{ code = 0, errcode = 0, ret = 0,
  signature = "s", publish_id = "1", publish_status = 0, total_count = 0,
  kefustate = "on", news_item = json.list{}, data = { task_id = "T", state = 2,
    status = 1, access_token = "ACCESS" } })

-- A client of a kind on a transport that keeps what it was asked.
local function client_of(kind, more)
  local asked = {}
  local options = { appid = APPID, token = TOKEN, aes_key = AES_KEY,
    access_token = kind == "bot" and "ACCESS" or nil, sign = more,
    transport = { request = function(_, request)
      asked[#asked + 1] = request
      return { status = 200, headers = {}, body = ANSWER }
    end, sleep = function() end, now = os.clock } }
  return assert(anew[kind].new(options)), asked
end

local KEYS = { crypt = core.msgcrypt(AES_KEY), raw = core.rawcrypt(AES_KEY),
  appid = APPID, aes_key = AES_KEY, time = os.time }

-- What came of the last request of an endpoint, as the platform reads it.
local function received(endpoint, asked)
  local pattern = endpoint.path:gsub("[%-.]", "%%%0"):gsub("{%w+}", "([^/?]+)")
  for i = #asked, 1, -1 do
    local part = asked[i].url:match(pattern)
    if part then
      local params = assert(anew.wires[endpoint].decode_request(endpoint,
        asked[i].body, asked[i].headers, KEYS))
      if endpoint.path_field then
        params[endpoint.path_field] = part
      end
      return params
    end
  end
  error("there was no request of " .. endpoint.name)
end

local function assert_sent(endpoint, values, params, without)
  for _, field in ipairs(endpoint.request) do
    local name = field.name
    if values[name] ~= nil and name ~= without then
      assert.same(as_text(values[name]), as_text(params[name]), name)
    end
  end
end

-- Methods above the endpoints, with those whose fields they take.
local ABOVE = {
  bot = { tag = "label_batchset", import = "batchimportskill",
    publications = "freepublish_batchget", wait_task = "task_fetch",
    wait_publication = "freepublish_get",
    wait_bot_publish = "publish_progress", ask = "aibot" },
  v2 = { ask = "v2_query", import = "v2_import_json",
    wait_task = "v2_fetch", wait_bot_publish = "v2_progress" },
}

describe("every described field reaches the wire", function()
  for kind, list in pairs{ bot = anew.endpoints.list, v2 = anew.endpoints.v2 } do
    for _, endpoint in ipairs(list) do
      local method = anew.endpoints.method_of(endpoint)
      it(("through %s:%s"):format(kind, method), function()
        local client, asked = client_of(kind)
        local values = values_of(endpoint.request)
        assert(client[method](client, values))
        assert_sent(endpoint, values, received(endpoint, asked))
      end)
    end

    for method, name in pairs(ABOVE[kind]) do
      it(("through %s:%s"):format(kind, method), function()
        local client, asked = client_of(kind)
        local endpoint, more = by_name[name], by_name.sign.request
        local values = values_of(endpoint.request)
        if name == "aibot" then
          values.signature = nil
          for field, value in pairs(values_of(more)) do
            values[field] = value
          end
        end
        local result = assert(client[method](client, values))
        if type(result) == "function" then
          result()
        end
        assert_sent(endpoint, values, received(endpoint, asked))
      end)
    end

    it("through every other method of " .. kind, function()
      for method in pairs(anew[kind].fields) do
        assert.truthy(ABOVE[kind][method], method)
      end
    end)
  end

  for _, where in ipairs{ "local", "remote" } do
    it("through a signature that is made " .. where, function()
      local bot, asked = client_of("bot", where)
      local values = values_of(by_name.sign.request)
      values.query = "q"
      assert(bot:ask(values))
      local claims = where == "remote" and received(by_name.sign, asked)
        or assert(anew.jwt.decode(
          received(by_name.aibot, asked).signature, AES_KEY))
      assert_sent(by_name.sign, values, claims)
    end)
  end

  it("once, where two descriptions have the same", function()
    local seen = {}
    for _, field in ipairs(anew.bot.fields.ask) do
      assert.is_nil(seen[field.name], field.name)
      seen[field.name] = true
    end
  end)
end)

describe("a description", function()
  local api = require "wxbot.api"

  local function refused(description)
    local ok, message = pcall(api.check, "wxbot.api.v1.x", description)
    assert.is_false(ok)
    return message
  end

  for message, description in pairs{
    ["wxbot.api.v1.x: unknown member sumary"] = { sumary = "s" },
    ["wxbot.api.v1.x.waiter: unknown member pause"] = {
      waiter = { name = "wait_x", pause = 1 } },
    ["wxbot.api.v1.x.batch: unknown member bytes"] = { batch = { bytes = 1 } },
    ["wxbot.api.v1.x.pages: unknown member 1"] = { pages = { "offset" } },
    ["wxbot.api.v1.x.dialogue: unknown member sign"] = {
      dialogue = { sign = true } },
    ["wxbot.api.v1.x.request.a: unknown member requird"] = {
      request = { { name = "a", requird = true } } },
    ["wxbot.api.v1.x.response.a.b: unknown member apart"] = {
      response = { { name = "a", fields = { { name = "b", apart = 1 } } } } },
    ["wxbot.api.v1.x.envelope.a: unknown member part"] = {
      envelope = { { name = "a", part = "path" } } },
  } do
    it("is refused for an " .. message:match("unknown.*") .. " of "
      .. message:match("x.-:"), function()
        assert.equal(message, refused(description))
      end)
  end

  it("is refused when it is loaded", function()
    local kept, module = unload(), "wxbot.api.v1.sign"
    package.preload[module] = function() return { name = "sign", pat = "/" } end
    local ok, message = pcall(require, "wxbot.api")
    package.preload[module] = nil
    unload()
    for name, loaded in pairs(kept) do
      package.loaded[name] = loaded
    end
    assert.is_false(ok)
    assert.matches("wxbot.api.v1.sign: unknown member pat", message, 1, true)
  end)

  it("has what its API version has, unless it has its own", function()
    assert.equal("chatbot", api.by_name.sign.service)
    assert.equal("json_or_form", api.by_name.sign.wire)
    assert.equal("encrypted_xml", api.by_name.publish.wire)
    assert.is_false(api.by_name.token.query)
    assert.equal("https://openaiapi.weixin.qq.com", api.hosts.v2)
  end)
end)
