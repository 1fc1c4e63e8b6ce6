-- Without this what is given to others may lack files, or not build there.
--
-- Run on Lua 5.4 this looks at the tarball's package of Debian and at the rock
-- for Lua 5.4; run on LuaJIT at what the tarball itself builds, and at the rock
-- for LuaJIT.
-- #long
local start = require "spec.server.start"

local VERSION = require "wxbot"._VERSION
local JIT = rawget(_G, "jit") ~= nil
local LUA_VERSION = JIT and "5.1" or "5.4"
local LUA = JIT and (os.getenv("LUAJIT") or "luajit")
  or (os.getenv("LUA") or "lua5.4")
local NAME = "wxbot-" .. VERSION
-- Nothing of the run that this spec is part of may leak into the ones below.
local CLEAN = "env -u MAKEFLAGS -u MAKELEVEL -u BUILD -u LUA_PATH -u LUA_CPATH"
  .. " -u LUA_PATH_5_4 -u LUA_CPATH_5_4 "

local function run(command)
  local text, status = start.output_of("{ " .. command
    .. "; } 2>&1 </dev/null; echo \" $?\""):match("^(.*) ([0-9]+)\n$")
  assert.equal("0", status, command .. "\n" .. text)
  return text
end

local function lacks(command)
  return start.output_of("command -v " .. command) == ""
end

local function list(folder, filter)
  return run(("cd %s && find . -type f %s | LC_ALL=C sort")
    :format(folder, filter or ""))
end

-- What a program in the root folder says that finds modules in these places.
local function program(share, lib)
  return run(("cd / && %s LUA_PATH='%s/?.lua;%s/?/init.lua;;' LUA_CPATH='%s/?.so;;'"
    .. " %s -e 'require [[wxbot.curl]] print(require [[wxbot]]._VERSION)"
    .. " print(package.searchpath([[wxbot.core]], package.cpath))'")
    :format(CLEAN, share, share, lib, LUA))
end

-- The command, with no help from the environment.
local function command(path, arguments)
  return run(("cd / && %s %s %s"):format(CLEAN, path, arguments))
end

local folder

setup(function()
  folder = run("mktemp -d"):match("^(.-)\n")
end)
teardown(function()
  run("rm -rf " .. folder)
end)

local function make(targets)
  return run(("%smake %s BUILD=%s/build"):format(CLEAN, targets, folder))
end

-- Files of the checkout that no git knows of have no place in a tarball.
if start.output_of("git ls-files lua 2>&1"):find("^lua/") == nil then
  pending("packages (this is not a checkout of git)")
  return
end

describe("make dist", function()
  local tarball

  setup(function()
    make("dist")
    tarball = ("%s/build/dist/%s.tar.gz"):format(folder, NAME)
  end)

  if not JIT then
    it("makes the same bytes again, from its own files too", function()
      run(("mkdir %s/again && tar -xzf %s -C %s/again"):format(folder, tarball,
        folder))
      run(("cd %s/again/%s && umask 077 && %smake dist && cmp build/dist/%s.tar.gz %s")
        :format(folder, NAME, CLEAN, NAME, tarball))
    end)

    it("stops where git does not say what it holds", function()
      run(("mkdir %s/bin && printf '#!/bin/sh\\n[ $1 = --version ]\\n' "
        .. ">%s/bin/git && chmod 755 %s/bin/git"):format(folder, folder, folder))
      run(("! %sPATH=%s/bin:$PATH make dist BUILD=%s/none && "
        .. "! ls %s/none/dist/*.gz"):format(CLEAN, folder, folder, folder))
    end)

    it("holds what git holds, in one folder", function()
      assert.equal(run("git ls-files | LC_ALL=C sort"),
        (run("tar -tzf " .. tarball):gsub("([^\n]*\n)", function(line)
          return (line:gsub("^" .. NAME:gsub("%p", "%%%0") .. "/", ""))
        end)))
    end)
    return
  end

  it("builds and installs in an empty folder, without network and git", function()
    local alone = os.execute("unshare -n true 2>/dev/null")
    alone = (alone == true or alone == 0) and "unshare -n " or ""
    run(("mkdir %s/alone %s/no && printf '#!/bin/sh\\nexit 9\\n' >%s/no/git"
      .. " && chmod 755 %s/no/git && tar -xzf %s -C %s/alone"):format(folder,
      folder, folder, folder, tarball, folder))
    run(("cd %s/alone/%s && export PATH=%s/no:$PATH && %s%smake"
      .. " && %s%smake install PREFIX=%s/usr"):format(folder, NAME, folder, alone,
      CLEAN, alone, CLEAN, folder))
    local lib = folder .. "/usr/lib/lua/5.1"
    assert.equal(VERSION .. "\n" .. lib .. "/wxbot/core.so\n",
      program(folder .. "/usr/share/lua/5.1", lib))
    assert.matches("^wxbot " .. VERSION:gsub("%.", "%%."),
      command(folder .. "/usr/bin/wxbot", "--version"))
  end)
end)

describe("make rock", function()
  if lacks("luarocks") or lacks("zip") then
    pending("gives a rock that installs (there is no luarocks or no zip)")
    return
  end
  local tree

  -- LuaRocks prefers another Lua 5.1 to LuaJIT, where there is one.
  setup(function()
    make("rock")
    tree = folder .. "/tree"
    local before = ""
    if JIT then
      run(([[{ echo 'lua_interpreter = "%s"'; echo "variables = {]]
        .. [[ LUA_BINDIR = '$(dirname $(command -v %s))', LUA_INCDIR =]]
        .. [[ '$(pkg-config --variable=includedir luajit)' }"; } >%s/config.lua]])
        :format(LUA:match("[^/]*$"), LUA, folder))
      before = "LUAROCKS_CONFIG=" .. folder .. "/config.lua "
    end
    run(("cd / && %s%s luarocks --lua-version %s --tree %s install"
      .. " --deps-mode=none %s/build/dist/%s-1.src.rock"):format(CLEAN, before,
      LUA_VERSION, tree, folder, NAME))
  end)

  it("gives a rock that installs in an empty tree", function()
    local lib = tree .. "/lib/lua/" .. LUA_VERSION
    assert.equal(list("lua/wxbot"),
      list(tree .. "/share/lua/" .. LUA_VERSION .. "/wxbot"))
    assert.equal(VERSION .. "\n" .. lib .. "/wxbot/core.so\n",
      program(tree .. "/share/lua/" .. LUA_VERSION, lib))
  end)

  it("gives it a command that needs no variables", function()
    assert.matches("^wxbot " .. VERSION:gsub("%.", "%%."),
      command(tree .. "/bin/wxbot", "--version"))
    assert.matches("好[^\n]*\n$",
      command(tree .. "/bin/wxbot", "--sandbox ask 你好"))
  end)

  it("gives programs what `luarocks path` says", function()
    assert.equal(VERSION .. "\n", run(("cd / && eval \"$(%s luarocks"
      .. " --lua-version %s --tree %s path)\" && %s -e"
      .. " 'print(require [[wxbot]]._VERSION)'"):format(CLEAN, LUA_VERSION, tree,
      LUA)))
  end)
end)

describe("make deb", function()
  if JIT then
    return
  end
  if lacks("dh") then
    pending("gives a package (there is no debhelper)")
    return
  end
  local package, tree

  setup(function()
    package = make("deb"):match("([^ \n]*%.deb)\n")
    tree = folder .. "/deb"
    run(("dpkg-deb -x %s %s"):format(package, tree))
  end)

  it("gives a package that lintian has nothing against", function()
    if lacks("lintian") then
      pending("there is no lintian")
      return
    end
    assert.equal("", run("lintian --allow-root --display-info " .. package))
  end)

  it("gives it what it needs, and what it can do without", function()
    local function field(name)
      return run(("dpkg-deb -f %s %s"):format(package, name)):match("^(.-)\n$")
    end
    assert.equal("lua-wxbot", field("Package"))
    assert.matches("^" .. VERSION:gsub("%.", "%%.") .. "%-1~deb[0-9]+$",
      field("Version"))
    for _, name in ipairs{ "lua5.4", "lua-expat", "lua-argparse",
      "ca-certificates", "libc6", "libcurl4", "libssl3" } do
      assert.is_truthy((", " .. field("Depends")):find(", " .. name, 1, true), name)
    end
    assert.is_nil(field("Depends"):find("nginx"))
    assert.equal("libnginx-mod-http-lua, nginx", field("Recommends"))
  end)

  it("holds modules for both Luas, the command and its completion", function()
    for _, version in ipairs{ "5.4", "5.1" } do
      assert.equal(list("lua/wxbot"),
        list(("%s/usr/share/lua/%s/wxbot"):format(tree, version)))
      assert.equal("./core.so\n./curl.so\n",
        list(("%s/usr/lib/*/lua/%s/wxbot"):format(tree, version)))
    end
    assert.equal([[
./bash-completion/completions/wxbot
./fish/vendor_completions.d/wxbot.fish
./lintian/overrides/lua-wxbot
./man/man1/wxbot.1.gz
./zsh/vendor-completions/_wxbot
]], list(tree .. "/usr/share", "! -path './lua/*' ! -path './doc/*'"))
  end)

  it("holds what users read, in both languages", function()
    local documents = list(tree .. "/usr/share/doc/lua-wxbot")
    for _, name in ipairs{ "README.md", "docs/reference.md",
      "docs/zh-CN/reference.md", "changelog.gz", "copyright",
      "examples/demo.lua" } do
      assert.is_truthy(documents:find("./" .. name .. "\n", 1, true), name)
    end
  end)

  it("runs as soon as it is unpacked", function()
    assert.matches("好[^\n]*\n$",
      command(tree .. "/usr/bin/wxbot", "--sandbox ask 你好"))
  end)
end)
