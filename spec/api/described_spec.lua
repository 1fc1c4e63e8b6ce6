-- Without this a described field can be left out of what is sent, or one
-- without sense be described.
--
-- Requests are made of descriptions alone: whatever an endpoint's description
-- lists reaches the wire, by every method that takes it.

local canary = require "spec.support.canary"
local core = require "wxbot.core"
local enter = require "spec.support.anew".enter
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

-- The library, loaded anew with those in every description.
local function load_anew()
  local leave = enter()
  local endpoints = require "wxbot.api"
  for _, endpoint in ipairs(endpoints.all) do
    add_to(endpoint.request)
  end
  local anew = { endpoints = endpoints, jwt = require "wxbot.codec.jwt",
    bot = require "wxbot.client.bot", v2 = require "wxbot.client.v2", wires = {} }
  for _, endpoint in ipairs(endpoints.all) do
    anew.wires[endpoint] = require("wxbot.call.wire." .. endpoint.wire)
  end
  leave()
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
  elseif field.type == "file" then
    return { name = "m.jpg", data = "\255\216\255" }
  elseif field.type == "object" and not field.fields then
    return { q = "v_" .. field.name }
  elseif field.type == "list" and not field.fields then
    return field.of == "string" and { "v_1", "v_2" } or { 1, 2 }
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

-- What every endpoint takes for an answer, and what it follows for its end.
local function answer_to_all()
  local answer = { code = 0, errcode = 0, ret = 0,
    data = { access_token = "ACCESS" } }
  for _, endpoint in ipairs(anew.endpoints.all) do
    local waiter, given = endpoint.waiter or {},
      endpoint.payload and answer.data or answer
    local needed = {}
    for _, name in ipairs(endpoint.requires_any or {}) do
      needed[name] = true
    end
    for _, field in ipairs(endpoint.response) do
      local name = field.name
      if not endpoint.internal and (field.required or needed[name]) then
        given[name] = name == waiter.state and waiter.success
          or given[name] or value_of(field)
      end
    end
  end
  return assert(json.encode(answer))
end

local ANSWER = answer_to_all()

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
      for name, value in asked[i].url:gmatch("&(%w+)=(%w+)") do
        params[name] = value
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

describe("every described field reaches the wire", function()
  for kind, methods in pairs{ bot = anew.bot.methods, v2 = anew.v2.methods } do
    for _, method in ipairs(methods) do
      local endpoint = method.endpoint
      it(("through %s:%s"):format(kind, method.name), function()
        local client, asked = client_of(kind)
        local values = values_of(endpoint.request)
        for _, field in ipairs(method.kind == "dialogue" and method.own or {}) do
          values[field.name], values.signature = value_of(field), nil
        end
        local result = assert(client[method.name](client, values))
        if type(result) == "function" then
          result()
        end
        assert_sent(endpoint, values, received(endpoint, asked))
      end)
    end
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
    for _, field in ipairs(anew.endpoints.field(anew.bot.methods, "ask").fields) do
      assert.is_nil(seen[field.name], field.name)
      seen[field.name] = true
    end
  end)
end)

describe("a description", function()
  local api = require "wxbot.api"

  local function refused(more, without)
    local description = { name = "x", summary = "s", source = "https://x",
      path = "/x", repeats = "never", request = {}, response = {} }
    for name, member in pairs(more) do
      description[name] = member
    end
    description[without or ""] = nil
    local ok, message = pcall(api.check, "wxbot.api.v1.x", description)
    return not ok and message
  end

  local function field(more)
    more.name, more.type, more.doc = "a", more.type or "string", "d"
    return { more }
  end

  it("is refused when its method has the name of another", function()
    local methods = require "wxbot.client.methods"
    local first = { name = "a", request = {}, waiter = { name = "wait_a", id = "i" } }
    assert.has_error(function() methods.of{ first, { name = "wait_a", request = {} } } end,
      "wait_a and a: two methods are called wait_a")
  end)

  for message, more in pairs{
    ["wxbot.api.v1.x: unknown member sumary"] = { sumary = "s" },
    ["wxbot.api.v1.x.waiter: unknown member pause"] = {
      waiter = { name = "wait_x", pause = 1 } },
    ["wxbot.api.v1.x.waiter: no member what"] = { waiter = { name = "wait_x" } },
    ["wxbot.api.v1.x.waiter: no field id"] = { waiter = { name = "wait_x",
      what = "x", id = "id", state = "a", pending = { 1 }, success = 2 } },
    ["wxbot.api.v1.x.batch: no member what"] = { batch = { name = "xs" } },
    ["wxbot.api.v1.x.batch: no field b"] = { batch = { name = "xs", what = "x",
      field = "b", done = "sent", size = 1 } },
    ["wxbot.api.v1.x.batch.replace: no member field"] = {
      request = field{}, batch = { name = "xs", what = "x", field = "a",
        done = "sent", size = 1, replace = {} } },
    ["wxbot.api.v1.x.pages: no member what"] = { pages = { name = "xs" } },
    ["wxbot.api.v1.x.supersedes: no field category"] = {
      supersedes = { "category" } },
    ["wxbot.api.v1.x.supersedes: no field rows"] = {
      supersedes = { each = "rows" } },
    ["wxbot.api.v1.x: unknown repeats read"] = { repeats = "read" },
    ["wxbot.api.v1.x.request.a: unknown type strnig"] = {
      request = field{ type = "strnig" } },
    ["wxbot.api.v1.x.batch: unknown member bytes"] = { batch = { bytes = 1 } },
    ["wxbot.api.v1.x.batch.replace: unknown member with"] = {
      request = field{}, batch = { name = "xs", what = "x", field = "a",
        done = "sent", size = 1, replace = { with = {} } } },
    ["wxbot.api.v1.x.pages: unknown member 1"] = { pages = { "offset" } },
    ["wxbot.api.v1.x.dialogue: unknown member sign"] = {
      dialogue = { sign = true } },
    ["wxbot.api.v1.x.request.a: unknown member requird"] = {
      request = field{ requird = true } },
    ["wxbot.api.v1.x.response.a.a: unknown member apart"] = {
      response = field{ type = "object", fields = field{ apart = true } } },
    ["wxbot.api.v1.x.envelope.a: unknown member part"] = {
      envelope = field{ part = "path" } },
    ["wxbot.api.v1.x.request.b: no member doc"] = {
      request = { { name = "b", type = "string" } } },
  } do
    it("is refused: " .. message, function()
      assert.equal(message, refused(more))
    end)
  end

  it("is refused without what every one has", function()
    assert.is_false(refused{})
    assert.equal("wxbot.api.v1.x: no member source", refused({}, "source"))
  end)

  it("is refused when it is loaded", function()
    local leave, module = enter(), "wxbot.api.v1.sign"
    package.preload[module] = function() return { name = "sign", pat = "/" } end
    local ok, message = pcall(require, "wxbot.api")
    package.preload[module] = nil
    leave()
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
