-- What every spec shares: both Luas name a few things differently.
local M = {}

-- Reads a file of the spec folder, in binary.
function M.read(path)
  local file = assert(io.open("spec/" .. path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

return M
