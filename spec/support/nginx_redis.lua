-- A client of Redis for nginx: OpenResty's, or that of Debian's lua-nginx-redis.
-- The package wants all of nginx-extras; its one file does not.
local start = require "spec.server.start"

local M = {}

local UNPACK = [[
cd "$0" && apt-get -q download lua-nginx-redis && dpkg -x lua-nginx-redis_*.deb .
]]

-- The folder that has nginx/redis.lua or resty/redis.lua, or nil.
local function find_folder()
  for template in (package.path .. ";" .. "/usr/share/lua/5.1/?.lua"):gmatch(
      "[^;]+") do
    for _, name in ipairs{ "resty/redis", "nginx/redis" } do
      local path = template:gsub("?", name)
      local file = path:find("redis%.lua$") and io.open(path, "rb")
      if file then
        file:close()
        return (path:gsub("/[a-z]+/redis%.lua$", ""))
      end
    end
  end
end

-- Puts the client beside a handler, where nginx finds it; false if there is none.
function M.put_beside(folder)
  local place = (os.getenv("BUILD") or "build") .. "/nginx-redis"
  local unpacked = place .. "/usr/share/lua/5.1"
  local found = find_folder()
  if not found then
    found = unpacked
    local file = io.open(unpacked .. "/nginx/redis.lua", "rb")
    if file then
      file:close()
    else
      start.output_of(("mkdir -p '%s' && sh -c '%s' '%s' 2>&1"):format(place,
        UNPACK, place))
    end
  end
  return (start.output_of(("for d in nginx resty; do test -e '%s'/$d/redis.lua "
    .. "&& mkdir -p '%s'/$d && cp '%s'/$d/redis.lua '%s'/$d/ && echo put; done")
    :format(found, folder, found, folder)):find("put")) ~= nil
end

return M
