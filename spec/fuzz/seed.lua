-- Writes spec/fuzz/corpus from spec/vectors: lua5.4 spec/fuzz/seed.lua, in
-- the checkout.
local cjson = require "cjson"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Files are named by number: the next one of a folder.
local counts = {}
local function seed(folder, bytes)
  if type(bytes) ~= "string" or #bytes > 1024 then
    return
  end
  counts[folder] = (counts[folder] or 0) + 1
  local path = ("spec/fuzz/corpus/%s/%02d"):format(folder, counts[folder])
  local file = assert(io.open(path, "wb"))
  assert(file:write(bytes))
  file:close()
end

-- The plaintext of a message, with padding to blocks of 32 bytes.
local function plaintext(random, text, id)
  local n = #text
  local length = string.char(math.floor(n / 16777216) % 256,
    math.floor(n / 65536) % 256, math.floor(n / 256) % 256, n % 256)
  local all = random .. length .. text .. id
  local pad = 32 - #all % 32
  return all .. string.char(pad):rep(pad)
end

for _, token in ipairs(cjson.decode(read("spec/vectors/jwt.json")).tokens) do
  seed("token", token.jwt)
  seed("token", token.jwt:match("^[^.]*%.[^.]*"))
end

local vectors = cjson.decode(read("spec/vectors/msgcrypt.json"))
for _, list in ipairs{ vectors.published, vectors.edge } do
  for _, vector in ipairs(list) do
    seed("base64", vector.encrypt)
    seed("message", vector.encrypt)
    if vector.msg and vector.random and #vector.random == 16 then
      seed("message", plaintext(vector.random, vector.msg,
        "wxb11529c136998cb6"))
    end
  end
end

for _, text in ipairs{ '{}', '[]', '"\\u4f60\\ud83d\\ude00"', '-0.5e+3',
  '{"ret":0,"answer":"你好","list":[1,2.5,true,null,{"a":{}}]}',
  '[12345678901234567890,1e308,{"a":1,"\\u0061":2}]' } do
  seed("json", text)
end
