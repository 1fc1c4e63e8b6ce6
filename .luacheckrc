std = "max"
cache = false
max_line_length = 100
-- A doc comment for the editor (---@field ...) cannot be broken.
max_comment_line_length = 160
include_files = {
  "**/*.lua", "rockspec/*.rockspec", "bin/wxbot", ".luacheckrc", ".busted",
}
exclude_files = { "build", ".luarocks", "lua_modules" }

-- What all Luas share, and the few others that are asked for before use.
stds.both = {
  read_globals = {
    "unpack",
    coroutine = { fields = { "close", "isyieldable" } },
    math = { fields = { "tointeger", "type" } },
    package = { fields = { "searchpath" } },
    table = { fields = { "unpack" } },
  },
}
files["lua"] = { std = "min+both" }
-- A text and its translation each stand on a line, to be found by it.
files["docs/zh-CN/texts.lua"] = { max_line_length = false }
files["spec"] = { std = "max+busted" }
-- What runs inside nginx.
files["spec/nginx"] = { std = "max+ngx_lua" }
files["examples/openresty"] = { std = "max+ngx_lua" }
files["spec/transport/resty_spec.lua"] = { std = "max+busted+ngx_lua" }
files["spec/transport/resty_body_spec.lua"] = { std = "max+busted+ngx_lua" }
files["spec/receive/store_spec.lua"] = { std = "max+busted+ngx_lua" }
