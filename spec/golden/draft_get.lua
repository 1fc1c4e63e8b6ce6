-- Written from the document.

local EXAMPLE = '{"news_item":[{"article_type":"news","title":"TITLE",'
  .. '"author":"AUTHOR","digest":"DIGEST","content":"CONTENT",'
  .. '"content_source_url":"CONTENT_SOURCE_URL",'
  .. '"thumb_media_id":"THUMB_MEDIA_ID","show_cover_pic":0,'
  .. '"need_open_comment":0,"only_fans_can_comment":0,"url":"URL"},'
  .. '{"article_type":"newspic","title":"TITLE","content":"CONTENT",'
  .. '"thumb_media_id":"THUMB_MEDIA_ID","need_open_comment":0,'
  .. '"only_fans_can_comment":0,"image_info":{"image_list":'
  .. '[{"image_media_id":"IMAGE_MEDIA_ID"}]},"product_info":'
  .. '{"footer_product_info":{"product_key":"PRODUCT_KEY"}},"url":"URL"}]}'

return {
  url = "https://api.weixin.qq.com/cgi-bin/draft/get?access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  credentials = { access_token = "ACCESS_TOKEN" },
  requests = {
    {
      why = "the document's example",
      params = { media_id = "MEDIA_ID" },
      body = '{"media_id":"MEDIA_ID"}',
    },
  },
  answers = {
    {
      why = "the document's example",
      body = EXAMPLE,
      result = { news_item = {
        { article_type = "news", title = "TITLE", author = "AUTHOR",
          digest = "DIGEST", content = "CONTENT",
          content_source_url = "CONTENT_SOURCE_URL",
          thumb_media_id = "THUMB_MEDIA_ID", show_cover_pic = 0,
          need_open_comment = 0, only_fans_can_comment = 0, url = "URL" },
        { article_type = "newspic", title = "TITLE", content = "CONTENT",
          thumb_media_id = "THUMB_MEDIA_ID", need_open_comment = 0,
          only_fans_can_comment = 0, image_info = { image_list = {
            { image_media_id = "IMAGE_MEDIA_ID" } } },
          product_info = { footer_product_info = {
            product_key = "PRODUCT_KEY" } }, url = "URL" },
      } },
      canonical = EXAMPLE,
    },
    {
      why = "the document's failure, without a text",
      body = '{"errcode":40007}',
      err = { kind = "platform", code = 40007,
        message = "the media_id is not valid" },
    },
  },
}
