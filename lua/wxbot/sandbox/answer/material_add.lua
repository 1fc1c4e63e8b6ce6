-- The platform's side of `material_add`: it looks at a file, and keeps what it
-- is, not its bytes.

local media = require "wxbot.codec.media"

local MEGABYTE = 1024 * 1024

-- Bytes, the code of more, and the formats.
local KINDS = {
  image = { 10 * MEGABYTE, 40009, { bmp = true, png = true, jpg = true,
    gif = true } },
  voice = { 2 * MEGABYTE, 40010, { mp3 = true, wma = true, wav = true,
    amr = true } },
  video = { 10 * MEGABYTE, 40011, { mp4 = true } },
  thumb = { 64 * 1024, 40012, { jpg = true } },
}

local function failure_of(kind, file, description)
  if not kind then
    return 40004
  elseif not file then
    return 41005
  elseif file.data == "" then
    return 44001
  end
  local format = media.format_of(file.data)
  if not format or not kind[3][format.name] then
    return 40005
  elseif #file.data > kind[1] then
    return kind[2]
  end
  return kind == KINDS.video and not description and 40097 or nil
end

return function(platform, params)
  local kind = KINDS[params.type or ""]
  local code = failure_of(kind, params.media, params.description)
  if code then
    return nil, code
  end
  local id = platform.materials:add(params.type)
  local is_image = params.type == "image"
  return { media_id = id, url = is_image and "https://mmbiz.qpic.cn/mmbiz_"
    .. media.format_of(params.media.data).name .. "/" .. id:sub(1, 16) .. "/0"
    or "" }
end
