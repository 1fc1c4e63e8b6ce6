-- Written from the document.

local NEWS = '{"article_type":"news","title":"TITLE","author":"麦多多",'
  .. '"digest":"DIGEST","content":"CONTENT",'
  .. '"content_source_url":"CONTENT_SOURCE_URL","thumb_media_id":'
  .. '"R7Ifp6ogGOmtr3u-l6KIJfD6AX2foQ7Ktp4flZtYJbtO2H-Tmfg4xO0sl9mh9ByJ",'
  .. '"need_open_comment":0,"only_fans_can_comment":0,'
  .. '"pic_crop_235_1":"0.1945_0_1_0.5236","pic_crop_1_1":"X1_Y1_X2_Y2"}'

local NEWSPIC = '{"article_type":"newspic","title":"TITLE","content":"CONTENT",'
  .. '"need_open_comment":0,"only_fans_can_comment":0,'
  .. '"image_info":{"image_list":[{"image_media_id":"IMAGE_MEDIA_ID"}]},'
  .. '"cover_info":{"crop_percent_list":[{"ratio":"1_1","x1":"0.166454",'
  .. '"y1":"0","x2":"0.833545","y2":"1"}]},'
  .. '"product_info":{"footer_product_info":{"product_key":"PRODUCT_KEY"}}}'

return {
  url = "https://api.weixin.qq.com/cgi-bin/draft/add?access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  credentials = { access_token = "ACCESS_TOKEN" },
  requests = {
    {
      why = "the document's example, a text and pictures",
      params = { articles = {
        { article_type = "news", title = "TITLE", author = "麦多多",
          digest = "DIGEST", content = "CONTENT",
          content_source_url = "CONTENT_SOURCE_URL", thumb_media_id =
          "R7Ifp6ogGOmtr3u-l6KIJfD6AX2foQ7Ktp4flZtYJbtO2H-Tmfg4xO0sl9mh9ByJ",
          need_open_comment = 0, only_fans_can_comment = 0,
          pic_crop_235_1 = "0.1945_0_1_0.5236", pic_crop_1_1 = "X1_Y1_X2_Y2" },
        { article_type = "newspic", title = "TITLE", content = "CONTENT",
          need_open_comment = 0, only_fans_can_comment = 0,
          image_info = { image_list = {
            { image_media_id = "IMAGE_MEDIA_ID" } } },
          cover_info = { crop_percent_list = {
            { ratio = "1_1", x1 = "0.166454", y1 = "0", x2 = "0.833545",
              y2 = "1" } } },
          product_info = { footer_product_info = {
            product_key = "PRODUCT_KEY" } } },
      } },
      body = '{"articles":[' .. NEWS .. "," .. NEWSPIC .. "]}",
    },
    {
      -- The platform refuses \uXXXX, with 40033.
      why = "what has to be there, in characters and not in their numbers",
      params = { articles = {
        { title = "标题", content = "<p>x</p>", thumb_media_id = "M" } } },
      body = '{"articles":[{"title":"标题","content":"<p>x</p>",'
        .. '"thumb_media_id":"M"}]}',
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"media_id":"MEDIA_ID"}',
      result = { media_id = "MEDIA_ID" },
      canonical = '{"media_id":"MEDIA_ID"}',
    },
    {
      why = "seen: a field that is misspelt",
      body = '{"errcode":40007,"errmsg":"invalid media_id hint: [a1-b2] '
        .. 'rid: 67db812a-08959018-7d56a8b6"}',
      err = { kind = "platform", code = 40007,
        rid = "67db812a-08959018-7d56a8b6" },
    },
    {
      why = "content that is too long, without a text",
      body = '{"errcode":45002}',
      err = { kind = "platform", code = 45002,
        message = "the content is too long" },
    },
    {
      why = "the document's failure of goods",
      body = '{"errcode":53405,"errmsg":"插入商品信息有误"}',
      err = { kind = "platform", code = 53405, message = "插入商品信息有误" },
    },
  },
}
