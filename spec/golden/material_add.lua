-- Written from the document, whose examples are calls of curl, and from what
-- curl sends for them: the part's name and the file's in quotes.

local BOUNDARY = "wxbot-30313233343536373839616263646566"

local function form(parts)
  return "--" .. BOUNDARY .. "\r\n"
    .. table.concat(parts, "\r\n--" .. BOUNDARY .. "\r\n")
    .. "\r\n--" .. BOUNDARY .. "--\r\n"
end

local HEADERS = { ["content-type"] = "multipart/form-data; boundary="
  .. BOUNDARY }

-- The beginning of such files.
local JPEG = "\255\216\255\224\0\16JFIF\0"
local PNG = "\137PNG\r\n\26\n\0\0\0\rIHDR"
local MP4 = "\0\0\0\24ftypmp42"

local ADDRESS = "https://api.weixin.qq.com/cgi-bin/material/add_material"
  .. "?access_token=ACCESS_TOKEN&type="

return {
  headers = HEADERS,
  credentials = { access_token = "ACCESS_TOKEN" },
  requests = {
    {
      why = "the document's example of an image",
      url = ADDRESS .. "image",
      params = { type = "image", media = { name = "media.jpg", data = JPEG } },
      body = form{ 'Content-Disposition: form-data; name="media"; '
        .. 'filename="media.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' .. JPEG },
      read = { media = { name = "media.jpg", data = JPEG } },
    },
    {
      why = "the document's example of a video",
      url = ADDRESS .. "video",
      params = { type = "video", media = { name = "media.mp4", data = MP4 },
        description = { title = "VIDEO_TITLE",
          introduction = "INTRODUCTION" } },
      body = form{
        'Content-Disposition: form-data; name="media"; filename="media.mp4"'
          .. "\r\nContent-Type: video/mp4\r\n\r\n" .. MP4,
        'Content-Disposition: form-data; name="description"\r\n\r\n'
          .. '{"title":"VIDEO_TITLE","introduction":"INTRODUCTION"}' },
      read = { media = { name = "media.mp4", data = MP4 },
        description = { title = "VIDEO_TITLE",
          introduction = "INTRODUCTION" } },
    },
    {
      why = "line ends in a file, and a name with a quote",
      url = ADDRESS .. "image",
      params = { type = "image", media = { name = '封面"1".png', data = PNG } },
      body = form{ 'Content-Disposition: form-data; name="media"; '
        .. 'filename="封面%221%22.png"\r\nContent-Type: image/png\r\n\r\n'
        .. PNG },
      read = { media = { name = "封面%221%22.png", data = PNG } },
    },
  },
  answers = {
    {
      why = "the document's example of an image",
      body = '{"media_id":"MEDIA_ID_654321",'
        .. '"url":"https://example.com/image.jpg"}',
      result = { media_id = "MEDIA_ID_654321",
        url = "https://example.com/image.jpg" },
      canonical = '{"media_id":"MEDIA_ID_654321",'
        .. '"url":"https://example.com/image.jpg"}',
    },
    {
      why = "the document's example of a video",
      body = '{"media_id":"MEDIA_ID_123456","url":""}',
      result = { media_id = "MEDIA_ID_123456", url = "" },
    },
    {
      why = "seen: a member that no document has",
      body = '{"media_id":"M","url":"http:\\/\\/mmbiz.qpic.cn\\/x","item":[]}',
      result = { media_id = "M", url = "http://mmbiz.qpic.cn/x", item = {} },
    },
    {
      why = "seen: no file was found in the form",
      body = '{"errcode":41005,"errmsg":"media data missing hint: [a1-b2] '
        .. 'rid: 67db812a-08959018-7d56a8b6"}',
      err = { kind = "platform", code = 41005 },
    },
    {
      why = "a file of another type, without a text",
      body = '{"errcode":40005}',
      err = { kind = "platform", code = 40005,
        message = "the type of the file is not valid" },
    },
  },
}
