-- Written from the document.

return {
  url = "https://api.weixin.qq.com/cgi-bin/freepublish/batchget"
    .. "?access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  credentials = { access_token = "ACCESS_TOKEN" },
  requests = {
    {
      why = "the document's fields",
      params = { offset = 0, count = 20, no_content = 1 },
      body = '{"offset":0,"count":20,"no_content":1}',
    },
    {
      why = "only what is required",
      params = { offset = 40, count = 1 },
      body = '{"offset":40,"count":1}',
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"total_count":1,"item_count":1,"item":[{"article_id":'
        .. '"ARTICLE_ID","content":{"news_item":[{"title":"TITLE",'
        .. '"author":"AUTHOR","digest":"DIGEST",'
        .. '"content":"CONTENT","content_source_url":"CONTENT_SOURCE_URL",'
        .. '"thumb_media_id":"THUMB_MEDIA_ID","show_cover_pic":1,'
        .. '"need_open_comment":0,"only_fans_can_comment":0,"url":"URL",'
        .. '"is_deleted":false}]},'
        .. '"update_time":1666666666}]}',
      result = { total_count = 1, item_count = 1, item = { {
        article_id = "ARTICLE_ID", update_time = 1666666666,
        content = { news_item = { { title = "TITLE", author = "AUTHOR",
        digest = "DIGEST", content = "CONTENT",
        content_source_url = "CONTENT_SOURCE_URL",
        thumb_media_id = "THUMB_MEDIA_ID", show_cover_pic = 1,
        need_open_comment = 0, only_fans_can_comment = 0, url = "URL",
        is_deleted = false } } } } } },
      canonical = '{"total_count":1,"item_count":1,"item":[{"article_id":'
        .. '"ARTICLE_ID","content":{"news_item":[{"title":"TITLE",'
        .. '"author":"AUTHOR","digest":"DIGEST",'
        .. '"content":"CONTENT","content_source_url":"CONTENT_SOURCE_URL",'
        .. '"thumb_media_id":"THUMB_MEDIA_ID","show_cover_pic":1,'
        .. '"need_open_comment":0,"only_fans_can_comment":0,"url":"URL",'
        .. '"is_deleted":false}]},'
        .. '"update_time":1666666666}]}',
    },
    {
      why = "a page behind the last",
      body = '{"total_count":1,"item_count":0,"item":[]}',
      result = { total_count = 1, item_count = 0, item = {} },
    },
    {
      why = "an argument that is not valid",
      body = '{"errcode":40002,"errmsg":"invalid argument"}',
      err = { kind = "platform", code = 40002,
        message = "invalid argument" },
    },
  },
}
