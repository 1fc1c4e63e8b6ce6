--- The fields of an article: as it is put into a draft, and as it comes back.

local shared = require "wxbot.api.fields"

local M = {}

local function doc_of(name, text)
  return { name = name, type = "string", text = true, doc = text }
end

-- ---------------------------------------------------- of pictures (newspic)

local IMAGE = {
  { name = "image_media_id", type = "string", required = true,
    doc = "Media id of a permanent image" },
}

local IMAGES = {
  { name = "image_list", type = "list", of = "object", fields = IMAGE,
    required = true, max = 20,
    doc = "The pictures, 20 at most; the first is the cover" },
}

-- From the upper left corner (0, 0) to the lower right one (1, 1).
local CROP = {
  { name = "ratio", type = "string", enum = { "1_1", "16_9", "2.35_1" },
    doc = "Width to height" },
  { name = "x1", type = "string", doc = "Left edge, from 0 to 1" },
  { name = "y1", type = "string", doc = "Upper edge, from 0 to 1" },
  { name = "x2", type = "string", doc = "Right edge, from 0 to 1" },
  { name = "y2", type = "string", doc = "Lower edge, from 0 to 1" },
}

local COVER = {
  { name = "crop_percent_list", type = "list", of = "object", fields = CROP,
    doc = "What part of the picture is shown, by ratio" },
}

-- -------------------------------------------------------------------- goods

local PRODUCT = {
  { name = "footer_product_info", type = "object", doc = "Below the text",
    fields = {
      { name = "product_key", type = "string", doc = "Key of the goods" },
    } },
}

local function images(required_for)
  return { name = "image_info", type = "object", fields = IMAGES,
    required_for = required_for, doc = "Pictures of a newspic" }
end

local product = { name = "product_info", type = "object", fields = PRODUCT,
  doc = "Goods" }

-- ------------------------------------------------------------- as it is sent

local TYPES = { "news", "newspic" }

--- Characters of a title. The platform's documents disagree: its page says 32
--- since December 2025, its older tables say 64. A client lets the platform decide
--- what is between them; the sandbox is as strict as the page.
M.TITLE = { page = 32, tables = 64 }

--- Of an article in a draft. "2 KB" of content, which the page says beside 20,000
--- characters, cannot be meant.
--- https://developers.weixin.qq.com/doc/service/api/draftbox/draftmanage/api_draft_add
M.request = {
  { name = "article_type", type = "string", enum = TYPES,
    doc = "news (default): a text; newspic: pictures with a text" },
  { name = "title", type = "string", required = true,
    max_chars = M.TITLE.tables, doc = ("Title; the newest page of the platform "
      .. "says %d characters"):format(M.TITLE.page) },
  { name = "author", type = "string", max_chars = 16, doc = "Author" },
  { name = "digest", type = "string", max_chars = 128,
    doc = "Digest, where the draft has one article (default: the first 54 "
      .. "characters of the text)" },
  { name = "content", type = "string", required = true, max_chars = 19999,
    max_bytes = 1024 * 1024 - 1,
    doc = "Content: HTML, without scripts and pictures from elsewhere, which "
      .. "the platform removes; plain text in a newspic" },
  { name = "content_source_url", type = "string", max_bytes = 1024,
    doc = "Link to the original" },
  { name = "thumb_media_id", type = "string",
    required_for = { field = "article_type", value = "news",
      or_absent = true },
    doc = "Media id of the cover, a permanent image (material_add)" },
  { name = "need_open_comment", type = "integer", min = 0, max = 1,
    doc = "1: comments are open (default 0)" },
  { name = "only_fans_can_comment", type = "integer", min = 0, max = 1,
    doc = "1: only followers may comment (default 0)" },
  { name = "pic_crop_235_1", type = "string",
    doc = "What part of the cover is shown at 2.35:1: X1_Y1_X2_Y2, each from "
      .. "0 to 1, such as 0.1945_0_1_0.5236" },
  { name = "pic_crop_1_1", type = "string", doc = "The same, at 1:1" },
  images{ field = "article_type", value = "newspic" },
  { name = "cover_info", type = "object", fields = COVER,
    doc = "Cover of a newspic" },
  product,
}

-- --------------------------------------------------------------- as it comes

local COVER_URL = doc_of("thumb_url", "URL of the cover")

-- What drafts and publications have in common.
local function answer(url, more)
  return shared.list({
    doc_of("title", "Title"), doc_of("author", "Author"),
    doc_of("digest", "Digest"), doc_of("content", "Content, HTML"),
    doc_of("content_source_url", "Link to the original"),
    { name = "thumb_media_id", type = "string", doc = "Media id of the cover" },
    COVER_URL,
    { name = "show_cover_pic", type = "integer", doc = "1: the cover is shown" },
    { name = "need_open_comment", type = "integer",
      doc = "1: comments are open" },
    { name = "only_fans_can_comment", type = "integer",
      doc = "1: only followers may comment" },
  }, shared.list(more, { doc_of("url", url) }))
end

--- Of an article that was published.
M.published = shared.list(answer("Permanent link to the article", {}), {
  { name = "is_deleted", type = "boolean", doc = "The article was deleted" },
})

--- Of an article in a draft.
M.draft = shared.list({
  { name = "article_type", type = "string", doc = "news or newspic" },
}, answer("Link to the draft, for a while", { images(), product }))

return M
