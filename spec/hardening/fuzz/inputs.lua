-- Kept inputs of a harness: a file with one on each line, where `\xHH` is a
-- byte that is not printable ASCII. No file is an empty one.
local M = {}

local function hex(byte)
  return ("\\x%02x"):format(byte:byte())
end

local function encode(bytes)
  return (bytes:gsub("\\", hex):gsub("[^ -~]", hex):gsub(" $", hex))
end

local function decode(line)
  return (line:gsub("\\x([0-9a-f][0-9a-f])", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

--- The inputs of a file, in its order.
---@param path string
---@return string[]
function M.read(path)
  local file, list = io.open(path, "rb"), {}
  if file then
    for line in file:lines() do
      list[#list + 1] = decode(line)
    end
    file:close()
  end
  return list
end

--- Writes such a file, the shortest line first: another input moves none.
---@param path string
---@param list string[]
function M.write(path, list)
  local lines = {}
  for i, bytes in ipairs(list) do
    lines[i] = encode(bytes) .. "\n"
  end
  table.sort(lines, function(left, right)
    return #left < #right or #left == #right and left < right
  end)
  local file = assert(io.open(path, "wb"))
  assert(file:write(table.concat(lines)))
  assert(file:close())
end

return M
