-- Without this an installed wxbot lacks files, or finds the ones of a checkout.
--
-- What `make install` and `luarocks make` leave is complete: a program in
-- another folder needs nothing of the checkout. Run on Lua 5.4 this looks at
-- the files for Lua 5.4, run on LuaJIT at those for LuaJIT.
-- #long
local lfs = require "lfs"
local start = require "spec.server.start"

local SAYS = "wxbot " .. require "wxbot"._VERSION .. "\n"

local JIT = rawget(_G, "jit") ~= nil
local VERSION = JIT and "5.1" or _VERSION:match "[%d.]+$"
local LUA = JIT and (os.getenv("LUAJIT") or "luajit")
  or (os.getenv("LUA") or "lua5.4")
-- Nothing of the run that this spec is part of may leak into the ones below.
local CLEAN = "env -u MAKEFLAGS -u MAKELEVEL -u LUA_PATH -u LUA_CPATH"
  .. " -u LUA_PATH_5_4 -u LUA_CPATH_5_4 "

-- Runs a shell command: what it said, and the number it ended with.
local function sh(command)
  local pipe = assert(io.popen("{ " .. command .. "; } 2>&1; echo \" $?\""))
  local output = pipe:read("*a")
  pipe:close()
  local text, status = output:match("^(.*) (%d+)\n$")
  return text, tonumber(status)
end

local function run(command)
  local text, status = sh(command)
  assert.equal(0, status, command .. "\n" .. text)
  return text
end

-- Runs a piece of Lua from the root folder, with the modules below `prefix`
-- before Lua's own places.
local function lua(prefix, code)
  local share = ("%s/share/lua/%s"):format(prefix, VERSION)
  return run(("cd / && %s LUA_PATH='%s/?.lua;%s/?/init.lua;;'"
    .. " LUA_CPATH='%s/lib/lua/%s/?.so;;' %s -e '%s'")
    :format(CLEAN, share, share, prefix, VERSION, LUA, code))
end

local function list(folder, filter)
  return run(("cd %s && find . -type f %s | LC_ALL=C sort")
    :format(folder, filter or ""))
end

local WHERE = 'for _, name in ipairs { "wxbot", "wxbot.util.errors" } do'
  .. ' print((assert(package.searchpath(name, package.path)))) end'
  .. ' for _, name in ipairs { "wxbot.core", "wxbot.curl" } do'
  .. ' require(name)'
  .. ' print((assert(package.searchpath(name, package.cpath)))) end'

-- What the command says first of itself, with no help from the environment.
local function version_by(command, before)
  return run(("cd / && %s %s %s --version"):format(CLEAN, before or "",
    command)):match("^[^\n]*\n")
end

-- Calls the command, wherever it is, by all kinds of names.
local function commands(command)
  describe("gives a command that runs", function()
    local links

    before_each(function()
      links = run("mktemp -d"):match("^(.-)\n")
    end)
    after_each(function()
      run("rm -rf " .. links)
    end)

    it("by its name", function()
      assert.equal(SAYS, version_by(command()))
    end)

    it("by a symbolic link, a relative one, and a chain of them", function()
      run(("cd %s && mkdir a b && ln -s %s a/first && ln -s ../a/first b/second"
        .. " && ln -s b/second 'the th\\ird'\\''s'"):format(links, command()))
      for _, link in ipairs{ "a/first", "b/second", "'the th\\ird'\\''s'" } do
        assert.equal(SAYS, version_by(links .. "/" .. link))
      end
      assert.equal(SAYS, version_by("b/second", "env -C " .. links))
    end)

    it("from PATH, by a link to the folder and to itself", function()
      run(("ln -s $(dirname %s) %s/bin && ln -s %s %s/other"):format(command(),
        links, command(), links))
      assert.equal(SAYS,
        version_by("wxbot", "PATH=" .. links .. "/bin:$PATH"))
      assert.equal(SAYS,
        version_by("other", "PATH=" .. links .. ":$PATH"))
      assert.equal(SAYS,
        version_by("other", "env -C " .. links .. " PATH=.:$PATH"))
    end)

    it("in a folder that holds modules of the same names", function()
      run(("mkdir %s/wxbot && echo error >%s/argparse.lua && "
        .. "echo error >%s/wxbot/cli.lua"):format(links, links, links))
      assert.equal(SAYS, version_by(command(), "env -C " .. links))
    end)
  end)
end

local function in_temporary_folder()
  local folder
  setup(function()
    folder = run("mktemp -d"):match("^(.-)\n")
  end)
  teardown(function()
    run("rm -rf " .. folder)
  end)
  return function()
    return folder
  end
end

describe("make install", function()
  local folder = in_temporary_folder()
  local prefix

  setup(function()
    prefix = folder() .. "/usr"
    run(CLEAN .. "make install PREFIX=/usr DESTDIR=" .. folder())
  end)

  it("gives every file of lua/ in the checkout, and no other", function()
    assert.equal(list("lua/wxbot"),
      list(prefix .. "/share/lua/" .. VERSION .. "/wxbot"))
  end)

  it("gives both C modules", function()
    assert.equal("./core.so\n./curl.so\n",
      list(prefix .. "/lib/lua/" .. VERSION .. "/wxbot"))
  end)

  it("lets a program in another folder require wxbot", function()
    assert.equal("table\n", lua(prefix, 'print(type(require "wxbot"))'))
  end)

  it("lets that program load nothing from elsewhere", function()
    local share = ("%s/share/lua/%s/wxbot/"):format(prefix, VERSION)
    local lib = ("%s/lib/lua/%s/wxbot/"):format(prefix, VERSION)
    assert.equal(("%sinit.lua\n%sutil/errors.lua\n%score.so\n%scurl.so\n")
      :format(share, share, lib, lib), lua(prefix, WHERE))
  end)

  it("gives a command that Lua 5.4 runs", function()
    local file = assert(io.open(prefix .. "/bin/wxbot"))
    local first = file:read("*l")
    file:close()
    assert.equal("#!/usr/bin/env lua5.4", first)
    assert.equal("rwxr-xr-x",
      lfs.attributes(prefix .. "/bin/wxbot", "permissions"))
  end)

  if not JIT then
    commands(function()
      return prefix .. "/bin/wxbot"
    end)

    it("gives a command that serves, with nginx", function()
      local server = start.run("env -C / -u LUA_PATH -u LUA_CPATH timeout 20 "
        .. prefix .. "/bin/wxbot serve --port 0")
      server:expect("^url: ")
      server:stop()
    end)
  end

  it("gives what everybody can read, whatever the umask", function()
    local private = folder() .. "/private"
    run("umask 077 && " .. CLEAN .. "make install PREFIX=" .. private)
    assert.equal("", run(("find %s -type d ! -perm 755 -o -type f ! -perm 644"
      .. " ! -perm 755"):format(private)))
    run("rm -r " .. private)
  end)

  if JIT then
    it("gives modules for LuaJIT alone where a host wants them", function()
      local host, made = folder() .. "/host", folder() .. "/usr/bin/wxbot"
      local options = ("VERSIONS=5.1 LUADIR=%s/lualib LIBDIR=%s/lualib PREFIX=%s")
        :format(host, host, prefix)
      run("rm " .. made)
      run(CLEAN .. "make install " .. options)
      assert.equal(list("lua/wxbot"),
        list(host .. "/lualib/wxbot", "! -name '*.so'"))
      assert.equal("./core.so\n./curl.so\n",
        list(host .. "/lualib/wxbot", "-name '*.so'"))
      assert.is_nil(lfs.attributes(made))
      run("touch " .. made)
      run(CLEAN .. "make uninstall " .. options)
      assert.equal("", list(host))
      assert.equal("file", lfs.attributes(made, "mode"))
    end)
  end

  it("is undone by make uninstall", function()
    run(CLEAN .. "make uninstall PREFIX=/usr DESTDIR=" .. folder())
    assert.equal("", list(folder()))
  end)
end)

describe("make", function()
  if JIT then
    return
  end
  local folder = in_temporary_folder()

  -- As its header says it, in 5.4 and before, and in 5.5.
  for version, number in pairs{ ["5.3"] = "503", ["5.4"] = "504",
      ["5.5"] = "(LUA_MAJOR * 100 + 5)\n#define LUA_MAJOR 5" } do
    it("builds for Lua " .. version .. " when it is given its headers", function()
      run(("printf '#define LUA_VERSION_NUM %s\n' >%s/lua.h"):format(
        number:gsub("\n", "\\n"), folder()))
      local said = run(("%s make -n V=1 BUILD=%s LUA_INCDIR=%s LUAJIT_INCDIR= "
        .. "all uninstall"):format(CLEAN, folder(), folder()))
      assert.matches(" -o " .. folder() .. "/" .. version .. "/wxbot/core.so ",
        said, 1, true)
      assert.matches("/lua/" .. version .. "/wxbot", said, 1, true)
    end)
  end
end)

describe("luarocks make", function()
  if JIT then
    return
  end
  if select(2, sh("command -v luarocks")) ~= 0 then
    pending("gives a working wxbot (there is no luarocks command)")
    return
  end
  local folder = in_temporary_folder()
  local prefix

  -- In a copy: LuaRocks leaves what it compiled in the folder it runs in.
  setup(function()
    prefix = folder() .. "/tree"
    run("cp -R bin csrc lua rockspec Makefile LICENSE " .. folder())
    run(("cd %s && %s luarocks --lua-version %s make --deps-mode=none"
      .. " --tree %s"):format(folder(), CLEAN, VERSION, prefix))
  end)

  it("gives every file of lua/ in the checkout, and no other", function()
    assert.equal(list("lua/wxbot"),
      list(("%s/share/lua/%s/wxbot"):format(prefix, VERSION)))
  end)

  it("lets a program in another folder require wxbot", function()
    assert.equal("table\n", lua(prefix, 'print(type(require "wxbot"))'))
  end)

  it("lets that program load nothing from elsewhere", function()
    local share = ("%s/share/lua/%s/"):format(prefix, VERSION)
    local lib = ("%s/lib/lua/%s/"):format(prefix, VERSION)
    assert.equal(("%swxbot/init.lua\n%swxbot/util/errors.lua\n%swxbot/core.so\n%swxbot/curl.so\n")
      :format(share, share, lib, lib), lua(prefix, WHERE))
  end)

  it("gives the command", function()
    assert.equal("rwxr-xr-x",
      lfs.attributes(prefix .. "/bin/wxbot", "permissions"))
  end)

  commands(function()
    return prefix .. "/bin/wxbot"
  end)
end)

describe("a checkout", function()
  if JIT then
    return
  end
  local folder = in_temporary_folder()

  setup(function()
    run(("cp -R bin lua %s && mkdir %s/other && cp -R %s/%s %s/other")
      :format(folder(), folder(), os.getenv("BUILD") or "build", VERSION,
        folder()))
  end)

  it("has the command find what was built in another folder", function()
    local command = folder() .. "/bin/wxbot"
    for _, build in ipairs{ "other", folder() .. "/other" } do
      assert.equal(SAYS, version_by(command, "BUILD=" .. build))
    end
    assert.matches("cannot start: .*wxbot.core",
      (sh(CLEAN .. "-u BUILD " .. command)))
  end)

  -- LuaRocks takes it for a command in a tree of 5.1, where it is installed.
  it("says that Lua 5.1 is no LuaJIT", function()
    if select(2, sh("command -v lua5.1")) ~= 0 then
      pending("there is no lua5.1")
      return
    end
    assert.matches("wxbot: this is Lua 5.1; it runs on Lua 5.4 and on LuaJIT\n$",
      (sh(CLEAN .. "lua5.1 " .. folder() .. "/bin/wxbot")))
  end)

  commands(function()
    run(("cd %s && rm -f build && ln -s other build"):format(folder()))
    return folder() .. "/bin/wxbot"
  end)
end)

describe(".ci/deps", function()
  if JIT then
    return
  end
  local folder = in_temporary_folder()

  it("takes an nginx that has the Lua module compiled in", function()
    run(("printf '#!/bin/sh\\necho nginx version: nginx/1.31.5\\n"
      .. "echo configure arguments: --add-module=../lua-nginx-module\\n' "
      .. ">%s/nginx && chmod 755 %s/nginx"):format(folder(), folder()))
    run(("PATH=%s:$PATH .ci/deps nginx test"):format(folder()))
  end)
end)
