-- Files of kept inputs (inputs.lua) from what libFuzzer writes, and back:
--
--   pack.lua pack FILE INPUT...      one of many files
--   pack.lua unpack FILE FOLDER      a folder with a file for each input
local inputs = require "spec.hardening.fuzz.inputs"

local command, path = arg[1], arg[2]

local function pack()
  local list, size = {}, 0
  for i = 3, #arg do
    local file = assert(io.open(arg[i], "rb"))
    list[i - 2] = file:read("*a")
    size = size + #list[i - 2]
    file:close()
  end
  inputs.write(path, list)
  print(("%-40s %4d inputs, %6d bytes"):format(path, #list, size))
end

local function unpack_into(folder)
  assert(os.execute(('rm -rf "%s" && mkdir -p "%s"'):format(folder, folder)))
  for i, bytes in ipairs(inputs.read(path)) do
    local file = assert(io.open(("%s/%03d"):format(folder, i), "wb"))
    assert(file:write(bytes))
    assert(file:close())
  end
end

if command == "pack" then
  pack()
else
  unpack_into(arg[3])
end
