--- Where in a JSON text a value stands.

local find, gmatch = string.find, string.gmatch
local match, sub = string.match, string.sub
local ipairs, tonumber = ipairs, tonumber

local M = {}

-- The place after a string that begins at `at`.
local function after_string(text, at)
  at = at + 1
  while true do
    local found = find(text, '["\\]', at)
    if sub(text, found, found) == '"' then
      return found + 1
    end
    at = found + 2
  end
end

-- The place after a value that begins at `at`.
local function after_value(text, at)
  local depth = 0
  repeat
    local first = sub(text, at, at)
    if first == '"' then
      at = after_string(text, at)
    elseif first == "{" or first == "[" then
      depth, at = depth + 1, at + 1
    elseif first == "}" or first == "]" then
      depth, at = depth - 1, at + 1
    else -- a number, a word, or what stands between values
      at = find(text, '[]["{},:]', at + 1) or #text + 1
    end
    if depth > 0 then
      at = find(text, '[]["{}]', at)
    end
  until depth == 0
  return at
end

local function next_token(text, at)
  return find(text, "[^ \t\r\n]", at)
end

-- The places of the values of an object or list that begins at `at`, each with
-- its name or number: an iterator.
local function members(text, at)
  local is_object, number = sub(text, at, at) == "{", 0
  at = next_token(text, at + 1)
  return function()
    local first = sub(text, at, at)
    if first == "}" or first == "]" then
      return nil
    end
    local name, value = nil, at
    if is_object then
      local ends = after_string(text, at)
      name = sub(text, at + 1, ends - 2)
      value = next_token(text, next_token(text, ends) + 1)
    end
    number = number + 1
    at = next_token(text, after_value(text, value))
    at = sub(text, at, at) == "," and next_token(text, at + 1) or at
    return name or number, value
  end
end

-- The place of a member; nil when there is none.
local function place_of(text, at, step)
  local first = sub(text, at, at)
  if first ~= "{" and first ~= "[" then
    return nil
  end
  for name, place in members(text, at) do
    if name == step then
      return place
    end
  end
end

local function steps_of(path)
  local steps = {}
  for step in gmatch(path, "[^][.]+") do
    steps[#steps + 1] = match(step, "^[0-9]+$") and tonumber(step) or step
  end
  return steps
end

--- Finds a value; where there is none, what it would be in.
---@param text string valid JSON
---@param path string "skills[2].intents[1].title"
---@return integer at byte where it begins, from 1 on
function M.locate(text, path)
  local at = next_token(text, 1)
  for _, step in ipairs(steps_of(path)) do
    local place = place_of(text, at, step)
    if not place then
      break
    end
    at = place
  end
  return at
end

return M
