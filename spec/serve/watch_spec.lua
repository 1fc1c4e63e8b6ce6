-- Without this a fault in the skills file is said each second, or not at all.
local run = require "spec.support.command"
local watch = require "wxbot.serve.watch"
local wxbot = require "wxbot"

after_each(run.clean)

local function text_of(answer)
  return '{"skills":[{"name":"s","intents":[{"title":"t","answers":' .. answer
    .. "}]}]}"
end

describe("a skills file that is watched", function()
  it("is read when it was changed, and its fault is said once", function()
    local path = run.file(text_of '["a"]')
    local said = {}
    local sandbox = wxbot.sandbox{ skills = path }
    local look = watch(path, function()
      local done, err = sandbox:load_skills(path)
      return done, err and err.message
    end, { taken = "the skills were read anew: ", kept = "the old skills stay: " },
      function(line) said[#said + 1] = line end)
    local function write(text)
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      look()
      look()
    end
    look()
    assert.same({}, said)
    write(text_of "[]")
    assert.equal(1, #said)
    assert.matches("^the old skills stay: .*answers must not be empty$", said[1])
    write(text_of '["b"]')
    assert.equal(2, #said)
    assert.matches("^the skills were read anew: ", said[2])
  end)
end)
