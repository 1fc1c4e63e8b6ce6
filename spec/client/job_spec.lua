-- Without this a job sends again what was confirmed, or twice what must not be,
-- leaves elements out, or ends at the first second of an outage.
local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local folder, path
before_each(function()
  folder = start.output_of("mktemp -d"):match("[^\n]+")
  path = folder .. "/job"
end)
after_each(function()
  start.remove_folder(folder)
end)

-- A sandbox behind a transport whose requests a spec can look at, or refuse:
-- `on_request` returns what request returns, or nothing.
local function sandbox_and_bot(on_request, more)
  local box = assert(wxbot.sandbox{})
  local options = box:credentials()
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  local transport = { sent = {}, slept = 0 }
  options.transport = transport
  function transport.request(_, request)
    local name = request.url:match("/openapi/([a-z]+)")
    transport.sent[#transport.sent + 1] = name
    if on_request then
      local response, err = on_request(request, #transport.sent, box, name)
      if response ~= nil or err then
        return response, err
      end
    end
    return box:handle(request)
  end
  function transport.sleep(_, seconds)
    transport.slept = transport.slept + seconds
    box:sleep(seconds)
  end
  function transport.now() return box:now() end
  function transport.time() return box:time() end
  return box, assert(wxbot.new(options)), transport
end

local function openids(n, first)
  local list = {}
  for i = 1, n do
    list[i] = "o" .. i
  end
  list[1] = "o" .. (first or 1)
  return list
end

local function tag_with(list, more)
  local params = { appid = "wx1", category = "c", label = "l", desc = "d",
    list = list, job = path }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return params
end

local function import_with(n, more)
  local list = {}
  for i = 1, n do
    list[i] = { skillname = "新", title = "题目" .. i, answer = { "答" .. i } }
  end
  local params = { managerid = "admin", skill = list, job = path, batch = 10 }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return params
end

local function text_of(name)
  local file = io.open(name, "rb")
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  return text
end

local function append(text)
  local file = assert(io.open(path, "ab"))
  file:write(text)
  file:close()
end

-- What imports a sandbox has answered: mode and titles of each.
local function imports_of(box)
  local list = {}
  for _, entry in ipairs(box:requests()) do
    if entry.endpoint == "batchimportskill" then
      local sent, titles = box:request_of(entry.id).decrypted, {}
      for number in sent:gmatch("题目(%d+)") do
        titles[#titles + 1] = number
      end
      list[#list + 1] = (sent:match("<mode><!%[CDATA%[(.)") or "0") .. ": "
        .. table.concat(titles, " ")
    end
  end
  return list
end

local function killed_at(number)
  return function(_, n)
    if n == number then
      error("killed", 0)
    end
  end
end

describe("a job", function()
  it("tags all, and says so again without sending anything", function()
    local box, bot, transport = sandbox_and_bot()
    local result = assert(bot:tag(tag_with(openids(120))))
    assert.same({ done = 120, batches = 3, rejected = 0, unknown = 0 }, result)
    assert.equal(120, box:tagged())
    assert.same(result, bot:tag(tag_with(openids(120))))
    assert.equal(3, #transport.sent)
  end)

  it("goes on behind what was confirmed, whatever ended it", function()
    local box, bot, transport = sandbox_and_bot(killed_at(3))
    local ran, why = pcall(bot.tag, bot, tag_with(openids(220)))
    assert.same({ false, "killed" }, { ran, why })
    assert.equal(100, box:tagged())
    assert.equal(220, assert(bot:tag(tag_with(openids(220)))).done)
    assert.equal(220, box:tagged())
    assert.equal(6, #transport.sent) -- one of five batches was begun twice
  end)

  it("takes a last line that is cut off as not written", function()
    local box, bot, transport = sandbox_and_bot(killed_at(3))
    pcall(bot.tag, bot, tag_with(openids(150)))
    local lines = text_of(path)
    start.output_of(("truncate -s -5 %s"):format(path))
    assert.is_true(#text_of(path) < #lines)
    assert.equal(150, assert(bot:tag(tag_with(openids(150)))).done)
    assert.equal(150, box:tagged())
    assert.equal(5, #transport.sent)
  end)

  it("keeps its file for its owner alone", function()
    local _, bot = sandbox_and_bot()
    assert(bot:tag(tag_with(openids(1))))
    assert.equal("600", start.output_of("stat -c %a " .. path):match("%d+"))
  end)

  for what, change in pairs{
    ["other openids"] = { list = openids(119), says = "another input" },
    ["other openids, as many"] = { list = openids(120, 2),
      says = "another input" },
    ["another label"] = { more = { label = "L" },
      says = 'the label "l", not "L"' },
    ["another method"] = { import = true, says = "is of tag, not of import" },
  } do
    it("refuses " .. what .. ", and says what has changed", function()
      local _, bot, transport = sandbox_and_bot()
      assert(bot:tag(tag_with(openids(120))))
      local result, err
      if change.import then
        result, err = bot:import(import_with(1))
      else
        result, err = bot:tag(tag_with(change.list or openids(120), change.more))
      end
      assert.is_nil(result)
      assert.same({ "invalid", "job", false }, { err.kind, err.code, err.sent })
      assert.truthy(err.message:find(change.says, 1, true), err.message)
      assert.equal(3, #transport.sent)
    end)
  end

  for what, change in pairs{
    ["another address"] = { { base_url = "https://other.example" },
      "the base_url " },
    ["another bot"] = { { appid = "another" }, "it belongs to " },
  } do
    it("refuses " .. what, function()
      local _, bot = sandbox_and_bot()
      assert(bot:tag(tag_with(openids(1))))
      local _, other, transport = sandbox_and_bot(nil, change[1])
      local _, err = other:tag(tag_with(openids(1)))
      assert.truthy(err.message:find(change[2], 1, true), err.message)
      assert.equal(0, #transport.sent)
    end)
  end

  it("refuses to leave out what it was begun with", function()
    local _, bot = sandbox_and_bot()
    assert(bot:import(import_with(1, { mode = "0" })))
    local _, err = bot:import(import_with(1))
    assert.truthy(err.message:find('the mode "0", not none', 1, true))
  end)

  it("has each record on the disk", function()
    local sync, syncs = core.file_sync, 0
    finally(function() core.file_sync = sync end)
    function core.file_sync(file)
      syncs = syncs + 1
      return sync(file)
    end
    local _, bot = sandbox_and_bot()
    assert(bot:tag(tag_with(openids(120))))
    assert.is_true(syncs >= 5) -- what it is, three batches, how it ended
  end)

  it("takes an iterator with a text that tells what it gives", function()
    local box, bot = sandbox_and_bot(killed_at(2))
    local function iterator()
      local i = 0
      return function()
        i = i + 1
        return i <= 130 and "o" .. i or nil
      end
    end
    assert.has_error(function() bot:tag(tag_with(iterator())) end,
      "tag: input: a job whose list is a function needs one")
    pcall(bot.tag, bot, tag_with(iterator(), { input = "130 users" }))
    local told
    assert.equal(130, assert(bot:tag(tag_with(iterator(), {
      input = "130 users", total = 130, on_progress = function(_, total)
        told = total
      end }))).done)
    assert.equal(130, told)
    assert.equal(130, box:tagged())
    local _, err = bot:tag(tag_with(iterator(), { input = "131 users" }))
    assert.equal("job", err.code)
    _, err = bot:tag(tag_with(function() end, { input = "130 users" }))
    assert.truthy(err.message:find("it has become shorter", 1, true))
  end)

  it("asks an iterator that tells places to go on at the last one", function()
    local box, bot = sandbox_and_bot(killed_at(3))
    local calls = {}
    local function iterator()
      local i = 0
      return function(place)
        calls[#calls + 1] = place
        i = (place or i) + 1
        return i <= 130 and "o" .. i or nil, i
      end
    end
    pcall(bot.tag, bot, tag_with(iterator(), { input = "x" }))
    assert.same({}, calls)
    assert.equal(130, assert(bot:tag(tag_with(iterator(), { input = "x" }))).done)
    assert.same({ 100 }, calls)
    assert.equal(130, box:tagged())
  end)

  it("goes on at the right place where a request was full before that",
    function()
      local long = ("长"):rep(20000)
      local list = import_with(20).skill
      local function params()
        local i = 0
        return import_with(20, { input = "x", skill = function(place)
          i = (place or i) + 1
          if list[i] then
            list[i].answer = { long }
          end
          return list[i], i
        end })
      end
      local box, bot, transport = sandbox_and_bot()
      local first = params()
      first.on_progress = function() return #transport.sent < 2 end
      local _, err = bot:import(first)
      assert.same({ "stopped", 8 }, { err.code, err.done })
      assert.equal(20, assert(bot:import(params())).done)
      assert.equal("0: 9", imports_of(box)[3]:sub(1, 4))
    end)

  it("reads an iterator from its beginning whose places cannot be written",
    function()
      for _, place in ipairs{ print, 0 / 0, "\255", { f = print } } do
        os.remove(path)
        local box, bot = sandbox_and_bot(killed_at(2))
        for _ = 1, 2 do
          local i = 0
          pcall(bot.tag, bot, tag_with(function()
            i = i + 1
            return i <= 130 and "o" .. i or nil, place
          end, { input = "x" }))
        end
        assert.equal(130, box:tagged())
      end
    end)

  it("refuses an empty list", function()
    local _, bot = sandbox_and_bot()
    local _, err = bot:tag(tag_with{})
    assert.matches("list must not be empty", tostring(err))
  end)
end)

describe("a job in an outage", function()
  local function failing(times, response, err)
    return function(_, n)
      if n <= times then
        return response, err
      end
    end
  end

  for what, case in pairs{
    ["502"] = { { status = 502, headers = {}, body = "" } },
    ["429"] = { { status = 429, headers = {}, body = "" } },
    ["-1"] = { { status = 200, headers = {}, body = '{"errcode":-1}' } },
    ["no connection"] = { nil, { kind = "transport", code = "curl_7",
      message = "no connection", sent = false } },
  } do
    it("waits for its end, with growing pauses: " .. what, function()
      local box, bot, transport = sandbox_and_bot(failing(20, case[1], case[2]))
      local waited
      assert(bot:tag(tag_with(openids(70), { on_progress = function(_, _, _, status)
        waited = waited or status.waiting
      end })))
      assert.equal(70, box:tagged())
      assert.is_true(transport.slept > 60)
      assert.is_true(#transport.sent < 40)
      assert.truthy(waited.message)
    end)
  end

  it("ends when its patience has", function()
    local _, bot, transport = sandbox_and_bot(failing(1e9, { status = 502,
      headers = {}, body = "" }))
    local _, err = bot:tag(tag_with(openids(70), { patience = 600 }))
    assert.same({ 502, 0 }, { err.status, err.done })
    assert.is_true(transport.slept >= 600 and transport.slept < 700)
    assert.matches("0 tagged; started again, the job goes on", tostring(err))
  end)

  it("waits for a quota of the day until midnight in Beijing", function()
    local ends
    local box, bot, transport = sandbox_and_bot(function(_, n, box)
      ends = ends or math.floor((box:time() + 8 * 3600) / 86400 + 1) * 86400
        - 8 * 3600
      if n > 1 and box:time() < ends then
        return { status = 200, headers = {}, body = '{"errcode":45009}' }
      end
    end)
    assert.equal(70, assert(bot:tag(tag_with(openids(70), { patience = 1 }))).done)
    assert.equal(70, box:tagged())
    assert.is_true(box:time() < ends + 700)
    assert.is_true(#transport.sent < 200)
  end)

  it("has all its patience when a quota is used up no more", function()
    local ends
    local box, bot = sandbox_and_bot(function(_, n, box)
      ends = ends or math.floor((box:time() + 8 * 3600) / 86400 + 1) * 86400
        - 8 * 3600
      if n > 1 and box:time() < ends then
        return { status = 200, headers = {}, body = '{"errcode":45009}' }
      elseif n > 1 and box:time() < ends + 900 then
        return { status = 502, headers = {}, body = "" }
      end
    end)
    assert.equal(70, assert(bot:tag(tag_with(openids(70)))).done)
    assert.equal(70, box:tagged())
  end)

  it("waits for as long as the platform asks it to", function()
    local asked
    local _, bot, transport = sandbox_and_bot(function(_, n, box)
      asked = asked or box:now()
      if box:now() < asked + 300 then
        return { status = 429, headers = { ["retry-after"] = "300" }, body = "" }
      end
      asked = n > 1 and -1000 or asked
    end)
    assert(bot:tag(tag_with(openids(1))))
    assert.equal(2, #transport.sent)
    assert.near(300, transport.slept, 1)
  end)

  it("sends less after it was told that it sends too fast", function()
    local times = {}
    local _, bot = sandbox_and_bot(function(_, n, box)
      times[n] = box:now()
      if n == 11 then
        return { status = 200, headers = {}, body = '{"errcode":45011}' }
      end
    end)
    assert(bot:tag(tag_with(openids(30), { batch = 1, rate = 10 })))
    assert.near(0.1, times[10] - times[9], 0.01)
    for i = 13, 20 do -- also just after it has waited
      assert.is_true(times[i] - times[i - 1] > 0.15)
    end
  end)

  it("waits where something in between answers", function()
    local box, bot, transport = sandbox_and_bot(failing(20, { status = 200,
      headers = {}, body = "<html>Log in</html>" }))
    assert(bot:tag(tag_with(openids(70))))
    assert.equal(70, box:tagged())
    assert.is_true(transport.slept > 60)
  end)

  it("keeps to its rate, and catches up with what a moment took, but not with "
    .. "more", function()
      for took, expected in pairs{ [0] = 5, [0.5] = 5, [10] = 14 } do
        os.remove(path)
        local began
        local box, bot = sandbox_and_bot(function(_, n, box)
          began = began or box:now()
          if n == 20 then
            box:sleep(took)
          end
        end)
        assert(bot:tag(tag_with(openids(101), { batch = 1, rate = 20 })))
        assert.near(expected, box:now() - began, 0.1)
      end
    end)

  it("has all its patience, and short pauses, for each outage", function()
    local began, failed
    local _, bot = sandbox_and_bot(function(_, _, box)
      began = began or box:now()
      local at = box:now() - began
      if failed and at > 1500 and at < 1600 then
        assert.is_true(at - failed < 1.1)
      end
      failed = nil
      if at > 10 and at < 1010 or at > 1500 and at < 1500.5
          or at > 1600 and at < 2600 then
        failed = at
        return { status = 502, headers = {}, body = "" }
      end
    end, { retry = false })
    assert(bot:tag(tag_with(openids(700), { batch = 1, rate = 1,
      patience = 1100 })))
  end)

  it("does not catch up what it read before the first request", function()
    local box, bot, transport = sandbox_and_bot()
    local n = 0
    assert(bot:tag(tag_with(function()
      box:sleep(n == 0 and 1 or 0)
      n = n + 1
      return n <= 41 and "o" .. n or nil
    end, { batch = 1, rate = 20, input = "41 users" })))
    assert.near(2, transport.slept, 0.2)
  end)

  it("stops when on_progress says so, also while it waits", function()
    local _, bot, transport = sandbox_and_bot(failing(1e9, { status = 502,
      headers = {}, body = "" }))
    local _, err = bot:tag(tag_with(openids(70), { on_progress = function()
      return false
    end }))
    assert.same({ "cancelled", "stopped" }, { err.kind, err.code })
    assert.equal(3, #transport.sent)
  end)

  it("begins nothing more once on_progress says that it shall stop", function()
    local _, bot, transport = sandbox_and_bot()
    local _, err = bot:tag(tag_with(openids(120), { on_progress = function()
      return false
    end }))
    assert.same({ "stopped", 50, 1 }, { err.code, err.done, #transport.sent })
    assert.equal(120, assert(bot:tag(tag_with(openids(120)))).done)
  end)
end)

describe("what is wrong with elements of a job", function()
  it("is told in a file, and the others are sent", function()
    local box, bot = sandbox_and_bot()
    local list = openids(60)
    list[7], list[55] = "", "a\0b"
    local i = 0
    local result = assert(bot:tag(tag_with(function()
      i = i + 1
      return list[i]
    end, { input = "60" })))
    assert.same({ 58, 2, 2 }, { result.done, result.rejected, result.batches })
    assert.equal(58, box:tagged())
    assert.equal(path .. ".rejected", result.rejected_file)
    assert.equal("\tmust not be empty\na\\x00b\tmust not hold a NUL byte\n",
      text_of(result.rejected_file):gsub("[^\n]*NUL[^\n]*",
        "a\\x00b\tmust not hold a NUL byte"))
  end)

  it("is a batch that the platform refuses, once others are not", function()
    local box, bot = sandbox_and_bot(function(_, n)
      if n == 2 then
        return { status = 200, headers = {}, body = '{"errcode":40013}' }
      end
    end)
    local result = assert(bot:tag(tag_with(openids(150))))
    assert.same({ 100, 50 }, { result.done, result.rejected })
    assert.equal(100, box:tagged())
    assert.truthy(text_of(result.rejected_file):find(
      "^o51\tlabel_batchset: 40013 "))
    local _, count = text_of(result.rejected_file):gsub("\n", "")
    assert.equal(50, count)
  end)

  it("is told once the next is confirmed, whatever ends the job", function()
    local on_killed = killed_at(5)
    local box, bot = sandbox_and_bot(function(request, n)
      if n == 2 or n == 3 then
        return { status = 200, headers = {}, body = '{"errcode":40013}' }
      end
      return on_killed(request, n)
    end)
    local list = openids(300)
    list[1] = ""
    local function params()
      local i = 0
      return tag_with(function()
        i = i + 1
        return list[i]
      end, { input = "300" })
    end
    pcall(bot.tag, bot, params())
    assert.equal(49 + 50, box:tagged())
    os.remove(path .. ".rejected")
    local result = assert(bot:tag(params()))
    assert.same({ 199, 101, 4 }, { result.done, result.rejected,
      result.batches })
    assert.equal(199, box:tagged())
    local _, count = text_of(result.rejected_file):gsub("\n", "")
    assert.equal(101, count)
  end)

  it("is not what three in a row are refused for: that ends the job", function()
    local broken = true
    local box, bot, transport = sandbox_and_bot(function()
      if broken then
        return { status = 200, headers = {}, body = '{"errcode":40013}' }
      end
    end)
    local _, err = bot:tag(tag_with(openids(500)))
    assert.same({ 40013, 0, 0 }, { err.code, err.done, err.result.rejected })
    assert.equal(3, #transport.sent)
    broken = false
    assert.equal(500, assert(bot:tag(tag_with(openids(500)))).done)
    assert.equal(500, box:tagged())
  end)
end)

describe("a job does not reject, and ends,", function()
  local function after(count, response, err)
    return function(_, n)
      if n > count then
        return response, err
      end
    end
  end
  local REFUSED = { status = 200, headers = {}, body = '{"errcode":1001}' }

  for what, case in pairs{
    ["where a certificate is refused"] = { nil, { kind = "tls",
      code = "curl_60", message = "not trusted", sent = false } },
    ["where there is no such place"] = { { status = 404, headers = {},
      body = "" } },
  } do
    it(what, function()
      for _, method in ipairs{ "tag", "import" } do
        os.remove(path)
        local _, bot, transport = sandbox_and_bot(after(2, case[1], case[2]))
        local params = method == "tag" and tag_with(openids(200))
          or import_with(40)
        local _, err = bot[method](bot, params)
        assert.same({ 0, 0, 3 }, { err.result.rejected, err.result.unknown,
          #transport.sent })
        _, bot, transport = sandbox_and_bot()
        local result = assert(bot[method](bot, params))
        assert.same({ 4, 2 }, { result.batches, #transport.sent })
      end
    end)
  end

  it("where nothing is confirmed after it was started again", function()
    local _, bot = sandbox_and_bot(killed_at(3))
    pcall(bot.tag, bot, tag_with(openids(200)))
    _, bot = sandbox_and_bot(after(0, REFUSED))
    local _, err = bot:tag(tag_with(openids(200)))
    assert.same({ 1001, 100, 0 }, { err.code, err.done, err.result.rejected })
    _, bot = sandbox_and_bot()
    assert.equal(200, assert(bot:tag(tag_with(openids(200)))).done)
  end)

  it("where only what was not sent comes between refusals", function()
    local i = 0
    local function list()
      i = i + 1
      return i <= 200 and (i > 50 and i <= 100 and "" or "o" .. i) or nil
    end
    local _, bot = sandbox_and_bot(after(0, REFUSED))
    local _, err = bot:tag(tag_with(list, { input = "x" }))
    assert.same({ 1001, 0 }, { err.code, err.result.rejected })
    i = 0
    _, bot = sandbox_and_bot()
    local result = assert(bot:tag(tag_with(list, { input = "x" })))
    assert.same({ 150, 50 }, { result.done, result.rejected })
  end)
end)

describe("a job of several requests at once", function()
  -- Fibers that go on in turn, for 10 ms each time, whenever one of them is waited
  -- for. A request takes so many turns.
  local function with_fibers(box, transport, turns)
    local threads, request = {}, transport.request
    transport.cancelled = 0
    function transport.sleep(_, seconds)
      local ends = box:now() + seconds
      repeat
        coroutine.yield()
      until box:now() >= ends
    end
    function transport.request(self, req)
      local number = #self.sent + 1
      local response, err = request(self, req)
      for _ = 1, turns and turns[number] or 1 do
        coroutine.yield()
      end
      return response, err
    end
    function transport.spawn(_, fn)
      local result
      local thread = coroutine.create(function() result = { fn() } end)
      threads[#threads + 1] = thread
      return {
        join = function()
          while coroutine.status(thread) ~= "dead" do
            for i = 1, #threads do
              if coroutine.status(threads[i]) == "suspended" then
                assert(coroutine.resume(threads[i]))
              end
            end
            box:sleep(0.01)
          end
          return (unpack or table.unpack)(result, 1, 3)
        end,
        cancel = function() transport.cancelled = transport.cancelled + 1 end,
      }
    end
  end

  it("tags all, whichever is back first", function()
    local box, bot, transport = sandbox_and_bot()
    with_fibers(box, transport, { 9, 1, 5, 1, 1, 7 })
    local result = assert(bot:tag(tag_with(openids(420))))
    assert.same({ 420, 9 }, { result.done, result.batches })
    assert.same({ 420, 9 }, { box:tagged(), #transport.sent })
  end)

  it("sends after a kill only what was on its way again", function()
    local box, bot, transport = sandbox_and_bot(killed_at(7))
    with_fibers(box, transport, { 9, 1, 5, 1, 1, 7 })
    assert.is_false((pcall(bot.tag, bot, tag_with(openids(420)))))
    assert.is_true(transport.cancelled > 0)
    assert(bot:tag(tag_with(openids(420))))
    assert.equal(420, box:tagged())
    assert.is_true(#transport.sent <= 9 + 4)
  end)

  it("begins no more than so many", function()
    local box, bot, transport = sandbox_and_bot()
    with_fibers(box, transport)
    local _, err = bot:tag(tag_with(openids(420), { parallel = 3,
      on_progress = function() return false end }))
    assert.same({ "stopped", 150, 3 }, { err.code, err.done,
      #transport.sent })
  end)

  it("has what was confirmed before the one that ended it", function()
    local box, bot, transport = sandbox_and_bot(function(_, n)
      return n == 3 and { status = 404, headers = {}, body = "" } or nil
    end)
    with_fibers(box, transport)
    local _, err = bot:tag(tag_with(openids(420)))
    assert.same({ 404, 100 }, { err.status, err.done })
    assert.is_true(transport.cancelled > 0)
    local result = assert(bot:tag(tag_with(openids(420))))
    assert.same({ 420, 9 }, { result.done, result.batches })
  end)

  it("takes failures at once for one", function()
    local times = {}
    local box, bot, transport = sandbox_and_bot(function(_, n, here)
      times[n] = here:now()
      if n <= 8 then
        return { status = 502, headers = {}, body = "" }
      end
    end, { retry = false })
    with_fibers(box, transport)
    assert(bot:tag(tag_with(openids(420))))
    assert.is_true(times[5] - times[4] < 0.6)
    assert.is_true(times[9] - times[8] < 1.2)
  end)
end)

describe("a job whose requests must not be made twice", function()
  local function lost(number)
    return function(request, n, box)
      if n == number then
        box:handle(request)
        return nil, { kind = "timeout", code = "timeout", message = "lost" }
      end
    end
  end

  it("does the others and ends with what is not known", function()
    local _, bot, transport = sandbox_and_bot(lost(2))
    local _, err = bot:import(import_with(40))
    assert.same({ "unknown", 30, 10 }, { err.code, err.done,
      err.result.unknown })
    assert.equal(4, #transport.sent)
    _, err = bot:import(import_with(40))
    assert.same({ "unknown", 4 }, { err.code, #transport.sent })
  end)

  it("knows what was sent and not confirmed when it was killed", function()
    local _, bot = sandbox_and_bot(killed_at(2))
    pcall(bot.import, bot, import_with(40))
    local _, err = bot:import(import_with(40))
    assert.same({ "unknown", 30, 10 }, { err.code, err.done,
      err.result.unknown })
  end)

  it("leaves out what was refused before what is not known", function()
    local on_lost = lost(3)
    local _, bot, transport = sandbox_and_bot(function(request, n, box)
      if n == 2 then
        return { status = 200, headers = {}, body = '{"errcode":40013}' }
      end
      return on_lost(request, n, box)
    end)
    local _, err = bot:import(import_with(40, { on_progress = function()
      return #transport.sent < 3
    end }))
    assert.same({ "stopped", 10, 20 }, { err.code, err.done,
      err.result.unknown })
    _, err = bot:import(import_with(40))
    assert.same({ "unknown", 20, 20, 4 }, { err.code, err.done,
      err.result.unknown, #transport.sent })
  end)

  for what, answer in pairs{
    ["not known"] = { nil, { kind = "timeout", code = "timeout",
      message = "lost" } },
    ["not answered, for it was killed"] = {},
  } do
    it("rejects what comes between what was refused and what is " .. what,
      function()
        local _, bot = sandbox_and_bot(function(_, n)
          if n == 2 then
            return { status = 200, headers = {}, body = '{"errcode":40013}' }
          elseif n == 3 then
            return answer[1], answer[2] or error("killed", 0)
          end
        end)
        local function params(unknown)
          local list, i = import_with(50).skill, 0
          for number = 21, 30 do
            list[number].title = ""
          end
          return import_with(50, { input = "x", unknown = unknown,
            skill = function()
              i = i + 1
              return list[i]
            end })
        end
        pcall(bot.import, bot, params())
        local result = assert(bot:import(params "skip"))
        assert.same({ 20, 10 }, { result.done, result.rejected })
        local _, count = text_of(result.rejected_file):gsub("\n", "")
        assert.equal(10, count)
      end)
  end

  it("ends when its patience has, though others could be sent", function()
    local _, bot, transport = sandbox_and_bot(function()
      return { status = 502, headers = {}, body = "" }
    end)
    local _, err = bot:import(import_with(400, { patience = 60 }))
    assert.equal(502, err.status)
    assert.near(60, transport.slept, 0.1)
    assert.equal(10 * #transport.sent, err.result.unknown)
  end)

  for decision, done in pairs{ send = 40, skip = 30 } do
    it("decides about it: " .. decision, function()
      local _, bot, transport = sandbox_and_bot(lost(2))
      bot:import(import_with(40))
      local result = assert(bot:import(import_with(40, { unknown = decision })))
      assert.same({ done, 0 }, { result.done, result.unknown })
      assert.equal(decision == "send" and 5 or 4, #transport.sent)
      assert.equal(done, assert(bot:import(import_with(40))).done)
    end)
  end

  it("is in doubt about what it was cancelled in", function()
    local _, bot, transport = sandbox_and_bot(function(request, n, box)
      if n == 2 then
        box:handle(request)
        return nil, { kind = "cancelled", message = "enough" }
      end
    end)
    local _, err = bot:import(import_with(40))
    assert.same({ "cancelled", 10, 10 }, { err.kind, err.done,
      err.result.unknown })
    _, err = bot:import(import_with(40))
    assert.same({ "unknown", 30, 10, 4 }, { err.code, err.done,
      err.result.unknown, #transport.sent })
  end)

  it("stays in doubt where what shall be sent again cannot be", function()
    local _, bot = sandbox_and_bot(lost(2))
    bot:import(import_with(40))
    local _, away = sandbox_and_bot(function()
      return nil, { kind = "transport", code = "curl_7", message = "away",
        sent = false }
    end)
    local _, err = away:import(import_with(40, { unknown = "send",
      patience = 1 }))
    assert.same({ 30, 10 }, { err.done, err.result.unknown })
    _, err = bot:import(import_with(40))
    assert.same({ "unknown", 30, 10 }, { err.code, err.done,
      err.result.unknown })
    assert.equal(40, assert(bot:import(import_with(40, { unknown = "send" })))
      .done)
  end)

  it("decides about several, of which one is refused", function()
    local _, bot = sandbox_and_bot(function(_, n)
      if n == 2 or n == 3 then
        return nil, { kind = "timeout", code = "timeout", message = "lost" }
      elseif n == 5 then
        return { status = 200, headers = {}, body = '{"errcode":40013}' }
      end
    end)
    bot:import(import_with(40))
    local result = assert(bot:import(import_with(40, { unknown = "send" })))
    assert.same({ 30, 10, 0 }, { result.done, result.rejected,
      result.unknown })
  end)

  it("decides also where an iterator tells places", function()
    local function params(unknown)
      local list, i = import_with(40).skill, 0
      return import_with(40, { input = "x", unknown = unknown,
        skill = function(place)
          i = (place or i) + 1
          return list[i], i
        end })
    end
    local _, bot, transport = sandbox_and_bot(lost(2))
    bot:import(params())
    assert.equal(40, assert(bot:import(params "send")).done)
    assert.equal(5, #transport.sent)
  end)

  it("sends again what was certainly not sent", function()
    local _, bot, transport = sandbox_and_bot(function(_, n)
      if n > 1 and n < 12 then
        return nil, { kind = "transport", code = "curl_7", message = "away",
          sent = false }
      end
    end)
    assert.equal(40, assert(bot:import(import_with(40))).done)
    assert.equal(14, #transport.sent)
  end)

  it("is not left in doubt about what was not sent when its patience ended",
    function()
      local away = true
      local _, bot = sandbox_and_bot(function(_, n)
        if n > 1 and away then
          return nil, { kind = "transport", code = "curl_7", message = "away",
            sent = false }
        end
      end)
      local _, err = bot:import(import_with(40, { patience = 5 }))
      assert.same({ 10, 0 }, { err.done, err.result.unknown })
      away = false
      assert.equal(40, assert(bot:import(import_with(40))).done)
    end)
end)

describe("a job that replaces everything", function()
  local function replacing(more)
    return import_with(40, { mode = "1", unknown = more })
  end

  it("sends its first batch alone, and waits for its task", function()
    local box, bot, transport = sandbox_and_bot()
    local result = assert(bot:import(replacing()))
    assert.equal(40, result.done)
    assert.equal(4, #result.task_ids)
    assert.same({ "1: 1 2 3 4 5 6 7 8 9 10", "0: 11 12 13 14 15 16 17 18 19 20",
      "0: 21 22 23 24 25 26 27 28 29 30", "0: 31 32 33 34 35 36 37 38 39 40" },
      imports_of(box))
    local i = 2
    while transport.sent[i] ~= "batchimportskill" do
      i = i + 1
    end
    assert.is_true(i > 3)
  end)

  it("waits for it also when it was killed meanwhile", function()
    local box, bot, transport = sandbox_and_bot(killed_at(2))
    pcall(bot.import, bot, replacing())
    assert.equal(40, assert(bot:import(replacing())).done)
    assert.is_true(transport.sent[3] ~= "batchimportskill")
    for i, sent in ipairs(imports_of(box)) do
      assert.equal(i == 1 and "1: " or "0: ", sent:sub(1, 3))
    end
  end)

  for what, answer in pairs{
    ["was refused"] = { { status = 200, headers = {},
      body = '{"errcode":40013}' } },
    ["was not confirmed"] = { nil, { kind = "timeout", code = "timeout",
      message = "lost" } },
  } do
    it("sends nothing else once its first batch " .. what, function()
      local _, bot, transport = sandbox_and_bot(function()
        return answer[1], answer[2]
      end)
      local _, err = bot:import(replacing())
      assert.equal(0, err.done)
      assert.equal(1, #transport.sent)
    end)
  end

  it("sends nothing else while the first batch is not known", function()
    local _, bot, transport = sandbox_and_bot(killed_at(1))
    pcall(bot.import, bot, replacing())
    local _, err = bot:import(replacing())
    assert.same({ "unknown", 1 }, { err.code, #transport.sent })
    assert.equal(40, assert(bot:import(replacing "send")).done)
  end)

  it("sends nothing else also where the first elements cannot be sent",
    function()
      local list = import_with(40).skill
      for i = 1, 10 do
        list[i].title = ""
      end
      local function params()
        local i = 0
        return import_with(40, { mode = "1", input = "x", skill = function()
          i = i + 1
          return list[i]
        end })
      end
      local _, bot, transport = sandbox_and_bot(killed_at(1))
      pcall(bot.import, bot, params())
      local _, err = bot:import(params())
      assert.same({ "unknown", 1 }, { err.code, #transport.sent })
    end)

  it("goes on without it if that is said", function()
    local box, bot = sandbox_and_bot(killed_at(1))
    pcall(bot.import, bot, replacing())
    assert.equal(30, assert(bot:import(replacing "skip")).done)
    assert.equal("0: 11 12 13 14 15 16 17 18 19 20", imports_of(box)[1])
  end)
end)

describe("the file of a job", function()
  it("is used by one at a time", function()
    local _, bot = sandbox_and_bot()
    local inner
    assert(bot:tag(tag_with(openids(2), { on_progress = function()
      inner = inner or { bot:tag(tag_with(openids(2))) }
    end })))
    assert.is_nil(inner[1])
    assert.truthy(tostring(inner[2]):find("another process uses it", 1, true))
  end)

  for what, case in pairs{
    ["of something else"] = { "skills\n", "it is no file of kind wxbot-job" },
    ["of another version"] = { "wxbot-job 9 x\n", "it is of version 9" },
    ["of another bot"] = { "wxbot-job 1 other\n", "it belongs to other" },
    ["that is damaged"] = { nil, "it cannot be read" },
  } do
    it("is refused, one " .. what, function()
      local _, bot, transport = sandbox_and_bot()
      if case[1] then
        append(case[1])
      else
        assert(bot:tag(tag_with(openids(1))))
        append("nonsense\n")
      end
      local sent = #transport.sent
      local result, err = bot:tag(tag_with(openids(1)))
      assert.is_nil(result)
      assert.equal("unavailable", err.kind)
      assert.truthy(err.message:find(case[2], 1, true), err.message)
      assert.equal(sent, #transport.sent)
    end)
  end

  it("says why it cannot be made", function()
    local _, bot, transport = sandbox_and_bot()
    local _, err = bot:tag(tag_with(openids(1), { job = folder .. "/no/job" }))
    assert.equal("the job " .. folder .. "/no/job: No such file or directory",
      err.message)
    assert.equal(0, #transport.sent)
  end)

  it("holds no secret", function()
    local box, bot = sandbox_and_bot()
    assert(bot:tag(tag_with(openids(1))))
    local text, given = text_of(path), box:credentials()
    for _, name in ipairs{ "token", "aes_key", "access_token" } do
      assert.is_nil(text:find(given[name], 1, true))
    end
    assert.is_table(json.decode(text:match("\n([^\n]*)\n")))
  end)
end)

describe("bot:tag", function()
  it("says which of its parameters are for jobs", function()
    local _, bot = sandbox_and_bot()
    assert.has_error(function()
      bot:tag{ appid = "wx1", category = "c", label = "l", desc = "d",
        list = { "o" }, rate = 3 }
    end, "tag: rate: that is for a job, and there is none")
  end)

  it("refuses a job where others wait for the caller", function()
    local box = assert(wxbot.sandbox{})
    local loop = wxbot.loop{}
    local options = box:credentials()
    options.transport = loop
    local bot = assert(wxbot.new(options))
    local why
    loop:spawn(function()
      why = select(2, pcall(bot.tag, bot, tag_with(openids(1))))
    end)
    loop:run()
    loop:close()
    assert.truthy(tostring(why):find("tag: job: it waits for the disk; not in a "
      .. "loop's fiber, nor in nginx", 1, true), tostring(why))
  end)
end)
