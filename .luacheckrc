std = "max"
max_line_length = 100
cache = false
include_files = { "lua", "spec", "bench", "examples", "rockspec", ".luacheckrc", "bin/wxbot" }
files["lua"] = { std = "min" }
files["spec"] = { std = "max+busted" }
files["rockspec"] = { std = "+rockspec" }
