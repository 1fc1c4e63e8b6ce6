-- The platform's side of `material_add`: it looks at a file, and keeps what it
-- is, not its bytes.

local media = require "wxbot.codec.media"

local find = string.find

local MEGABYTE = 1024 * 1024

-- Bytes, the code of more, and the formats.
local KINDS = {
  image = { 10 * MEGABYTE, 40009, "bmp, png, jpg, gif" },
  voice = { 2 * MEGABYTE, 40010, "mp3, wma, wav, amr" },
  video = { 10 * MEGABYTE, 40011, "mp4" },
  thumb = { 64 * 1024, 40012, "jpg" },
}

local function failure_of(kind, params)
  local file = params.media
  if not kind then
    return 40004, { "field_value", "type", params.type,
      "image, voice, video or thumb" }
  elseif not file then
    return 41005, "no_media"
  elseif file.data == "" then
    return 44001, "empty_file"
  end
  local format = media.format_of(file.data)
  if not format or not find(kind[3], format.name, 1, true) then
    return 40005, { "file_format", kind[3] }
  elseif #file.data > kind[1] then
    return kind[2], { "file_size", #file.data, kind[1] }
  elseif kind == KINDS.video and not params.description then
    return 40097, "no_description"
  end
end

return function(platform, params)
  local code, reason = failure_of(KINDS[params.type or ""], params)
  if code then
    return nil, code, reason
  end
  local id = platform.materials:add(params.type)
  return { media_id = id, url = params.type == "image"
    and ("https://mmbiz.qpic.cn/mmbiz_%s/%s/0"):format(
      media.format_of(params.media.data).name, id:sub(1, 16)) or "" }
end
