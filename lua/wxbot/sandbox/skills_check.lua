--- What is wrong with a skills file: the first of it, as a sentence that begins
-- with the place.

local find, format = string.find, string.format
local ipairs, pairs, tostring, type = ipairs, pairs, tostring, type
local concat, sort = table.concat, table.sort

local M = {}

-- Each takes the value and gives what is wrong with it, or nothing.

local function is_list(value)
  if type(value) ~= "table" then
    return false
  end
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  return count == #value
end

local function text(value)
  if type(value) ~= "string" then
    return "must be a string"
  elseif not find(value, "[^ \t-\r]") then
    return "must not be empty"
  end
end

local function share(value)
  if type(value) ~= "number" then
    return "must be a number"
  elseif not (value >= 0 and value <= 1) then
    return "must be from 0 to 1"
  end
end

local function flag(value)
  if type(value) ~= "boolean" then
    return "must be true or false"
  end
end

local function list(value)
  if not is_list(value) then
    return "must be a list"
  end
end

local function object(value)
  if type(value) ~= "table" or #value > 0 then
    return "must be an object"
  end
end

local function texts(value)
  if not is_list(value) then
    return "must be a list of strings"
  end
  for i, item in ipairs(value) do
    local wrong = text(item)
    if wrong then
      return wrong, "[" .. i .. "]"
    end
  end
end

local function some_texts(value)
  if is_list(value) and #value == 0 then
    return "must not be empty"
  end
  return texts(value)
end

local function groups(value)
  if not is_list(value) then
    return "must be a list of lists of strings"
  end
  local seen = {}
  for i, group in ipairs(value) do
    local wrong, inside = texts(group)
    if not wrong and #group < 2 then
      wrong = "must have two words or more"
    end
    for j, word in ipairs(wrong and {} or group) do
      if seen[word] then
        wrong, inside = "stands twice", "[" .. j .. "]"
      end
      seen[word] = true
    end
    if wrong then
      return wrong, "[" .. i .. "]" .. (inside or "")
    end
  end
end

local FILE = { bot = { object }, skills = { list, true },
  synonyms = { groups } }
local BOT = { threshold = { share }, recommend_threshold = { share }, default_answer = { text } }
local SKILL = {
  name = { text, true }, general = { flag }, published = { flag }, intents = { list, true },
}
local INTENT = {
  title = { text, true }, questions = { texts }, answers = { some_texts },
  threshold = { share }, disabled = { flag }, follows = { text },
  service = { flag },
}

local function sorted_names(value)
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  sort(names, function(a, b)
    return tostring(a) < tostring(b)
  end)
  return names
end

-- Checks the keys of an object. Gives what is wrong first, as a sentence.
local function check(value, keys, where)
  local prefix = where == "" and "" or where .. "."
  if object(value) then
    return where .. " " .. object(value)
  end
  for _, name in ipairs(sorted_names(value)) do
    if not keys[name] then
      return format("%s%s is not known (known are %s)", prefix, tostring(name),
        concat(sorted_names(keys), ", "))
    end
  end
  for _, name in ipairs(sorted_names(keys)) do
    local test, required = keys[name][1], keys[name][2]
    if value[name] == nil then
      if required then
        return prefix .. name .. " is missing"
      end
    else
      local wrong, inside = test(value[name])
      if wrong then
        return prefix .. name .. (inside or "") .. " " .. wrong
      end
    end
  end
end

-- What answers an intent: one of its answers, or a service.
function M.intent(value, where)
  local reason = check(value, INTENT, where)
  if not reason and value.service and value.answers then
    reason = where .. ".answers must not be there: the service answers"
  elseif not reason and not value.service and not value.answers then
    reason = where .. ".answers is missing"
  end
  return reason
end

--- Of the whole file, but for what is in its lists.
---@param source any
---@return string|nil reason
function M.file(source)
  if type(source) ~= "table" then
    return "must be an object with skills"
  end
  return check(source, FILE, "") or check(source.bot or {}, BOT, "bot")
end

--- Of a skill, but for its intents.
---@return string|nil reason
function M.skill(value, where)
  return check(value, SKILL, where)
end

return M
