-- Without this the module is built for one libcurl or OpenSSL, and loads
-- another.
--
-- Building for a libcurl, or an OpenSSL, that is not the system's.

local lfs = require "lfs"
local start = require "spec.server.start"

local LUA = type(jit) == "table" and "5.1" or _VERSION:match "[%d.]+$"

describe("another library", function()
  local folder

  before_each(function()
    folder = start.output_of("mktemp -d"):gsub("\n", "")
  end)

  after_each(function()
    start.stop_all()
    start.remove_folder(folder)
  end)

  local function write(name, text)
    local file = assert(io.open(folder .. "/" .. name, "wb"))
    file:write(text)
    file:close()
  end

  -- The command that would link a module there.
  local function linking(module, variables)
    local said = start.output_of(("env -u MAKEFLAGS -u MAKELEVEL make -n V=1 "
      .. "BUILD=%s/build %s all 2>&1"):format(folder, variables))
    for line in said:gmatch("[^\n]+") do
      if line:find("-shared", 1, true) and line:find("5.4/wxbot/" .. module
          .. ".so", 1, true) then
        return line
      end
    end
    return said
  end

  for variable, module in pairs{ CURL_DIR = "curl", OPENSSL_DIR = "core" } do
    for _, lib in ipairs{ "lib", "lib64" } do
      it("is the one that is loaded, by " .. variable .. " and " .. lib,
        function()
          lfs.mkdir(folder .. "/" .. lib)
          local there = folder .. "/" .. lib
          local line = linking(module, variable .. "=" .. folder)
          assert.truthy(line:find(" -L" .. there .. " -Wl,-rpath,", 1, true), line)
          assert.truthy(line:find("-Wl,-rpath," .. there .. " ", 1, true), line)
        end)
    end

    it("is missed where " .. variable .. " has none", function()
      assert.truthy(linking(module, variable .. "=" .. folder)
        :find("no lib in " .. folder, 1, true))
    end)
  end

  it("is the one that is loaded, by pkg-config", function()
    write("pkg-config", "#!/bin/sh\ncase $1 in --libs) "
      .. "echo -L/there/lib -L/there/more -lthere ;; esac\n")
    os.execute("chmod +x " .. folder .. "/pkg-config")
    for _, module in ipairs{ "curl", "core" } do
      local line = linking(module, "PKG_CONFIG=" .. folder .. "/pkg-config")
      for _, lib in ipairs{ "/there/lib", "/there/more" } do
        assert.truthy(line:find("-Wl,-rpath," .. lib, 1, true), line)
      end
    end
  end)

  it("that is the system's is not named", function()
    for _, module in ipairs{ "curl", "core" } do
      assert.is_nil(linking(module, "PKG_CONFIG=false"):find("rpath", 1, true))
    end
  end)

  it("is refused when it is older than what the module was built for", function()
    write("old.c", [[
      #include <curl/curl.h>
      curl_version_info_data *curl_version_info (CURLversion version) {
        static curl_version_info_data old = {CURLVERSION_NOW, "7.80.0"};
        old.version_num = LIBCURL_VERSION_NUM - 0x10000;
        (void)version;
        return &old;
      }]])
    local said = start.output_of(("cc -shared -fPIC -o %s/old.so %s/old.c 2>&1 && "
      .. "LD_PRELOAD=%s/old.so .ci/lua %s -e 'require \"wxbot.curl\"' 2>&1")
      :format(folder, folder, folder, LUA))
    assert.matches("wxbot was built for libcurl %d[%d.]+.*, and libcurl 7.80.0 "
      .. "was loaded", said)
  end)

  it("says which one it is", function()
    assert.matches("^%d+%.%d+%.%d+", require "wxbot.curl".libcurl)
  end)
end)
