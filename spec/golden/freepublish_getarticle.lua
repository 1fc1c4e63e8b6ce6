-- Written from the document.

return {
  url = "https://api.weixin.qq.com/cgi-bin/freepublish/getarticle"
    .. "?access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  credentials = { access_token = "ACCESS_TOKEN" },
  requests = {
    {
      why = "the document's example",
      params = { article_id = "ARTICLE_ID" },
      body = '{"article_id":"ARTICLE_ID"}',
    },
  },
  answers = {
    {
      why = "the document's example",
      body = '{"news_item":[{"title":"TITLE","author":"AUTHOR","digest":"DIGEST",'
        .. '"content":"CONTENT","content_source_url":"CONTENT_SOURCE_URL",'
        .. '"thumb_media_id":"THUMB_MEDIA_ID","show_cover_pic":1,'
        .. '"need_open_comment":0,"only_fans_can_comment":0,"url":"URL",'
        .. '"is_deleted":false}]}',
      result = { news_item = { { title = "TITLE", author = "AUTHOR",
        digest = "DIGEST", content = "CONTENT",
        content_source_url = "CONTENT_SOURCE_URL",
        thumb_media_id = "THUMB_MEDIA_ID", show_cover_pic = 1,
        need_open_comment = 0, only_fans_can_comment = 0, url = "URL",
        is_deleted = false } } },
      canonical = '{"news_item":[{"title":"TITLE","author":"AUTHOR","digest":"DIGEST",'
        .. '"content":"CONTENT","content_source_url":"CONTENT_SOURCE_URL",'
        .. '"thumb_media_id":"THUMB_MEDIA_ID","show_cover_pic":1,'
        .. '"need_open_comment":0,"only_fans_can_comment":0,"url":"URL",'
        .. '"is_deleted":false}]}',
    },
    {
      why = "flags of other types, and no articles left",
      body = '{"news_item":[{"title":"T","is_deleted":1,"show_cover_pic":"0"}]}',
      result = { news_item = { { title = "T", is_deleted = true,
        show_cover_pic = 0 } } },
    },
    {
      why = "an article that is not there, without a text",
      body = '{"errcode":53600}',
      err = { kind = "platform", code = 53600,
        message = "the article_id is not valid" },
    },
  },
}
