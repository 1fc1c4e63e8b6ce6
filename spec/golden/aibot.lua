-- Written from the document; its example lacks quotes and commas, and a
-- translator turned is_default_answer into something else.

local function text(words)
  return { kind = "text", text = words, links = {}, articles = {},
    play_list = {} }
end

return {
  url = "https://chatbot.weixin.qq.com/openapi/aibot/"
    .. "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  requests = {
    {
      why = "only what is required",
      params = { signature = "a.b.c", query = "开始猜拳" },
      body = '{"signature":"a.b.c","query":"开始猜拳"}',
    },
    {
      why = "all fields",
      params = { signature = "a.b.c", query = "hello", env = "debug",
        first_priority_skills = { "技能1" },
        second_priority_skills = { "技能2", "技能3" } },
      body = '{"signature":"a.b.c","query":"hello","env":"debug",'
        .. '"first_priority_skills":["技能1"],'
        .. '"second_priority_skills":["技能2","技能3"]}',
    },
    {
      why = "an empty list stays a list",
      params = { signature = "s", query = "q",
        first_priority_skills = {} },
      body = '{"signature":"s","query":"q","first_priority_skills":[]}',
    },
  },
  answers = {
    {
      why = "the document's example, repaired",
      body = [[{
"ans_node_id": 17130001,
"ans_node_name": "猜拳",
"answer": "Let the game begin",
"answer_open": 1,
"answer_type": "text",
"article": "",
"confidence": 1,
"create_time": "1652946752175",
"dialog_session_status": "NONE",
"dialog_status": "NONE",
"event": "",
"from_user_name": "dTo6FS96YzJ",
"intent_confirm_status": "",
"is_default_answer": false,
"list_options": false,
"msg": [
{
"ans_node_id": 17130001,
"ans_node_name": "猜拳",
"article": "",
"confidence": 1,
"content": "2",
"debug_info": "",
"event": "",
"list_options": false,
"msg_type": "text",
"opening": "",
"request_id": 130,
"resp_title": "Start guessing",
"scene_status": "",
"session_id": "",
"status": "FAQ",
"take_options_only": false
}
],
"msg_id": "31904d53",
"opening": "",
"request_id": 130,
"ret": 0,
"scene_status": "",
"session_id": "",
"skill_id": "",
"skill_name": "猜拳",
"slot_info": [],
"slots_info": [],
"status": "FAQ",
"take_options_only": false,
"title": "Start guessing",
"to_user_name": "oEUI4g02QjGf54nLxtexWl01UkytI2",
"msgtype": "text",
"query": "Start guessing",
"rid": "31904d53"
}]],
      result = {
        ans_node_id = "17130001", ans_node_name = "猜拳",
        answer = "Let the game begin", answer_open = 1,
        answer_type = "text", article = "", confidence = 1,
        create_time = "1652946752175", dialog_session_status = "NONE",
        dialog_status = "NONE", event = "", from_user_name = "dTo6FS96YzJ",
        intent_confirm_status = "", is_default_answer = false,
        list_options = false,
        msg = { {
          ans_node_id = "17130001", ans_node_name = "猜拳", article = "",
          confidence = 1, content = "2", debug_info = "", event = "",
          list_options = false, msg_type = "text", opening = "",
          request_id = "130", resp_title = "Start guessing",
          scene_status = "", session_id = "", status = "FAQ",
          take_options_only = false,
        } },
        msg_id = "31904d53", opening = "", options = {},
        request_id = "130", ret = 0, scene_status = "", session_id = "",
        skill_id = "", skill_name = "猜拳", slot_info = {},
        slots_info = {}, status = "FAQ", take_options_only = false,
        title = "Start guessing",
        to_user_name = "oEUI4g02QjGf54nLxtexWl01UkytI2", msgtype = "text",
        query = "Start guessing", rid = "31904d53",
        text = "Let the game begin", rich = { text "Let the game begin" },
      },
    },
    {
      why = "a recommendation",
      body = '{"ret":0,"status":"FAQ_RECOMMEND","answer":"","confidence":'
        .. '0.71,"options":[{"ans_node_name":"账号","title":"怎么修改密码",'
        .. '"answer":"在设置里","confidence":0.71}]}',
      result = { ret = 0, status = "FAQ_RECOMMEND", answer = "",
        confidence = 0.71, options = { { ans_node_name = "账号",
          title = "怎么修改密码", answer = "在设置里", confidence = 0.71 } },
        msg = {}, slot_info = {}, slots_info = {}, text = "", rich = {} },
    },
    {
      why = "nulls, numbers as strings, and fields that nobody described",
      body = '{"ret":"0","status":"NOMATCH","answer":null,"msg":null,'
        .. '"options":null,"confidence":"0.5","is_default_answer":1,'
        .. '"bot_state":{"err_msg":""},"more":[1,null,"2"]}',
      result = { ret = 0, status = "NOMATCH", confidence = 0.5,
        is_default_answer = true, msg = {}, options = {}, slot_info = {},
        slots_info = {}, bot_state = { err_msg = "" },
        more = { 1, "2" }, text = "", rich = {} },
    },
    {
      why = "what older versions and music have; a detail is always a text",
      body = '{"ret":0,"status":"FAQ","answer":"","answer_type":"music",'
        .. '"bid_stat":{"curr_time":"20200102","err_msg":"","up_ret":0},'
        .. '"bot_state":[],"more_info":{"music_ans_detail":{"song":"歌"},'
        .. '"fm_ans_detail":""}}',
      result = { ret = 0, status = "FAQ", answer = "", answer_type = "music",
        bid_stat = { curr_time = "20200102", err_msg = "", up_ret = 0 },
        bot_state = {}, more_info = { music_ans_detail = '{"song":"歌"}',
          fm_ans_detail = "" },
        msg = {}, options = {}, slot_info = {}, slots_info = {},
        text = "", rich = { { kind = "music_ans_detail", text = "",
          raw = { song = "歌" }, links = {}, articles = {},
          play_list = {} } } },
    },
    {
      why = "news, as the document of rich answers has it",
      body = '{"ret":0,"status":"FAQ","answer_type":"news","answer":"{\\"news\\":'
        .. '{\\"articles\\":[{\\"title\\":\\"t\\",\\"description\\":\\"d\\",'
        .. '\\"url\\":\\"https://e.test\\",\\"picurl\\":\\"https://e.test/p.jpg\\",'
        .. '\\"type\\":\\"h5\\"}]}}"}',
      result = { ret = 0, status = "FAQ", answer_type = "news",
        answer = '{"news":{"articles":[{"title":"t","description":"d",'
          .. '"url":"https://e.test","picurl":"https://e.test/p.jpg",'
          .. '"type":"h5"}]}}',
        msg = {}, options = {}, slot_info = {}, slots_info = {},
        text = "t\nd\nhttps://e.test", rich = { { kind = "news",
          text = "t\nd\nhttps://e.test", links = {}, play_list = {},
          articles = { { title = "t", description = "d",
            url = "https://e.test", picurl = "https://e.test/p.jpg",
            type = "h5" } } } } },
    },
    {
      why = "a failure whose msg is a list",
      body = '{"ret":1005,"msg":[{"content":"no"}],"rid":"00000001"}',
      err = { kind = "platform", code = 1005, rid = "00000001",
        message = "the signature is expired or not valid" },
    },
    {
      why = "a failure with the code as a string",
      body = '{"errcode":"1004","errmsg":""}',
      err = { kind = "platform", code = 1004,
        message = "the signature field is empty" },
    },
  },
}
