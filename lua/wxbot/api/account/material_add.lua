-- Permanent material: a draft's cover must be a permanent image.

local MEGABYTE = 1024 * 1024

local VIDEO = {
  { name = "title", type = "string", doc = "Title of the video" },
  { name = "introduction", type = "string", doc = "What it is about" },
}

return {
  name = "material_add",
  summary = "Add a picture, sound or video to the permanent material",
  source = "https://developers.weixin.qq.com/doc/service/api/material/permanent/api_addmaterial",
  path = "/cgi-bin/material/add_material",
  wire = "multipart",
  -- A repeat would add it twice, and there is room for so many.
  repeats = "never",
  errors = { 40001, 40004, 40005, 40006, 40007, 40009, 40014, 41005, 42001,
    44001, 45001, 45074, 48001 },
  request = {
    { name = "type", type = "string", required = true, location = "query",
      enum = { "image", "voice", "video", "thumb" },
      doc = "image, voice, video or thumb; the cover of an article is an "
        .. "image" },
    { name = "media", type = "file", required = true,
      accepts = { by = "type", kinds = {
        image = { max_bytes = 10 * MEGABYTE,
          formats = { "bmp", "png", "jpg", "gif" } },
        voice = { max_bytes = 2 * MEGABYTE,
          formats = { "mp3", "wma", "wav", "amr" } },
        video = { max_bytes = 10 * MEGABYTE, formats = { "mp4" } },
        thumb = { max_bytes = 64 * 1024, formats = { "jpg" } },
      } },
      doc = "The file. An image: 10 MB of bmp, png, jpg or gif; a voice: 2 MB "
        .. "and a minute of mp3, wma, wav or amr; a video: 10 MB of mp4; a "
        .. "thumb: 64 KB of jpg" },
    { name = "description", type = "object", fields = VIDEO,
      required_for = { field = "type", value = "video" },
      doc = "Title and introduction of a video" },
  },
  response = {
    { name = "media_id", type = "string", required = true,
      doc = "Media id of the material" },
    { name = "url", type = "string", text = true,
      doc = "Address of an image, which only pages of Tencent show" },
  },
}
