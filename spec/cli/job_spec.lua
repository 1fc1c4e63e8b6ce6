-- Without this `wxbot tag --job` cannot be stopped and started again, or does not
-- say how far it is.
-- #once
-- #long
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local served = require "spec.support.served"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local folder
local children = {}

before_each(function()
  folder = start.output_of("mktemp -d"):match("[^\n]+")
end)
after_each(function()
  for _, child in ipairs(children) do
    local pid = run.read(child.pid_file):match("%d+")
    if pid and run.read(child.status_file) == "" then
      os.execute("kill -9 " .. pid .. " 2>/dev/null")
    end
  end
  children = {}
  run.clean()
  start.stop_all()
  start.remove_folder(folder)
end)

local function openids(n)
  local lines = {}
  for i = 1, n do
    lines[i] = ("o%06d"):format(i)
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The arguments of a job that tags those of a file.
local function tag(path, more)
  local all = { "tag", "--job", "spring", "--file", path, "--appid", "wx1",
    "--category", "c", "--label", "l", "--desc", "d" }
  for name, value in pairs(more or {}) do
    all[type(name) == "number" and #all + 1 or name] = value
  end
  all.env = all.env or {}
  all.env.XDG_STATE_HOME = folder
  return all
end

local function jobs(...)
  return run.run{ "jobs", ..., env = { XDG_STATE_HOME = folder } }
end

describe("wxbot tag --job", function()
  it("tags all; again, it has nothing to do", function()
    local path = run.file(openids(120))
    for _ = 1, 2 do
      local result = run.sandbox(tag(path))
      assert.same({ 0, "120 tagged\n" }, { result.status, result.out })
    end
    local result = run.sandbox(tag(path, { "--json" }))
    assert.same({ done = 120, batches = 3, rejected = 0, unknown = 0 },
      json.decode(result.out))
    assert.matches("^spring  tag  120/120  done  20%d%d%-", jobs().out)
  end)

  it("says where rejected openids are, and ends with 3", function()
    local path = run.file("o1\na\255b\no3\n")
    local result = run.sandbox(tag(path))
    local file = folder .. "/wxbot/jobs/spring.job.rejected"
    assert.same({ status = 3, out = "", err = "wxbot: 2 tagged; 1 rejected: see "
      .. file .. "\n" },
      { status = result.status, out = result.out,
        err = result.err:match("wxbot: .*") })
    assert.equal("a\\xFFb\tis not valid UTF-8\n", run.read(file))
  end)

  it("keeps its files for their owner alone", function()
    run.sandbox(tag(run.file("o1\n")))
    assert.equal("700\n600\n", start.output_of(("stat -c %%a %s/wxbot/jobs "
      .. "%s/wxbot/jobs/spring.job"):format(folder, folder)))
  end)

  it("refuses a file that has changed", function()
    local path = run.file(openids(3))
    run.sandbox(tag(path))
    local file = assert(io.open(path, "ab"))
    file:write("o4\n")
    file:close()
    local result = run.sandbox(tag(path))
    assert.equal(2, result.status)
    assert.truthy(result.err:find("was begun with another input", 1, true))
  end)

  it("refuses one that has changed at its beginning alone", function()
    local path = run.file(openids(10000))
    run.sandbox(tag(path))
    local file = assert(io.open(path, "r+b"))
    file:write("O")
    file:close()
    assert.equal(2, run.sandbox(tag(path)).status)
  end)

  for what, case in pairs{
    ["standard input"] = { { "--file", "-" }, "a job reads a file" },
    ["--skip"] = { { "--skip", "1" }, "it goes on by itself" },
    ["a name that is a path"] = { { "--job", "../x" }, "--job is a name" },
    ["patience in years"] = { { "--patience", "2y" }, "--patience must be" },
  } do
    it("refuses " .. what, function()
      local args = tag(run.file("o1\n"))
      for i = 1, #args do
        if args[i] == case[1][1] then
          args[i + 1] = case[1][2]
        end
      end
      if case[1][1] == "--skip" or case[1][1] == "--patience" then
        args[#args + 1], args[#args + 2] = case[1][1], case[1][2]
      end
      local result = run.sandbox(args)
      assert.equal(2, result.status)
      assert.truthy(result.err:find(case[2], 1, true), result.err)
    end)
  end

  it("says what belongs to a job", function()
    for _, name in ipairs{ "--rate", "--parallel", "--patience" } do
      local result = run.sandbox{ "tag", name, "3", "--appid", "wx1",
        "--category", "c", "--label", "l", "--desc", "d", "o1" }
      assert.equal(2, result.status)
      assert.truthy(result.err:find(name .. " belongs to --job", 1, true))
    end
  end)

  it("refuses openids beside the file", function()
    local result = run.sandbox(tag(run.file("o1\n"), { "o2" }))
    assert.equal(2, result.status)
    assert.truthy(result.err:find("not from both", 1, true), result.err)
  end)

  it("refuses a text of UTF-16", function()
    local path = run.file((openids(3):gsub(".", "%0\0")))
    local result = run.sandbox(tag(path))
    assert.same({ 2, "wxbot: " .. path .. " is no text of UTF-8: there are NUL "
      .. "bytes in it\n" }, { result.status, result.err })
  end)

  it("refuses a pipe, which it could not read again", function()
    local pipe = folder .. "/pipe"
    os.execute(("mkfifo %s; { echo o1 >%s; } 2>/dev/null &"):format(pipe, pipe))
    local result = run.sandbox(tag(pipe))
    assert.equal(2, result.status)
    assert.truthy(result.err:find("a job reads a file, not a pipe", 1, true),
      result.err)
  end)

  it("says that the disk is full, and goes on when it is not", function()
    local args = tag(run.file(openids(2000)))
    table.insert(args, 1, "--sandbox")
    local said = start.output_of(("trap '' XFSZ; ulimit -f 2; %s 2>&1 | cat")
      :format(run.line(args)))
    assert.matches("spring.job: File too large\n.*the same command goes on with "
      .. "job spring", said)
    local done = tonumber(jobs("--json").out:match('"done":(%d+)'))
    assert.is_true(done > 0 and done < 2000)
    table.remove(args, 1)
    assert.equal("2000 tagged\n", run.sandbox(args).out)
  end)

  it("says why its folder cannot be made", function()
    local result = run.sandbox(tag(run.file("o1\n"), { env = {} }))
    assert.equal(0, result.status)
    local args = tag(run.file("o1\n"))
    args.env.XDG_STATE_HOME = folder .. "/no/state"
    result = run.sandbox(args)
    assert.equal(1, result.status)
    assert.truthy(result.err:find("cannot be made: No such file", 1, true))
  end)
end)

describe("wxbot tag --job, with the served platform,", function()
  local platform, path

  before_each(function()
    platform, path = served.start(), run.file(openids(2000))
  end)

  local function begin(...)
    local args = tag(path, { "--base-url", platform.url, "--rate", "10", ... })
    for name, value in pairs(served.env()) do
      args.env[name] = value
    end
    local child = run.start(args)
    children[#children + 1] = child
    return child, args
  end

  local function pid_of(child)
    return run.wait_for(function()
      return run.read(child.pid_file):match("%d+")
    end, "the number of the process")
  end

  -- Until that many are confirmed.
  local function await(count)
    run.wait_for(function()
      local done = jobs("--json").out:match('"done":(%d+)')
      return done and tonumber(done) >= count
    end, count .. " openids")
  end

  it("is stopped cleanly by SIGTERM and Ctrl-C, and goes on", function()
    path = run.file("\239\187\191" .. openids(2000):gsub("\n", "\r\n\n"))
    for signal, status in pairs{ TERM = 143, INT = 130 } do
      local child = begin()
      await(100)
      run.wait_for(function()
        return jobs().out:find("running", 1, true)
      end, "a job that runs")
      os.execute(("kill -%s %s"):format(signal, pid_of(child)))
      local result = child:wait()
      assert.equal(status, result.status)
      assert.matches("interrupted: %d+ tagged; the same command goes on with job "
        .. "spring\n$", result.err)
      assert.matches("stopped", jobs().out)
    end
    local child = begin("--rate", "1000")
    assert.equal("2000 tagged\n", child:wait().out)
    local response = assert(wxbot.curl{}:request{ timeout = 5,
      url = platform.url .. "/_wxbot/api/tags" })
    assert.equal(2000, json.decode(response.body).count)
  end)

  it("is one at a time", function()
    local child, args = begin()
    await(50)
    local second = run.run(args)
    assert.equal(1, second.status)
    assert.truthy(second.err:find("another process uses it", 1, true))
    os.execute("kill -TERM " .. pid_of(child))
    child:wait()
  end)

  it("waits while the platform is not there", function()
    local port = platform.url:match("%d+$")
    platform:stop()
    local child = begin("--rate", "1000", "--json")
    local said = run.wait_for(function()
      return run.read(child.err):match('[^\n]*"waiting"[^\n]*')
    end, "a line that says what it waits for")
    assert.equal("spring", json.decode(said).job)
    platform = start.run(run.line{ "serve", "--port", port })
    assert.equal(2000, json.decode(child:wait().out).done)
  end)
end)

describe("wxbot tag --dry-run", function()
  it("counts, tells what looks wrong and how long it takes", function()
    local path = run.file(openids(1000) .. "o000001\n# them\no9,o8\n\n" .. "用户\no\255\n")
    local result = run.run{ "tag", "--dry-run", "--rate", "2", "--file", path,
      "--appid", "wx1", "--category", "c", "--label", "l", "--desc", "d" }
    assert.same({ status = 0, err = "", out = "1005 openids, 21 requests, 11 s "
      .. "at 2 requests/s\n1 come more than once\n4 look wrong\n  number 1002: "
      .. "# them\n  number 1003: o9,o8\n  number 1004: 用户\n  number 1005: "
      .. "o?\n" }, result)
  end)

  it("reads a pipe once, and tells nothing that it would have to read it "
    .. "again for", function()
    local pipe = folder .. "/pipe"
    os.execute(("mkfifo %s; printf 'o1\\no1\\n' >%s &"):format(pipe, pipe))
    local result = run.run{ "tag", "--dry-run", "--file", pipe, "--appid", "wx1",
      "--category", "c", "--label", "l", "--desc", "d" }
    assert.same({ status = 0, err = "", out = "2 openids, 1 requests\n"
      .. "0 look wrong\n" }, result)
  end)

  it("finds what comes twice in a long file, a part at a time", function()
    local path = run.file(openids(120000) .. openids(10))
    local result = run.run{ "tag", "--dry-run", "--json", "--file", path,
      "--appid", "wx1", "--category", "c", "--label", "l", "--desc", "d" }
    local found = json.decode(result.out)
    assert.same({ 120010, 10, 0 }, { found.openids, found.duplicates,
      found.suspicious })
  end)
end)

describe("wxbot import --job", function()
  it("hands over, follows, and does nothing a second time", function()
    local path = run.file("技能,标准问题,相似问题,回答\n售后,怎么退货,,请联系客服。\n"
      .. "售后,怎么换货,,七天。\n")
    local function import(...)
      return run.sandbox{ "import", path, "--format", "csv", "--job", "faq",
        "--batch", "1", ..., env = { XDG_STATE_HOME = folder,
          WXBOT_MANAGERID = "admin" } }
    end
    local result = import "--wait"
    assert.same({ 0, "2 imported\n" }, { result.status, result.out })
    result = import()
    assert.equal(0, result.status)
    assert.matches("^2 handed over\n", result.out)
    assert.matches("^faq  import  2/2  done", jobs().out)
  end)
end)

describe("wxbot import --job --wait", function()
  it("is ended by ^C also once all is handed over", function()
    local screen = run.on_terminal{ "--sandbox", "import", "--wait", "--job",
      "faq", run.file("skill,question,answer\ns,1,a\n"), "--format", "csv",
      env = { XDG_STATE_HOME = folder }, columns = 80, after = "running",
      keys = "\\003" }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("wxbot: interrupted: 1 of 1 questions handed "
      .. "over, task task00000001\r\nwxbot: follow it with: wxbot task --wait "
      .. "--task-id task00000001\r\nstatus: 130", 1, true), screen)
  end)
end)

describe("wxbot import --job, with the served platform,", function()
  it("ends with 3 where an answer was lost, and --unknown decides", function()
    local platform = served.start()
    local rows = { "skill,question,answer" }
    for i = 1, 6 do
      rows[i + 1] = ("s,q%d,a%d"):format(i, i)
    end
    local path = run.file(table.concat(rows, "\n") .. "\n")
    assert(wxbot.curl{}:request{ method = "POST", url = platform.url
      .. "/_wxbot/api/faults", headers = { ["content-type"] = "application/json" },
      body = '{"endpoint":"batchimportskill","cut":true,"times":1}' })
    local function import(...)
      local args = { "import", path, "--format", "csv", "--job", "faq",
        "--batch", "2", "--base-url", platform.url, ... }
      args.env = served.env()
      args.env.XDG_STATE_HOME = folder
      return run.run(args)
    end
    local result = import()
    assert.equal(3, result.status)
    assert.truthy(result.err:find("4 handed over; 2 sent and not confirmed: "
      .. "decide with --unknown send or --unknown skip", 1, true), result.err)
    assert.matches("^faq  import  4/6  unknown", jobs().out)
    assert.equal(3, import().status)
    result = import("--unknown", "send")
    assert.same({ 0, "6 handed over" }, { result.status,
      result.out:match("^[^\n]*") })
    assert.matches("^faq  import  6/6  done", jobs().out)
  end)
end)

describe("wxbot jobs", function()
  it("lists none where there are none", function()
    assert.same({ status = 0, out = "", err = "" }, jobs())
    assert.same({ jobs = {} }, json.decode(jobs("--json").out))
  end)

  it("names one that cannot be read", function()
    os.execute(("mkdir -p %s/wxbot/jobs; echo x >%s/wxbot/jobs/odd.job"):format(
      folder, folder))
    assert.matches("^odd  unreadable  .*it is no file of kind wxbot%-job\n$",
      jobs().out)
    os.execute((": >%s/wxbot/jobs/odd.job"):format(folder))
    assert.equal("odd  unreadable  it has not begun\n", jobs().out)
  end)
end)
