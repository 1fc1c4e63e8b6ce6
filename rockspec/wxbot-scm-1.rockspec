-- Built from a checkout: luarocks --lua-version 5.4 make --deps-mode=none
-- (--deps-mode=none: Debian's own lua-expat and lua-argparse do).
rockspec_format = "3.0"
package = "wxbot"
version = "scm-1"

-- `luarocks make` does not look at it; `make rock` puts a version in place of
-- its name for a checkout.
source = { url = "file://wxbot-scm.tar.gz" }

description = {
  summary = "The WeChat conversation platform from Lua",
  detailed = [[
    Ask the bot, tag users, follow tasks and publications, with the platform
    embedded for trying all of it without an account. For Lua 5.4 and LuaJIT.
  ]],
  license = "MIT",
  labels = { "wechat", "chatbot", "http" },
}

-- 5.1 is there for LuaJIT; the C part refuses to build for other Luas.
dependencies = {
  "lua >= 5.1, < 5.6",
  "luaexpat >= 1.4.0",
  "argparse >= 0.7.0",
}

external_dependencies = {
  CRYPTO = { header = "openssl/evp.h", library = "crypto" },
  -- No header: Debian keeps it where LuaRocks does not look but the compiler does.
  CURL = { library = "curl" },
}

-- One Lua's headers, that of the tree, whichever it is.
build = {
  type = "make",
  variables = {
    CFLAGS = "$(CFLAGS)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    LUAJIT_INCDIR = "",
  },
  install_variables = {
    LUADIR = "$(LUADIR)",
    LIBDIR = "$(LIBDIR)",
    BINDIR = "$(BINDIR)",
  },
}
