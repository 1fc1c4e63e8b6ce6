-- Without this a host that sets a locale gets numbers with commas, and other
-- orders.
--
-- Whatever locale a program chooses, and whenever: numbers, order and letters
-- of what programs exchange stay as they are. The locales are made here;
-- each is tried in a process of its own, which is told where they are.
-- #long
local locales = require "spec.support.locales"

local LUA = ".ci/lua " .. _VERSION:match("%d.%d")

-- A decimal comma; the same, where bytes of UTF-8 are letters and controls by
-- themselves; an i that is no I in lower case; and an order in which aa is the
-- last letter.
local COMMA, BYTES = "de_DE.UTF-8", "de_DE.ISO-8859-1"
local LETTERS, ORDER = "tr_TR.UTF-8", "da_DK.UTF-8"

local function run(command)
  local pipe = assert(io.popen("LOCPATH=" .. locales.folder .. " " .. command
    .. " 2>&1; echo status $?"))
  local output = pipe:read("*a")
  pipe:close()
  return tonumber(output:match("status (%d+)%s*$")), output
end

local function passes(program, arguments)
  local status, output = run(("%s -e '%s' %s"):format(LUA, program,
    arguments))
  assert(status == 0, output)
end

-- What reads and writes, by itself and together. To flip every bit of a text
-- takes long, and is no question of the locale.
local NAMES = { "util/text", "codec/json", "codec/jwt", "codec/xml", "codec/url",
  "api/golden", "call/call", "client/wait", "client/v2", "call/redact",
  "receive/kefu", "receive/official", "receive/service", "receive/limiter",
  "sandbox/init", "sandbox/push/kefu", "sandbox/signed", "sandbox/tokenizer",
  "auth/token", "transport/http1" }
local SPECS = ".ci/busted.lua --filter-out=flipped"
for _, name in ipairs(NAMES) do
  SPECS = SPECS .. " spec/" .. name .. "_spec.lua"
end

describe("a locale", function()
  setup(function()
    for _, name in ipairs{ COMMA, BYTES, LETTERS, ORDER } do
      locales.make(name)
    end
  end)

  it("changes nothing: a comma, other letters and another order", function()
    passes(([[assert(os.setlocale("%s") and os.setlocale("%s", "ctype")
      and os.setlocale("%s", "collate"))]]):format(COMMA, LETTERS, ORDER),
      SPECS)
  end)

  it("of one byte for a character changes nothing once all is loaded",
    function()
      passes('for _, name in ipairs{ "wxbot", "wxbot.sandbox", '
        .. '"wxbot.codec.json", "wxbot.receive" } do require(name) end '
        .. ('assert(os.setlocale("%s"))'):format(BYTES), SPECS)
    end)

  it("changes nothing when it is left again", function()
    passes(('assert(os.setlocale("%s")) require "wxbot" '):format(COMMA)
      .. 'assert(os.setlocale("C"))', SPECS)
  end)

  it("may change between any two calls", function()
    passes([[
      local json = require "wxbot.codec.json"
      local LOCALES = { "C", "de_DE.UTF-8", "tr_TR.UTF-8" }
      for round = 1, 3000 do
        assert(os.setlocale(LOCALES[math.random(#LOCALES)]))
        local number = (math.random() * 2 - 1) * 10.0 ^ math.random(-300, 14)
        local text = json.encode{ number, 1, 2, number }
        assert(not text:find("[^][0-9.,e+-]"), text)
        assert(os.setlocale(LOCALES[math.random(#LOCALES)]))
        local list = assert(json.decode(text))
        assert(#list == 4 and list[1] == number and list[2] == 1
          and list[3] == 2 and list[4] == number, text)
      end]], "")
  end)
end)
