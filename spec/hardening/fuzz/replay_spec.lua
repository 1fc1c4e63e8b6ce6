-- The checks of the fuzzing on what is kept of it, where there is no clang,
-- and on the other Lua too.
local function input(folder, name, i)
  local file = io.open(("spec/hardening/fuzz/%s/%s/%03d"):format(folder, name, i), "rb")
  local bytes = file and file:read("*a")
  if file then
    file:close()
  end
  return bytes
end

local function inputs(folder, name)
  local list = {}
  for i = 1, math.huge do
    list[i] = input(folder, name, i)
    if not list[i] then
      return list
    end
  end
end

for _, name in ipairs{ "answer", "curl", "http", "json", "jwt", "query", "receive",
  "sandbox", "xml" } do
  describe("what strangers send, " .. name .. ",", function()
    local check = require("spec.hardening.fuzz.checks." .. name)

    it("passes its check in every kept form", function()
      local kept = inputs("corpus", name)
      assert.is_true(#kept > 0)
      for i, bytes in ipairs(kept) do
        local ok, message = pcall(check, bytes)
        assert.is_true(ok, ("%03d: %s"):format(i, tostring(message)))
      end
    end)

    for i, bytes in ipairs(inputs("found", name)) do
      it(("passes it where it once failed, %03d"):format(i), function()
        check(bytes)
      end)
    end
  end)
end
