-- The library, loaded anew beside the one that is loaded: for specs that change
-- what it is made of.

local M = {}

-- Takes what is written in Lua out of the loaded modules.
local function unload()
  local taken = {}
  for name, module in pairs(package.loaded) do
    if name:find("^wxbot%f[.%z]") and name ~= "wxbot.core"
        and name ~= "wxbot.curl" then
      taken[name], package.loaded[name] = module, nil
    end
  end
  return taken
end

--- From now on `require` loads the library anew.
---@return fun() swap changes back to what was loaded before, and the next time to what is loaded now
function M.enter()
  local other = unload()
  return function()
    local current = unload()
    for name, module in pairs(other) do
      package.loaded[name] = module
    end
    other = current
  end
end

return M
