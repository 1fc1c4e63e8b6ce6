-- Without this inputs that once broke the library break it again.
--
-- The checks of the fuzzing on what is kept of it, where there is no clang,
-- and on the other Lua too.
local inputs = require "spec.hardening.fuzz.inputs"

local function kept(where, name)
  return inputs.read(("spec/hardening/fuzz/%s/%s.txt"):format(where, name))
end

for _, name in ipairs{ "answer", "curl", "http", "json", "jwt", "query", "receive",
  "sandbox", "xml" } do
  describe("what strangers send, " .. name .. ",", function()
    local check = require("spec.hardening.fuzz.checks." .. name)

    it("passes its check in every kept form", function()
      local corpus = kept("corpus", name)
      assert.is_true(#corpus > 0)
      for i, bytes in ipairs(corpus) do
        local ok, message = pcall(check, bytes)
        assert.is_true(ok, ("line %d: %s"):format(i, tostring(message)))
      end
    end)

    for i, bytes in ipairs(kept("found", name)) do
      it(("passes it where it once failed, line %d"):format(i), function()
        check(bytes)
      end)
    end
  end)
end

describe("kept inputs", function()
  it("are lines of printable ASCII, whatever their bytes", function()
    local all = {}
    for byte = 0, 255 do
      all[#all + 1] = string.char(byte)
    end
    local list = { "", " ", "\\x41", "\\", table.concat(all) }
    local path = os.tmpname()
    inputs.write(path, list)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    local back = inputs.read(path)
    os.remove(path)
    table.sort(back)
    table.sort(list)
    assert.same(list, back)
    assert.is_nil(text:find("[^ -~\n]"))
  end)
end)
