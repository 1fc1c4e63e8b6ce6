--- What a file of pictures, sound or film is: by its first bytes, which no
--- name can change.

local texts = require "wxbot.util.text"

local byte, match, sub = string.byte, string.match, string.sub
local ipairs = ipairs

local M = {}

---@class wxbot.MediaFormat
---@field name string "jpg"
---@field type string its media type
---@field extensions table<string, boolean> those that a file's name may have

-- A frame of MPEG sound begins with eleven bits that are set, then its version
-- and its layer, of which 00 means AAC.
local function is_mpeg_frame(bytes)
  local first, second = byte(bytes, 1, 2)
  return first == 255 and second ~= nil and second >= 224
    and second % 8 >= 2
end

local function begins(with, at)
  at = at or 1
  return function(bytes)
    return sub(bytes, at, at + #with - 1) == with
  end
end

local function is_wave(bytes)
  return sub(bytes, 1, 4) == "RIFF" and sub(bytes, 9, 12) == "WAVE"
end

-- Two letters begin many a text; four bytes that are always zero follow.
local function is_bitmap(bytes)
  return sub(bytes, 1, 2) == "BM" and sub(bytes, 7, 10) == "\0\0\0\0"
end

-- Name, media type, further extensions, and what its bytes are like.
local FORMATS = {
  { "jpg", "image/jpeg", { "jpeg" }, begins "\255\216\255" },
  { "png", "image/png", {}, begins "\137PNG\r\n\26\n" },
  { "gif", "image/gif", {}, begins "GIF8" },
  { "bmp", "image/bmp", {}, is_bitmap },
  { "wma", "audio/x-ms-wma", {}, begins "\48\38\178\117\142\102\207\17" },
  { "wav", "audio/wav", {}, is_wave },
  { "amr", "audio/amr", {}, begins "#!AMR" },
  { "mp4", "video/mp4", {}, begins("ftyp", 5) },
  { "mp3", "audio/mpeg", {}, begins "ID3" },
  { "mp3", "audio/mpeg", {}, is_mpeg_frame },
}

for i, of in ipairs(FORMATS) do
  local extensions = { [of[1]] = true }
  for _, extension in ipairs(of[3]) do
    extensions[extension] = true
  end
  FORMATS[i] = { name = of[1], type = of[2], extensions = extensions,
    fits = of[4] }
end

--- The format of a file.
---@param bytes string its content, or the first twelve bytes
---@return wxbot.MediaFormat|nil nil: none that is known here
function M.format_of(bytes)
  for _, format in ipairs(FORMATS) do
    if format.fits(bytes) then
      return format
    end
  end
end

--- The extension of a file's name.
---@param name string
---@return string|nil extension lower-case, without the dot
function M.extension_of(name)
  local extension = match(name, "%.([^./\\]*)$")
  return extension and texts.lower(extension)
end

return M
