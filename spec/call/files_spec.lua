-- Without this a file is sent that the platform refuses, or none is found in
-- what is sent.
local canary = require "spec.support.canary"
local media = require "wxbot.codec.media"
local multipart = require "wxbot.call.wire.multipart"
local pictures = require "spec.support.pictures"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local PNG = pictures.png
local JPG = "\255\216\255\224\0\16JFIF"
local KILOBYTE, MEGABYTE = 1024, 1024 * 1024

-- The beginning of such files, by the extension of their names.
local BEGINNINGS = {
  jpg = JPG, jpeg = JPG, png = PNG, gif = "GIF89a\1\0", mp3 = "ID3\3\0\0",
  bmp = "BM\70\0\0\0\0\0\0\0", wav = "RIFF\36\0\0\0WAVEfmt ",
  wma = "\48\38\178\117\142\102\207\17\166\217", amr = "#!AMR\n",
  mp4 = "\0\0\0\24ftypmp42",
}

describe("a file that is sent", function()
  local bot, sent
  before_each(function()
    sent = nil
    bot = assert(wxbot.new{ access_token = canary.access_token, transport = {
      request = function(_, request)
        sent = request
        return { status = 200, headers = {}, body = '{"media_id":"M"}' }
      end } })
  end)

  local function refused(reason, params)
    local result, err = bot:material_add(params)
    assert.is_nil(result)
    assert.equal("invalid", err.kind)
    assert.equal("media " .. reason, err.message)
    assert.equal("media", err.field)
    assert.is_false(err.sent)
    assert.is_nil(sent)
  end

  local function image(data, name)
    return { type = "image", media = { data = data, name = name } }
  end

  -- Its name and its bytes, as the platform finds them.
  local function found()
    local description = require "wxbot.api".by_name.material_add
    local params = assert(multipart.decode_request(description, sent.body,
      { ["content-type"] = sent.headers["content-type"] }))
    return params.media.name, params.media.data
  end

  it("comes from its path, by its name alone", function()
    local path = start.file(PNG)
    assert(bot:material_add{ type = "image", media = path })
    local name, data = found()
    assert.equal(path:match("[^/]+$") .. ".png", name)
    assert.equal(PNG, data)
  end)

  it("comes from its bytes, by the name that is given or by what it is",
    function()
      assert(bot:material_add(image(PNG, "folder/封面.png")))
      assert.equal("封面.png", (found()))
      assert(bot:material_add(image(PNG)))
      assert.equal("media.png", (found()))
    end)

  it("is no FIFO, for whose writer a call would wait", function()
    local folder = start.output_of("mktemp -d"):match("[^\n]+")
    finally(function() start.remove_folder(folder) end)
    os.execute("mkfifo " .. folder .. "/cover.png")
    refused("cannot be read: " .. folder .. "/cover.png: it is no regular file",
      { type = "image", media = folder .. "/cover.png" })
  end)

  it("is a param that stays as it was given", function()
    local params = image(PNG, "a/b")
    assert(bot:material_add(params))
    assert.same(image(PNG, "a/b"), params)
  end)

  it("of 11 MB is refused, by its path too", function()
    refused("has more than 10485760 bytes, the most of type image",
      image(pictures.png_of(11 * MEGABYTE)))
    refused("has more than 10485760 bytes, the most of type image",
      { type = "image", media = start.file(pictures.png_of(11 * MEGABYTE)) })
    assert(bot:material_add(image(pictures.png_of(10 * MEGABYTE))))
  end)

  it("is refused where its type takes fewer bytes", function()
    for kind, of in pairs{ voice = { "mp3", 2 * MEGABYTE },
      thumb = { "jpg", 64 * KILOBYTE } } do
      local data = BEGINNINGS[of[1]]
      local params = { type = kind, media = {
        data = data .. ("\0"):rep(of[2] + 1 - #data) } }
      refused(("has more than %d bytes, the most of type %s"):format(of[2],
        kind), params)
    end
  end)

  it("is refused where it is of another type, whatever its name", function()
    refused("is none of bmp, png, jpg, gif, by its first bytes",
      image("RIFF\1\2\3\4WEBPVP8 ", "cover.jpg"))
    refused("is no jpg, by its first bytes",
      { type = "thumb", media = { data = PNG } })
    refused("is named .jpg, but is png by its first bytes",
      image(PNG, "cover.jpg"))
  end)

  it("is refused where it is empty, missing or no file", function()
    refused("is empty", image "")
    refused("is empty", { type = "image", media = start.file "" })
    refused("cannot be read: /nowhere/cover.jpg: No such file or directory",
      { type = "image", media = "/nowhere/cover.jpg" })
    refused("cannot be read: Is a directory", { type = "image", media = "." })
    local bytes = "is no path; bytes are given as { name = …, data = … }"
    refused(bytes, { type = "image", media = PNG })
    refused(bytes, { type = "image", media = "" })
  end)

  it("is refused where its name cannot be sent", function()
    refused("has a name that is not valid UTF-8", image(PNG, "\255.png"))
    refused("has a name that holds a NUL byte", image(PNG, "a\0.png"))
  end)

  it("is a mistake of the program where it is neither path nor bytes",
    function()
      for message, given in pairs{
        ["media must be the path of a file, or { name, data } (got number)"] = 7,
        ["media: data is missing"] = { name = "a.png" },
        ["media: unknown name bytes: expected name, data"] = { bytes = "x" },
      } do
        local ok, raised = pcall(bot.material_add, bot,
          { type = "image", media = given })
        assert.is_false(ok)
        assert.truthy(raised:find("material_add: " .. message, 1, true), raised)
      end
    end)

  it("has words beside it if it is a video", function()
    local video = { type = "video", media = { data = BEGINNINGS.mp4 } }
    local _, err = bot:material_add(video)
    assert.equal("description is missing: it is needed where type is video",
      err.message)
    video.description = { title = "视频", introduction = "简介" }
    assert(bot:material_add(video))
  end)

  it("is not looked at where the kind of it is none", function()
    local _, err = bot:material_add{ type = "news", media = "/nowhere" }
    assert.equal("type must be one of image, voice, video, thumb", err.message)
  end)
end)

describe("what a file is", function()
  for extension, data in pairs(BEGINNINGS) do
    it("is told by its first bytes: " .. extension, function()
      assert.is_true(media.format_of(data).extensions[extension])
    end)
  end

  it("is nothing that is known for texts, and for very few bytes", function()
    for _, data in ipairs{ "", "B", "BMW is a brand", "\255", "\255\241\80",
      "<svg>", "RIFF", "ftyp" } do
      assert.is_nil(media.format_of(data), data)
    end
  end)

  it("is told of MPEG sound without a tag", function()
    assert.equal("mp3", media.format_of("\255\251\144\100").name)
  end)
end)
