-- Without this a spreadsheet is imported with other questions and answers than
-- it has.
--
-- import: files, and what becomes of them on the embedded platform.
-- #long
-- #once
local json = require "wxbot.codec.json"
local run = require "spec.support.command"

local CSV = "\239\187\191answer,Question,similar,skill,similar\r\n"
  .. '"早上\r\n""九点""",营业到几点,几点开门|几点营业,店,开门时间\r\n'
  .. ",营业到几点,营业时间,店,\r\n"

local function import(args)
  table.insert(args, 1, "import")
  return run.sandbox(args)
end

describe("wxbot import reads", function()
  after_each(run.clean)

  local SHEET = "技能\t标准问题\t相似问题\t回答\r\n"
    .. "店\t营业到几点\t几点开门|几点营业\t九点；十点\r\n"

  it("GB18030 with the letters that GBK lacks, from standard input", function()
    local text = run.converted("技能,标准问题,回答\n𠮷野家,贵吗,€ 5\n", "GB18030")
    local result = import{ "-", input = text }
    assert.equal(0, result.status)
    assert.equal("wxbot: standard input is not UTF-8: read as GB18030\n"
      .. "1 of 1 handed over\n", result.err)
  end)

  it("a file whose name the shell would take for commands", function()
    local folder = os.tmpname()
    os.remove(folder)
    os.execute("mkdir " .. folder)
    local path = folder .. "/$(touch x) 'a\";touch y.csv"
    local file = assert(io.open(path, "wb"))
    file:write(run.converted(SHEET, "GB18030"))
    file:close()
    local result = import{ path }
    local pipe = io.popen("ls " .. folder .. " | wc -l")
    local count = pipe:read("*n")
    pipe:close()
    os.execute("rm -r " .. folder)
    assert.equal(0, result.status, result.err)
    assert.equal(1, count)
  end)

  it("no other encoding without iconv, and says what to do", function()
    local result = import{ "-", input = run.converted(SHEET, "GB18030"),
      before = 'local open = io.popen; io.popen = function(command) '
        .. 'return open("PATH=/nonexistent; " .. command) end' }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("standard input:1: it is not UTF-8, and there "
      .. "is no iconv to convert it: save it as UTF-8 (in Excel: CSV UTF-8), or "
      .. "install iconv\n", 1, true), result.err)
  end)

  -- Files that are begun must not stay, whoever finds out that there is no room.
  for what, before in pairs{
    ["no name for a file"] = 'os.tmpname = function() error("no name", 0) end',
    ["no file"] = 'os.tmpname = function() return "/nonexistent/x" end',
    ["no room in it"] = [[
      local open = io.open
      os.tmpname = function() return "/tmp/wxbot-import-spec" end
      io.open = function(path, mode)
        if path ~= os.tmpname() then
          return open(path, mode)
        end
        assert(open(path, mode)):close()
        return open("/dev/full", mode)
      end]],
  } do
    it("no other encoding where there is " .. what, function()
      local result = import{ "-", input = run.converted(SHEET, "GB18030"),
        before = before }
      assert.equal(2, result.status)
      assert.matches("^wxbot: standard input:1: it is not UTF%-8, and it cannot "
        .. "be converted here %(.+%): save it as UTF%-8 .*\n"
        .. "wxbot: nothing has been sent\n$", result.err)
      assert.is_nil(io.open "/tmp/wxbot-import-spec")
    end)
  end

end)

describe("wxbot import, given bad rows,", function()
  after_each(run.clean)

  local CASES = {
    { "skill,question,answer\n,q,a\n", ":2: skill is empty" },
    { "skill,question,answer\n\ns,,a\n", ":3: question is empty" },
    { "skill,question,answer\n,,\"\"\n,q, \n", ":3: answer is empty" },
    { "skill,question,answer\ns,q, \n", ":2: answer is empty" },
    { "skill,question,answer\ns,q\n", ":2: 2 columns, but the header has 3" },
    { "skill,question,answers\ns,q,a\n", ':1: unknown column "answers"' },
    { ("long"):rep(99999), ':1: unknown column "' .. ("long"):rep(9) .. 'lon…"' },
    { "skill,question\ns,q\n", ":1: column answer is missing" },
    { "skill,skill,question,answer\n", ":1: column skill is there twice" },
    { 'skill,question,answer\ns,q,"a\n', ":2: a quoted field has no end" },
    { "skill,question,answer\ns,q,a\ns,\181\234\255,a\n",
      ":3: it is neither UTF-8 nor GB18030: save it as UTF-8" },
    { "skill,question,answer\ns,q,\181\n",
      ":2: it is neither UTF-8 nor GB18030: save it as UTF-8" },
    { "\255\254s\0k", ":1: it is neither UTF-8 nor UTF-16: save it as UTF-8" },
    { "技能,标准问题,回答\n店,问\200题,答案\n",
      ":2: here it is not UTF-8, and elsewhere it is: it is damaged" },
    { "技能,标准问题,回答\n店,,a\n", ":2: 标准问题 is empty" },
    { "技能,question,回复\n店,q,\n", ":2: 回复 is empty" },
    { "技能,标准问题\n", ":1: column answer is missing, or 回答" },
    { "技能,技能名称,question,answer\n", ":1: column 技能 is there twice" },
    { "skill,question,answer\ns,q,a\ns,q,b\1\n",
      ":3: answer holds a control character" },
    { '[{"skill":"s","intent":"q","answers":["a\\u0000"]}]',
      " [1]: answers holds a control character" },
    { "skill,question,answer\n", ": there are no questions in it" },
    { "", ": it is empty" },
    { "[]", ": there are no questions in it" },
    { "[\n{]", ":2: not strict JSON: unexpected character at byte 4" },
    { '{"a":1}', ": it must hold an object with skills" },
    { "[7]", " [1]: must be an object" },
    { '[{"skill":"s","answers":"a"}]', " [1]: intent is missing" },
    { '[{"skill":"s","intent":"q"}]', " [1]: answers is empty" },
    { '[{"skill":"s","intent":"q","answers":[1]}]',
      " [1]: answers[1] must be a string" },
    { '[{"skill":"s","intent":"q","answers":["a",""]}]',
      " [1]: answers must not be empty" },
    { '[{"skill":"s","intent":"q","answer":"a"}]', " [1]: unknown name answer" },
    { '{"skills":[{"name":"s","intents":[{"title":"t"}]}]}',
      "skills[1].intents[1].answers" },
  }
  for _, case in ipairs(CASES) do
    it("names " .. case[2], function()
      local result = import{ "-", input = case[1] }
      assert.equal(2, result.status)
      assert.equal("", result.out)
      assert.truthy(result.err:find("wxbot: standard input" .. case[2], 1,
        true) or result.err:find(case[2], 1, true), result.err)
      assert.truthy(result.err:find("nothing has been sent", 1, true))
    end)
  end

  it("names each of them by file and line", function()
    local path = run.file("skill,question,answer\n,q,a\ns,,a\n")
    assert.same({ status = 2, out = "", err = "wxbot: " .. path
      .. ":2: skill is empty\nwxbot: " .. path .. ":3: question is empty\n"
      .. "wxbot: nothing has been sent\n" },
      import{ path, "--format", "csv" })
    local err = json.decode(import{ path, "--json" }.err).error
    assert.equal(path .. ":2: skill is empty; " .. path
      .. ":3: question is empty", err.message)
    assert.is_false(err.sent)
  end)

  it("counts those that are too many to name", function()
    local result = import{ "-", "--format", "csv",
      input = "skill,question,answer\n" .. (",q,a\n"):rep(55) }
    local _, lines = result.err:gsub("\n", "")
    assert.equal(52, lines)
    assert.truthy(result.err:find("and 5 more", 1, true))
  end)

  it("exits 2 for a file that is not there, and for no administrator",
    function()
      local result = import{ "/nonexistent.csv" }
      assert.equal(2, result.status)
      assert.truthy(result.err:find("cannot read /nonexistent.csv", 1, true))
      result = run.run{ "import", run.file(CSV) }
      assert.equal(2, result.status)
      assert.truthy(result.err:find("--managerid is missing", 1, true))
    end)
end)

describe("wxbot import", function()
  after_each(run.clean)

  it("names the tasks to follow", function()
    local result = import{ "-", input = CSV }
    assert.equal(0, result.status)
    assert.truthy(result.out:find("^1 handed over\ntask: %w+\n$"))
    assert.equal("1 of 1 handed over\n", result.err)
  end)

  it("follows the import and the publishing to their end", function()
    local result = import{ "-", "--wait", "--publish", input = CSV }
    assert.equal(0, result.status)
    assert.equal("1 imported\npublished\n", result.out)
    assert.truthy(result.err:find("\ntask %w+: success 100 %%\n"))
    assert.truthy(result.err:find("\npublishing: success 100 %\n", 1, true))
  end)

  it("prints one line of JSON and nothing else", function()
    local result = import{ "-", "--wait", "--publish", "--json", input = CSV }
    assert.equal("", result.err)
    local answer = json.decode(result.out)
    assert.equal(1, answer.done)
    assert.equal("published", answer.published)
    assert.same({}, answer.failed)
    assert.equal(1, #answer.task_ids)
  end)

  -- Blanks pass here, and the platform takes them for nothing.
  local BLANK = [[ [
    { "skill": "店", "intent": "营业到几点", "answers": " " },
    { "skill": "店", "intent": "在哪里", "answers": "这里" }
  ] ]]

  it("shows failed rows by skill and question, and publishes nothing",
    function()
      local result = import{ "-", "--wait", "--publish", input = BLANK }
      assert.equal(1, result.status)
      assert.truthy(result.err:find("wxbot: failed: 店 / 营业到几点: "
        .. "answer must not be empty\n"
        .. "wxbot: 1 of what was imported failed\n"
        .. "wxbot: 2 of 2 questions handed over, task task00000001; "
        .. "nothing is published; mend what failed and import it again\n", 1,
        true), result.err)
      assert.falsy(result.err:find("publishing", 1, true))
    end)

  -- The platform, with an endpoint that fails as told.
  local function failing(fault)
    return [[
      package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
      local demo = require "wxbot.sandbox.demo"
      local add = demo.add
      demo.add = function(sandbox)
        add(sandbox)
        sandbox:fail(]] .. fault .. [[)
      end
    ]]
  end

  for fault, said in pairs{
    ['{ endpoint = "publish", code = 1002 }'] = "1 of 1 questions imported; "
      .. "nothing is published; publish it with: wxbot bot publish --wait",
    ['{ endpoint = "publish", status = 502 }'] = "1 of 1 questions imported; "
      .. "whether the bot is being published is not known; "
      .. "publish it with: wxbot bot publish --wait",
    ['{ endpoint = "publish_progress", body = \'{"code":0,"data":{"status":2}}\' }']
      = "1 of 1 questions imported; the publishing failed; "
      .. "publish it with: wxbot bot publish --wait",
    ['{ endpoint = "publish_progress", code = 1001 }'] = "1 of 1 questions "
      .. "imported; the bot is being published; "
      .. "follow it with: wxbot bot progress --wait",
    ['{ endpoint = "task_fetch", code = 1001 }'] = "1 of 1 questions handed "
      .. "over, task task00000001; nothing is published; "
      .. "follow it with: wxbot task --wait --task-id task00000001",
  } do
    it("says what has been done, and what to do, after " .. fault, function()
      local result = import{ "-", "--publish", "--wait", input = CSV,
        before = failing(fault) }
      assert.equal(1, result.status)
      assert.equal("", result.out)
      assert.equal("wxbot: " .. said, result.err:match("([^\n]*)\n$"))
    end)
  end

  it("has the failed rows in its JSON error", function()
    local result = import{ "-", "--wait", "--json", input = BLANK }
    assert.equal("answer must not be empty",
      json.decode(result.err).error.result.failed[1].msg)
  end)

  it("tells what has been sent when ^C ends it", function()
    local screen = run.on_terminal{ "--sandbox", "import", "--wait",
      "--publish", run.file(CSV), "--format", "csv", columns = 80,
      after = "running", keys = "\\003", before = [[
        package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
        local name = "wxbot.sandbox.answer.task_fetch"
        local answer, last = require(name), nil
        package.loaded[name] = function(...)
          -- however late the key is pressed
          if not last or last.data.state ~= 1 then
            last = answer(...)
          end
          return last
        end
      ]] }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("wxbot: interrupted: 1 of 1 questions handed "
      .. "over, task task00000001; nothing is published\r\nwxbot: follow it "
      .. "with: wxbot task --wait --task-id task00000001\r\nstatus: 130", 1,
      true), screen)
  end)

  it("draws a bar on a terminal", function()
    local screen = run.on_terminal{ "--sandbox", "import", "--wait",
      run.file(CSV), "--format", "csv", columns = 60 }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("##]%s+100 %%  task task00000001: success%s*\r\n"
      .. "1 imported"), screen)
  end)

  it("says what was handed over before a request failed", function()
    local result = import{ "-", "--batch", "1", "--managerid", "admin",
      input = "skill,question,answer\ns,1,a\ns,2,a\ns,3,a\n", before = [[
        package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
        local n = 0
        local content = "wxbot.sandbox.answer.batchimportskill"
        local answer = require(content)
        package.loaded[content] = function(...)
          n = n + 1
          if n == 3 then
            return nil, 1019
          end
          return answer(...)
        end
      ]] }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("1019", 1, true))
    assert.truthy(result.err:find("\nwxbot: 2 of 3 questions handed over, "
      .. "task task00000001, task00000002; go on with %-%-skip 2\n$"),
      result.err)
  end)

  it("says how to follow a task whose state could not be asked again",
    function()
      local result = import{ "-", "--wait", input = CSV, before = [[
        package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
        local name, n = "wxbot.sandbox.answer.task_fetch", 0
        local answer = require(name)
        package.loaded[name] = function(...)
          n = n + 1
          if n > 1 then
            return nil, 1001
          end
          return answer(...)
        end
      ]] }
      assert.equal(1, result.status)
      assert.truthy(result.err:find("wxbot: 1 of 1 questions handed over, task "
        .. "task00000001; follow it with: wxbot task --wait --task-id "
        .. "task00000001\n", 1, true), result.err)
    end)

  it("leaves out what --skip says", function()
    local rows = "skill,question,answer\ns,1,a\ns,2,a\ns,3,a\n"
    local result = import{ "-", "--skip", "2", input = rows }
    assert.equal(0, result.status, result.err)
    assert.truthy(result.out:find("^3 handed over\n"), result.out)
    assert.equal("3 of 3 handed over\n", result.err)
    result = import{ "-", "--skip", "2", "--mode", "1", input = rows }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("not together\n", 1, true), result.err)
    result = import{ "-", "--skip", "3", input = rows }
    assert.equal(2, result.status)
    assert.equal("wxbot: --skip leaves nothing of 3 questions\n", result.err)
  end)

  it("has a line for every tenth in a pipe", function()
    local rows = {}
    for i = 1, 40 do
      rows[i] = ("s,%d,a\n"):format(i)
    end
    local result = import{ "-", "--batch", "1",
      input = "skill,question,answer\n" .. table.concat(rows) }
    local _, lines = result.err:gsub("\n", "")
    assert.equal(10, lines)
    assert.truthy(result.err:find("40 of 40 handed over\n$"))
  end)

  it("takes the administrator from WXBOT_MANAGERID", function()
    local result = run.run{ "import", "-", input = CSV, env = {
      WXBOT_MANAGERID = "admin" } }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("credentials are missing", 1, true))
  end)

  it("says that somebody is no administrator", function()
    local result = import{ "-", "--managerid", "x", input = CSV }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("1015", 1, true))
  end)
end)
