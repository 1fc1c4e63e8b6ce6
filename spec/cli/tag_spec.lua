-- Without this wxbot tag leaves openids out, or does not say which were not
-- tagged.
--
-- Tagging from the command line, on the embedded platform.
-- #once
local json = require "wxbot.codec.json"
local run = require "spec.support.command"

local function tag(args)
  local all = { "tag", "--appid", "wx1", "--category", "c", "--label", "l",
    "--desc", "d", input = args.input, env = args.env, columns = args.columns }
  for _, argument in ipairs(args) do
    all[#all + 1] = argument
  end
  return all
end

local function openids(n)
  local lines = {}
  for i = 1, n do
    lines[i] = ("o%06d"):format(i)
  end
  return table.concat(lines, "\n") .. "\n"
end

describe("wxbot tag", function()
  after_each(run.clean)

  it("takes openids as arguments", function()
    local result = run.sandbox(tag{ "o1", "o2", "o3" })
    assert.same({ status = 0, out = "3 tagged\n", err = "3 of 3 tagged\n" },
      result)
  end)

  it("takes openids from a file, whatever ends its lines", function()
    local path = run.file("\239\187\191o1\r\n\r\no2\n  \n\no3")
    local result = run.sandbox(tag{ "--file", path })
    assert.same({ status = 0, out = "3 tagged\n", err = "" }, result)
  end)

  it("takes openids from standard input", function()
    for _, more in ipairs{ {}, { "-" }, { "--file", "-" } } do
      more.input = openids(120)
      local result = run.sandbox(tag(more))
      assert.same({ status = 0, out = "120 tagged\n", err = "" }, result)
    end
  end)

  it("prints plain lines of progress in a pipe, not one a batch", function()
    local result = run.sandbox(tag{ input = openids(2345) })
    assert.equal("1000 tagged\n2000 tagged\n", result.err)
    local list = {}
    for openid in openids(1000):gmatch("%S+") do
      list[#list + 1] = openid
    end
    result = run.sandbox(tag(list))
    assert.equal("100 of 1000 tagged\n200 of 1000 tagged\n", result.err:sub(1, 38))
    assert.equal("1000 tagged\n", result.out)
  end)

  it("prints the result, and nothing else, as JSON", function()
    local result = run.sandbox(tag{ "--json", "--batch", "2", "o1", "o2", "o3" })
    assert.same({ status = 0, out = '{"batches":2,"done":3}\n', err = "" },
      result)
  end)

  it("goes on behind those that --skip leaves out", function()
    local result = run.sandbox(tag{ "--skip", "2", input = openids(5) })
    assert.equal("3 tagged\n", result.out)
    result = run.sandbox(tag{ "--skip", "5", input = openids(5) })
    assert.same({ status = 0, out = "0 tagged\n", err = "" }, result)
  end)

  it("holds no more than a batch of a long list", function()
    local path = run.file(openids(200000))
    local result = run.run{ "tag", "--sandbox", "--appid", "nope", "--category",
      "c", "--label", "l", "--desc", "d", "--skip", "199990", "--file", path }
    assert.equal("wxbot: 0 tagged; go on with --skip 199990\n",
      result.err:match("\n(.*)$"))
  end)

  it("says where to go on after a failure", function()
    local result = run.sandbox(tag{ "--skip", "10",
      input = openids(110) .. "\255\n" .. openids(3) })
    assert.same({ status = 1, out = "", err =
      "wxbot: tag: openid number 111 is not valid UTF-8\n"
      .. "wxbot: 100 tagged; go on with --skip 110\n" }, result)
  end)

  it("says the same as JSON", function()
    local result = run.sandbox(tag{ "--json",
      input = openids(100) .. "\255\n" })
    local err = json.decode(result.err).error
    assert.same({ 100, 100, "invalid" }, { err.done, err.skip, err.kind })
  end)

  it("reports the platform's refusal", function()
    local result = run.sandbox{ "tag", "--appid", "other", "--category", "c",
      "--label", "l", "--desc", "d", "o1" }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("^wxbot: label_batchset: 1011 "))
    assert.truthy(result.err:find("\nwxbot: --appid is that of", 1, true))
  end)

  it("exits 2 for input that cannot be read", function()
    local result = run.sandbox(tag{ "--file", "/nonexistent/file" })
    assert.same({ status = 2, out = "", err = "wxbot: cannot read "
      .. "/nonexistent/file: No such file or directory\n" }, result)
    result = run.sandbox(tag{ "--file", "/" })
    assert.same({ status = 2, out = "",
      err = "wxbot: cannot read /: Is a directory\n" }, result)
  end)

  it("exits 2 when there is nobody to tag", function()
    local result = run.sandbox(tag{ input = "\n\n" })
    assert.same({ status = 2, out = "", err = "wxbot: no openids were given\n" },
      result)
  end)

  it("exits 2 for openids from two places", function()
    local result = run.sandbox(tag{ "--file", run.file("o1\n"), "o2" })
    assert.equal(2, result.status)
    assert.truthy(result.err:find("not from both", 1, true))
  end)

  it("exits 2 for a batch of none", function()
    local result = run.sandbox(tag{ "--batch", "0", "o1" })
    assert.equal(2, result.status)
    assert.truthy(result.err:find("batch must be greater than 0", 1, true))
  end)

  it("does not wait for a person who types no openids", function()
    local screen = run.on_terminal(tag{ "--sandbox" })
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("wxbot: no openids: give them as arguments", 1, true))
    assert.truthy(screen:find("status: 2", 1, true))
  end)

  it("draws a bar on a terminal", function()
    local list = { "--sandbox", "--batch", "1", columns = 50 }
    for openid in openids(10):gmatch("%S+") do
      list[#list + 1] = openid
    end
    local screen = run.on_terminal(tag(list))
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("\r%[##%.+%]  10 %%  1 of 10 tagged"), screen)
    assert.truthy(screen:find("100 %  10 of 10 tagged\r\n10 tagged\r\n", 1,
      true), screen)
    for line in screen:gmatch("[^\r\n]+") do
      assert.is_true(#line < 50)
    end
  end)
end)

describe("wxbot tag, interrupted,", function()
  local fifo

  before_each(function()
    fifo = run.file()
    os.remove(fifo)
    os.execute("mkfifo " .. fifo)
  end)
  after_each(run.clean)

  -- Starts it and stops it when it waits for more than these openids. The
  -- pipe stays open.
  local function interrupted(args, amount, ready)
    args.input = fifo
    local child = run.start(args)
    local pipe = assert(io.open(fifo, "w"))
    pipe:setvbuf("no")
    pipe:write(openids(amount))
    if ready then
      run.wait_for(function()
        return run.read(child.err):find(ready, 1, true)
      end, ready)
    end
    child:interrupt()
    local result = child:wait()
    pipe:close()
    return result
  end

  it("says how many are tagged and how to go on", function()
    local result = interrupted(tag{ "--sandbox" }, 1020, "1000 tagged\n")
    assert.same({ status = 130, out = "", err = "1000 tagged\n"
      .. "wxbot: interrupted: 1000 tagged; go on with --skip 1000\n" }, result)
  end)

  it("counts those that were skipped, too", function()
    local result = interrupted(tag{ "--sandbox", "--skip", "20", "-" }, 1040,
      "1000 tagged\n")
    assert.same({ status = 130, out = "", err = "1000 tagged\n"
      .. "wxbot: interrupted: 1000 tagged; go on with --skip 1020\n" }, result)
  end)

  it("says the same as one JSON line", function()
    -- More than a pipe holds: when all is written, tagging has begun.
    local result = interrupted(tag{ "--sandbox", "--json" }, 40000)
    local err = assert(json.decode(result.err)).error
    assert.equal(130, result.status)
    assert.is_true(err.done > 0 and err.done % 50 == 0)
    assert.same({ code = "interrupted", kind = "cancelled", done = err.done,
      skip = err.done, message = ("interrupted: %d tagged; go on with --skip %d")
        :format(err.done, err.done) }, err)
  end)
end)
