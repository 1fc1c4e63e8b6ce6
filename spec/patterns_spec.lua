-- Without this a pattern that takes quadratic time, or goes by the locale, can
-- get in.
--
-- No pattern takes quadratic time, and none goes by the locale: every one that
-- stands in the source is taken apart and looked at. What is refused:
--
--   * two repetitions that can share a run of characters, and behind them
--     something that may fail: each way to divide the run is tried
--   * a search that begins with a repetition, or with what its repetition has
--     too, and behind it something that may fail: the rest of a run is looked
--     through anew from each of its characters
--   * %a %c %l %p %s %u %w, and lower and upper: other bytes in other locales
-- #once

-- ------------------------------------------------------------------ patterns

-- The bytes that one item of a pattern is for: what stands for a capture, any.
local function set_of(text)
  local set = {}
  for code = 0, 255 do
    set[code] = text:find("^%%[1-9]") ~= nil
      or string.char(code):find("^" .. text .. "$") ~= nil
  end
  return set
end

-- Items with their sets, and what may be repeated without end.
local function items_of(pattern)
  local items, at = { anchored = pattern:sub(1, 1) == "^" }, 1
  while at <= #pattern do
    local char = pattern:sub(at, at)
    local text = pattern:match("^%[%^?%]?[^%]]*%]", at)
      or pattern:match("^%%.", at) or char
    at = at + #text
    if text == "$" and at > #pattern then
      items.ends = true
    elseif not (text:find("^[()]$") or text == "^" and at == 2) then
      local times = pattern:match("^[*+?-]", at) or ""
      at = at + #times
      items[#items + 1] = { set = set_of(text), optional = times:find("[*?-]"),
        endless = times:find("[*+-]"), takes_all = text .. times == ".*" }
    end
  end
  return items
end

local function common(one, other)
  local set, some = {}, false
  for code = 0, 255 do
    set[code] = one[code] and other[code]
    some = some or set[code]
  end
  return some and set
end

-- May what stands behind item `i` fail? Not behind what takes all there is.
local function may_fail(items, i)
  return items[i + 1] ~= nil or items.ends and not items[i].takes_all
end

-- Are all the items from `first` to `last` for characters of a set, too, or
-- need not be there?
local function fit(items, first, last, set)
  for i = first, last do
    if not items[i].optional and not common(items[i].set, set) then
      return false
    end
  end
  return true
end

-- Why a pattern is refused.
local function fault_of(pattern)
  local items = items_of(pattern)
  local first
  for i, item in ipairs(items) do
    first = first or item.endless and i
    for k = i + 1, item.endless and #items or 0 do
      local shared = items[k].endless and common(item.set, items[k].set)
      if shared and fit(items, i + 1, k - 1, shared) and may_fail(items, k) then
        return "two repetitions over the same characters"
      end
    end
  end
  if first and not items.anchored and may_fail(items, first)
      and fit(items, 1, first - 1, items[first].set) then
    return "a search that starts anew at each character"
  elseif pattern:gsub("%%%%", ""):find("%%[aclpsuwACLPSUW]") then
    return "a class of the locale"
  end
end

-- -------------------------------------------------------------------- source

-- Tokens of a source: names, numbers and other characters as they are, strings
-- with a quote in front of what they stand for.
local function tokens_of(source)
  local tokens, at = {}, 1
  while at <= #source do
    local space = source:match("^%s+", at) or source:match("^%-%-%[%[.-%]%]", at)
      or source:match("^%-%-[^\n]*", at)
    local quote = source:match("^[\"']", at)
    local text = space or source:match("^[%a_][%w_]*", at)
      or source:match("^%[%[.-%]%]", at) or source:sub(at, at)
    if quote then
      local stop = at
      repeat
        stop = source:find("[\\" .. quote .. "]", stop + 1)
        local escaped = source:sub(stop, stop) == "\\"
        stop = escaped and stop + 1 or stop
      until not escaped
      text = source:sub(at, stop)
      tokens[#tokens + 1] = '"' .. (loadstring or load)("return " .. text)()
    elseif not space then
      tokens[#tokens + 1] = text
    end
    at = at + #text
  end
  return tokens
end

-- The arguments of the call whose bracket is at `at`, each as its tokens.
local function arguments_of(tokens, at)
  local list, depth = { {} }, 1
  while true do
    at = at + 1
    local token = tokens[at]
    depth = depth + (token:find("^[({[]$") and 1 or 0)
      - (token:find("^[)}%]]$") and 1 or 0)
    if depth == 0 then
      return list
    elseif token == "," and depth == 1 then
      list[#list + 1] = {}
    else
      local last = list[#list]
      last[#last + 1] = token
    end
  end
end

local TAKES = { find = true, match = true, gmatch = true, gsub = true }
local OF_LOCALE = { lower = true, upper = true }

-- What is wrong in a source, as lists of what is written there and why.
local function faults_of(source)
  local tokens, strings, faults = tokens_of(source), {}, {}
  local function look(pattern, written)
    local why = "not a string by itself"
    if pattern then
      written, why = pattern:sub(2), fault_of(pattern:sub(2))
    end
    faults[#faults + 1] = why and { written, why }
  end
  for i, token in ipairs(tokens) do
    local before, next, after = tokens[i - 1], tokens[i + 1], tokens[i + 2]
    local is_call = next == "(" and before ~= "function"
    if next == "=" and after:sub(1, 1) == '"' then
      strings[token] = after
      look(token == "pattern" and after or '"')
    elseif OF_LOCALE[token] and is_call
        and (before == ":" or tokens[i - 2] == "string") then
      faults[#faults + 1] = { token, "a function of the locale" }
    elseif TAKES[token] and is_call and after ~= ")" then
      local list = arguments_of(tokens, i + 1)
      local first = before == ":" and 1 or 2
      local given, plain = list[first], list[first + 2]
      if not (plain and plain[1] == "true") then
        look(#given == 1 and (given[1]:sub(1, 1) == '"' and given[1]
          or strings[given[1]]), table.concat(given, " "))
      end
    end
  end
  return faults
end

local function files()
  local pipe = assert(io.popen(
    "find lua bin examples -name '*.lua' -o -path bin/wxbot | sort"))
  local list = {}
  for path in pipe:lines() do
    list[#list + 1] = path
  end
  pipe:close()
  return list
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- What is as it should be all the same.
local ALLOWED = {
  -- Lists of places that were searched for a module, and Lua's version.
  ["bin/wxbot"] = { ["\n%s*no [^\n]*"] = true, [":?%s*\n%s*"] = true,
    ["%d+%.%d+"] = true },
  ["lua/wxbot/serve/worker.lua"] = { ["\n%s*no [^\n]*"] = true },
  -- A host has 253 characters at most, and here a dot at its end.
  ["lua/wxbot/call/base_url.lua"] = { ["([^.]*)%."] = true },
  -- Made of descriptions; written in them, and looked at there.
  ["lua/wxbot/sandbox/router.lua"] = { ["patterns [ endpoint ]"] = true },
  ["lua/wxbot/call/schema/value.lua"] = { ["field . pattern"] = true },
  -- Arguments of the command, and what nginx prints.
  ["lua/wxbot/serve/settings.lua"] = { [":.*:"] = true, ["[^/]*$"] = true },
  ["lua/wxbot/serve/failures.lua"] = { ["%(reason: (.*)%)"] = true },
  ["lua/wxbot/serve/find_nginx.lua"] = { ["--add%-module=%S*lua"] = true },
  -- Three names of attributes, each behind a blank and before an equals sign.
  ["lua/wxbot/call/rich.lua"] = { ["pattern"] = true },
  -- One class from end to end, in the options of transports.
  ["lua/wxbot/util/options.lua"] = { ["option . pattern"] = true },
  -- Rows of tables in exchange.lua.
  ["lua/wxbot/transport/resty/call.lua"] = { ["row [ 1 ]"] = true },
  -- There is one such character at least, where the search begins.
  ["lua/wxbot/util/text.lua"] = { [".*[^ \t-\r]"] = true },
}

-- Programs of our own, which choose no locale; what runs inside nginx, on
-- LuaJIT, which has none; records that we wrote, of ASCII but for their ends.
local WITHOUT_LOCALE = { "bin/", "examples/openresty/",
  "lua/wxbot/serve/", "lua/wxbot/auth/", "lua/wxbot/store/" }

local function is_allowed(path, written, why)
  for _, place in ipairs(WITHOUT_LOCALE) do
    if path:sub(1, #place) == place and why:find("of the locale", 1, true) then
      return true
    end
  end
  return ALLOWED[path] and ALLOWED[path][written]
end

describe("a pattern", function()
  for _, pattern in ipairs{ "^%d+%d*x", "^0*(%d+)$", "^[ \t]*(.-)[ \t]*$",
    "^%-?%d[%d.]*[eE]?[+-]?%d*$", "[ ]*$", "([^&=]+)=([^&]*)", "(.-)\n",
    "\n[ \n]*no", "x*xy", "[a-f]*%x*:", "^.*::.*x", "(%d+).(%d+)x",
    "^a*b?a*$", "^.-a.-b", "%d*%d", "%s+", "^%w$", "^[%a_]", "%S", "[^%c]",
    "^x*%1x*$" } do
    it("is refused: " .. pattern:gsub("\n", "\\n"), function()
      assert.is_string(fault_of(pattern))
    end)
  end

  for _, pattern in ipairs{ "^%d+$", "^(%-?%d+)(.*)$", "%d+", "[ \t]+",
    "^([^:]*):(.*)$", "^(%d+)%.(%d+)$", "^.*,(.*)$", ":[ ]*$", "rid: (%d+)",
    "^(.*)/[^/]*$", "%%(%x%x)", "^[^=]*=?[^&]*", "%.([a-z]+)$", "://(.*)$",
    "", "^", "$", "%$", "[$]", "[]x]", "[^]x]", "100%%s" } do
    it("is good: " .. pattern, function()
      assert.is_nil(fault_of(pattern))
    end)
  end
end)

describe("a source", function()
  it("shows its patterns, wherever they stand", function()
    assert.same({ { "%s", "a class of the locale" },
      { "x*y", "a search that starts anew at each character" },
      { "a . . b", "not a string by itself" },
      { "%a", "a class of the locale" },
      { "lower", "a function of the locale" },
      { "%u", "a class of the locale" } }, faults_of([==[
      -- text:find("%w")
      --[[ text:find("%w") ]]
      local P = "x*y"
      text:find('%s', 1) text:gsub(P, function(a) return a, 1 end)
      string.match(text, a .. b) local n = text:find("%s", 1, true)
      local field = { pattern = "%a" } M.find() text:lower()
      gsub(text:sub(1, 2), "%u", "(") upper(x)]==]))
  end)

  for _, path in ipairs(files()) do
    it("has no pattern that is refused: " .. path, function()
      local refused = {}
      for _, fault in ipairs(faults_of(read(path))) do
        if not is_allowed(path, fault[1], fault[2]) then
          refused[#refused + 1] = table.concat(fault, ": ")
        end
      end
      assert.same({}, refused)
    end)
  end
end)
