-- What a stranger can make of a good message: the same bytes with some bits
-- flipped. Every single bit in turn, then two to four at once at places that
-- look random, and are the same in every run.
local char, floor = string.char, math.floor

local M = {}

-- How many a spec tries. All of them on one Lua are enough; on LuaJIT it is the
-- single bits and some more.
M.TIMES = rawget(_G, "jit") and 10000 or 100000

local function flip(text, bit)
  local at, mask = floor(bit / 8) + 1, 2 ^ (bit % 8)
  local byte = text:byte(at)
  byte = byte + (floor(byte / mask) % 2 == 0 and mask or -mask)
  return text:sub(1, at - 1) .. char(byte) .. text:sub(at + 1)
end

-- Below limit; a generator of Park and Miller, exact in a double.
local function random(seed)
  return function(limit)
    seed = seed * 16807 % 2147483647
    return seed % limit
  end
end

-- Calls visit(flipped) `times` times, never with the text itself.
function M.each(text, times, visit)
  local bits, pick = #text * 8, random(20240101)
  for i = 0, times - 1 do
    local flipped = flip(text, i < bits and i or pick(bits))
    if i >= bits then
      for _ = 1, 1 + pick(3) do
        flipped = flip(flipped, pick(bits))
      end
    end
    -- Two of them may have been the same bit.
    visit(flipped ~= text and flipped or flip(text, pick(bits)))
  end
end

-- All that a peer sees of a response, as one string.
function M.seen(response)
  local names = {}
  for name, value in pairs(response.headers) do
    names[#names + 1] = name .. ": " .. value
  end
  table.sort(names)
  return response.status .. "\n" .. table.concat(names, "\n") .. "\n\n"
    .. response.body
end

-- Has a receiver take all of them: how many gave a message, and how many
-- times each response to one that gave none was seen.
function M.count(receiver, text, request_of, times)
  local taken, responses = 0, {}
  M.each(text, times or M.TIMES, function(flipped)
    local response, message = receiver:handle(request_of(flipped))
    if message then
      taken = taken + 1
    else
      local seen = M.seen(response)
      responses[seen] = (responses[seen] or 0) + 1
    end
  end)
  return taken, responses
end

-- Forgets everything at once, so that no message is a duplicate.
M.store = { add = function() return true end, delete = function() end }

return M
