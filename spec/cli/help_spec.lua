-- Without this --help is too wide for a terminal, or does not say what a
-- command prints; and help, version and completion say something else.
local columns = require "wxbot.cli.columns"
local commands = require "wxbot.cli.command"
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local wxbot = require "wxbot"

local output_of = require "spec.server.start".output_of

-- Prints the help and the usage of everything that has one.
local SHOW_ALL = [[
  local commands = require "wxbot.cli.command"
  local function show(parser)
    print("\f" .. parser.path)
    print(parser:get_help())
    print(parser:get_usage())
    for _, command in ipairs(parser._commands) do
      show(command)
    end
  end
  show(require "wxbot.cli.parser".new(commands.list, commands.groups,
    commands.sections))
]]

-- The help of each command by its name, as wide as COLUMNS says.
local function helps(width)
  local found = {}
  local text = output_of(("COLUMNS=%d .ci/lua %s -e %s"):format(width,
    _VERSION:match("%d.%d"), run.quote(SHOW_ALL)))
  for path, help in text:gmatch("\f([^\n]*)\n([^\f]*)") do
    found[path] = help
  end
  return found
end

local function words(text)
  return (text:gsub("%s+", " "))
end

describe("--help", function()
  after_each(run.clean)

  local wide = helps(120)

  it("is there for every command and group", function()
    for _, command in ipairs(commands.list) do
      assert.truthy(wide["wxbot " .. command.name], command.name)
    end
    for group in pairs(commands.groups) do
      assert.truthy(wide["wxbot " .. group], group)
    end
  end)

  for _, width in ipairs{ 40, 60, 80, 120 } do
    it(("fits %d columns, and cuts no word"):format(width), function()
      for path, help in pairs(helps(width)) do
        for line in help:gmatch("[^\n]+") do
          assert.truthy(columns.width(line) <= width or line:find("^[^ ]+$"),
            path .. ": " .. line)
        end
        assert.equal(words(wide[path]), words(help))
      end
    end)
  end

  it("fits the terminal", function()
    local screen = run.on_terminal{ "import", "--help", columns = 40 }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    local widest = 0
    for line in screen:gmatch("[^\r\n]+") do
      widest = math.max(widest, columns.width(line))
    end
    assert.truthy(widest <= 40 and widest > 30, screen)
  end)

  it("fits a wide terminal, too, which is not that of stderr", function()
    local screen = run.on_terminal{ "import", "--help", columns = 95,
      to = "2>/dev/null" }
    if not screen then
      return pending("no terminal can be made: `script` or /dev/pts is missing")
    end
    assert.truthy(screen:find("\n[^\n]+ [^\n]+" .. ("."):rep(75)), screen)
  end)

  it("says what each command prints, without --json and with it", function()
    for _, command in ipairs(commands.list) do
      local help = wide["wxbot " .. command.name]
      assert.truthy(help:find("\nPrints ", 1, true), command.name)
      assert.truthy(command.name == "help"
        or help:find("one line of JSON, whose members are:\n - ", 1, true),
        command.name)
    end
  end)

  it("names the members of an answer, however deep they are", function()
    local function has(path, member)
      assert.truthy(words(wide[path]):find(" - " .. member, 1, true), member)
    end
    has("wxbot article follow", "article_detail.item[].idx: Number of the")
    has("wxbot article follow", "publish_status_name: success, publishing,")
    has("wxbot task", "progress_bar: ")
    has("wxbot ask", "tier: answer, recommend or miss")
    has("wxbot ask", "options[].title: ")
  end)

  it("shows commands together that belong together", function()
    local help = wide["wxbot"]
    assert.truthy(help:find("\nUsers:\n   tag ", 1, true))
    assert.truthy(help:find("\nArticles:\n   material ", 1, true))
    assert.falsy(help:find("Other commands:", 1, true))
  end)

  it("says which sections there are of commands that there are", function()
    local there, named = {}, {}
    for _, command in ipairs(commands.list) do
      there[#there + 1] = command.name
    end
    for _, section in ipairs(commands.sections) do
      for _, name in ipairs(section) do
        named[#named + 1] = name
      end
    end
    assert.same(there, named)
  end)

  it("is an error when it cannot be written", function()
    local result = run.run{ "--help", out = "/dev/full" }
    assert.equal(1, result.status)
    assert.truthy(result.err:find("cannot write to standard output", 1, true))
  end)
end)

describe("what --help says of JSON", function()
  after_each(run.clean)

  local SKILLS = '[{"skill":"s","intent":"t","questions":["q"],"answers":["a"]}]'

  -- By hand, so that it may be wrong.
  local BY_HAND = {
    tag = { "--appid", "wx1", "--category", "a", "--label", "b", "--desc", "c",
      "o1" },
    import = { "--managerid", "admin", "--format", "json", "-", "--wait",
      "--publish", input = SKILLS },
    ["jwt encode"] = { "{}" },
    encrypt = { "x" },
    version = {},
    completion = { "bash" },
  }
  for name, args in pairs(BY_HAND) do
    it("is true of " .. name, function()
      local line, listed, printed = { input = args.input, "--json" }, {}, {}
      for word in name:gmatch("[^ ]+") do
        line[#line + 1] = word
      end
      for _, argument in ipairs(args) do
        line[#line + 1] = argument
      end
      for _, command in ipairs(commands.list) do
        for _, member in ipairs(command.name == name and command.json or {}) do
          listed[member.name:match("^[a-z_]+")] = true
        end
      end
      local result = run.sandbox(line)
      assert.equal(0, result.status, result.err)
      for member in pairs(json.decode(result.out)) do
        printed[member] = true
      end
      assert.same(listed, printed)
    end)
  end
end)

describe("wxbot help", function()
  after_each(run.clean)

  it("is the --help of all, of a command, and of one in a group", function()
    for _, name in ipairs{ {}, { "ask" }, { "bot" }, { "bot", "publish" } } do
      local asked = run.run{ "help", (table.unpack or unpack)(name) }
      name[#name + 1] = "--help"
      assert.same(run.run(name), asked)
      assert.equal(0, asked.status)
      assert.truthy(asked.out:find("^Usage: wxbot "))
    end
  end)

  it("names the command that was meant", function()
    local result = run.run{ "help", "articel" }
    assert.equal(2, result.status)
    assert.truthy(run.run{ "help", "artcle" }.err:find(
      "wxbot: unknown command 'artcle'; did you mean 'article'?\n"
      .. "wxbot: wxbot --help says more\n", 1, true))
    assert.truthy(run.run{ "help", "article", "lst" }.err:find(
      "unknown command 'lst'; did you mean 'list'?\n"
      .. "wxbot: wxbot article --help says more\n", 1, true))
  end)
end)

describe("wxbot version", function()
  after_each(run.clean)

  it("says what wxbot stands on", function()
    local result = run.run{ "version" }
    assert.equal("", result.err)
    assert.matches("^wxbot " .. wxbot._VERSION:gsub("%.", "%%.")
      .. "\nLua[JIT]* [%d.]+[^,]*, OpenSSL %d[%d.]+, libcurl %d[%d.]+\n$",
      result.out)
    assert.same(result, run.run{ "--version" })
  end)

  it("does so where libcurl is missing", function()
    local result = run.run{ "version",
      before = 'package.preload["wxbot.curl"] = function() error "none" end' }
    assert.equal(0, result.status)
    assert.truthy(result.out:find(", no libcurl\n", 1, true), result.out)
  end)
end)

describe("wxbot completion", function()
  after_each(run.clean)

  -- What bash offers for each line.
  local COMPLETE = [[
    source "$1"
    shift
    for line; do
      COMP_WORDS=($line)
      [ "${line% }" = "$line" ] || COMP_WORDS+=("")
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
      _wxbot
      echo "$line=${COMPREPLY[*]}"
    done
  ]]

  local function offered(lines)
    local script = run.file(run.run{ "completion", "bash" }.out)
    local quoted, found = {}, {}
    for i, line in ipairs(lines) do
      quoted[i] = run.quote(line)
    end
    local out = output_of(("bash --norc -c %s bash %s %s"):format(
      run.quote(COMPLETE), script, table.concat(quoted, " ")))
    for line, words_of in out:gmatch("([^\n]*)=([^\n]*)\n") do
      found[line] = words_of
    end
    return found
  end

  it("completes commands, their options, names and values in bash", function()
    local found = offered{ "wxbot ar", "wxbot article s", "wxbot --json bot pu",
      "wxbot help ar", "wxbot ask --env ", "wxbot ask --u", "wxbot ask --" }
    assert.truthy(found["wxbot ask --"]:find(" --first-priority-skills ", 1,
      true))
    assert.truthy(found["wxbot ask --"]:find("--sandbox ", 1, true))
    found["wxbot ask --"] = nil
    assert.same({ ["wxbot ar"] = "article", ["wxbot article s"] = "show submit",
      ["wxbot --json bot pu"] = "publish", ["wxbot help ar"] = "article",
      ["wxbot ask --env "] = "online debug",
      ["wxbot ask --u"] = "--username --userid" }, found)
  end)

  it("completes names of files in bash", function()
    local found = offered{ "wxbot --config examples/ski" }
    assert.equal("examples/skills.json", found["wxbot --config examples/ski"])
  end)

  for _, shell in ipairs{ "zsh", "fish" } do
    it("is read by " .. shell, function()
      local script = run.file(run.run{ "completion", shell }.out)
      assert.truthy(run.read(script):find("publish", 1, true))
      if output_of("command -v " .. shell) == "" then
        return pending(shell .. " is missing")
      end
      assert.equal("", output_of(("%s -n %s 2>&1"):format(shell, script)))
    end)
  end

  it("is for shells that it names", function()
    local result = run.run{ "completion", "csh" }
    assert.equal(2, result.status)
    assert.truthy(result.err:find("must be one of 'bash', 'zsh', 'fish'", 1,
      true))
  end)
end)
