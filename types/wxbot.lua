---@meta wxbot.Bot

-- Made from the descriptions in lua/wxbot/api/ and receive/ by `make docs`.
-- luacheck: ignore

---@class wxbot.Bot
local Bot = {}

---@class wxbot.sign.Request
---@field username? string User nickname
---@field avatar? string URL of the user's avatar
---@field userid string|integer User id, any value

---@class wxbot.sign.Response
---@field signature? string Signature for aibot, about 500 bytes
---@field expiresIn? integer Life of the signature, seconds
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Get a signature for a user from the platform.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/INTERFACEDOCUMENT
---@param params wxbot.sign.Request
---@param options? { timeout: number }
---@return wxbot.sign.Response|nil result
---@return wxbot.Error|nil err
function Bot:sign(params, options) end

---@class wxbot.aibot.Request
---@field signature string Signature of the asking user
---@field query string Message of the user
---@field env? string online (default), or debug: the test environment
---@field first_priority_skills? string[] Match only content of these skills
---@field second_priority_skills? string[] The same, with lower priority than first_priority_skills

---@class wxbot.aibot.Response
---@field answer? string Answer; JSON text unless answer_type is text
---@field answer_type? string Type of the answer: text, music, news, …
---@field skill_name? string Name of the skill
---@field msg_id? string Message id
---@field options? table[] Recommended questions; empty unless something is recommended
---@field status? string FAQ, CONTEXT_FAQ, GENERAL_FAQ, FAQ_RECOMMEND or NOMATCH
---@field title? string Standard question, or name of the intent
---@field msg? table[] Details of the answer (abandoned by the platform)
---@field from_user_name? string The user who asked
---@field to_user_name? string The bot
---@field query? string The message of the user
---@field answer_open? integer Display switch of the answer
---@field create_time? string Time of the answer, milliseconds
---@field dialog_session_status? string State of the session
---@field dialog_status? string State of the dialogue
---@field intent_confirm_status? string State of the intent
---@field is_default_answer? boolean This is the default answer
---@field ret? integer 0
---@field skill_id? string Skill id
---@field slot_info? any[] Slots, as name and value
---@field slots_info? table[] Slots, in detail
---@field msgtype? string Type of the message
---@field rid? string Trace id
---@field bid_stat? table State of the bot, of older versions
---@field bot_state? table State of the bot, of some versions
---@field more_info? table Details of music and radio, of some versions
---@field ans_node_id? string Skill id
---@field ans_node_name? string Category, or name of the skill
---@field article? string Article
---@field confidence? number Score of the answer
---@field event? string Event
---@field list_options? boolean Options are listed
---@field opening? string Opening words
---@field request_id? string Request id
---@field scene_status? string State of the scene
---@field session_id? string Session id
---@field take_options_only? boolean Only options are taken
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field text? string What a person would read: never JSON, links as words
---@field rich? table[] Its parts, 100 at most; a text is one

--- Ask the bot, with a signature at hand.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/INTERFACEDOCUMENT
---@param params wxbot.aibot.Request
---@param options? { timeout: number }
---@return wxbot.aibot.Response|nil result
---@return wxbot.Error|nil err
function Bot:aibot(params, options) end

---@class wxbot.message.Request
---@field username string|integer Id of the user: each has a dialogue of its own
---@field msg string Message of the user

---@class wxbot.message.Response
---@field answer? string Answer; JSON text unless answer_type is text
---@field answer_type? string Type of the answer: text, music, news, …
---@field skill_name? string Name of the skill
---@field msg_id? string Message id
---@field options? table[] Recommended questions; empty unless something is recommended
---@field status? string FAQ, CONTEXT_FAQ, GENERAL_FAQ, FAQ_RECOMMEND or NOMATCH
---@field title? string Standard question, or name of the intent
---@field msg? table[] Details of the answer (abandoned by the platform)
---@field from_user_name? string The user who asked
---@field to_user_name? string The bot
---@field query? string The message of the user
---@field answer_open? integer Display switch of the answer
---@field create_time? string Time of the answer, milliseconds
---@field dialog_session_status? string State of the session
---@field dialog_status? string State of the dialogue
---@field intent_confirm_status? string State of the intent
---@field is_default_answer? boolean This is the default answer
---@field ret? integer 0
---@field skill_id? string Skill id
---@field slot_info? any[] Slots, as name and value
---@field slots_info? table[] Slots, in detail
---@field msgtype? string Type of the message
---@field rid? string Trace id
---@field bid_stat? table State of the bot, of older versions
---@field bot_state? table State of the bot, of some versions
---@field more_info? table Details of music and radio, of some versions
---@field ans_node_id? string Skill id
---@field ans_node_name? string Category, or name of the skill
---@field article? string Article
---@field confidence? number Score of the answer
---@field event? string Event
---@field list_options? boolean Options are listed
---@field opening? string Opening words
---@field request_id? string Request id
---@field scene_status? string State of the scene
---@field session_id? string Session id
---@field take_options_only? boolean Only options are taken
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field text? string What a person would read: never JSON, links as words
---@field rich? table[] Its parts, 100 at most; a text is one

--- Ask the bot in the older, signed way.
--- https://developers.weixin.qq.com/doc/aispeech/nlpapi/openapi
---@param params wxbot.message.Request
---@param options? { timeout: number }
---@return wxbot.message.Response|nil result
---@return wxbot.Error|nil err
function Bot:message(params, options) end

---@class wxbot.label_batchset.Request
---@field appid string Appid of the official account or mini program (wx…), not the bot's
---@field category string Name of the tag
---@field label string Second-level tag
---@field desc string Rule by which users get the tag
---@field list (string|integer)[] Openids of the users to tag

---@class wxbot.label_batchset.Response
---@field errcode? integer 0
---@field code? integer 0
---@field msg? any Success, as a text
---@field answer_type? string Listed by the document, never seen
---@field from_user_name? string Listed by the document, never seen
---@field to_user_name? string Listed by the document, never seen
---@field status? string Listed by the document, never seen
---@field rid? string Trace id
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Tag users, one batch.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/bot/batchsetlabel
---@param params wxbot.label_batchset.Request
---@param options? { timeout: number }
---@return wxbot.label_batchset.Response|nil result
---@return wxbot.Error|nil err
function Bot:label_batchset(params, options) end

---@class wxbot.task_fetch.Request
---@field openid string|integer Administrator id (the creator's or an administrator's), not an openid of WeChat
---@field task_id string|integer Task id

---@class wxbot.task_fetch.Response
---@field state? integer 0 preparing, 1 running, 2 success, 3 failure
---@field state_name? string Name of state
---@field progress? integer Progress, percent
---@field start? integer Start of the task, unix seconds
---@field ["end"] integer|nil End of the task, unix seconds
---@field url? string Download link of an export task
---@field msg? string Failure message when state is 3
---@field success_skill_info? table[] Imported skills, 5000 at most
---@field fail_skill_info? any[] Skills and intents that failed, with the reason, 5000 at most
---@field import_export_time? any Time of import or export
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field progress_bar? string Progress bar
---@field request_id? string Request id
---@field type? integer Type of the task

--- Query an import, export or publish task.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/bot/task_fetch
---@param params wxbot.task_fetch.Request
---@param options? { timeout: number }
---@return wxbot.task_fetch.Response|nil result
---@return wxbot.Error|nil err
function Bot:task_fetch(params, options) end

---@class wxbot.batchimportskill.Request
---@field managerid string|integer Administrator id (the creator's or an administrator's)
---@field mode? string 0 (default): add to what is there; 1: replace everything
---@field skill table[] Questions with their answers

---@class wxbot.batchimportskill.Response
---@field task_id? string Task to follow with task_fetch; absent where the platform makes none
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field request_id? string Request id
---@field rid? string Trace id

--- Import questions and answers, one batch.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/bot/batchimportskill
---@param params wxbot.batchimportskill.Request
---@param options? { timeout: number }
---@return wxbot.batchimportskill.Response|nil result
---@return wxbot.Error|nil err
function Bot:batchimportskill(params, options) end

---@class wxbot.setautoreply.Request
---@field managerid string|integer Administrator id (the creator's or an administrator's)
---@field skillname string Name of the skill
---@field title string Standard question
---@field content string Answer
---@field list? string[] Similar questions

---@class wxbot.setautoreply.Response
---@field task_id? string Task to follow with task_fetch; absent where the platform makes none
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field request_id? string Request id
---@field rid? string Trace id

--- Create or replace one question and its answer.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/deprecated/bot/setautoreply
---@param params wxbot.setautoreply.Request
---@param options? { timeout: number }
---@return wxbot.setautoreply.Response|nil result
---@return wxbot.Error|nil err
function Bot:setautoreply(params, options) end

---@class wxbot.publish.Request
---@field managerid string|integer Administrator id (the creator's or an administrator's)

---@class wxbot.publish.Response
---@field task_id? string Task to follow with task_fetch; absent where the platform makes none
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field request_id? string Request id
---@field rid? string Trace id

--- Publish the bot.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/bot/publish
---@param params wxbot.publish.Request
---@param options? { timeout: number }
---@return wxbot.publish.Response|nil result
---@return wxbot.Error|nil err
function Bot:publish(params, options) end

---@class wxbot.publish_progress.Request
---@field managerid string|integer Administrator id (the creator's or an administrator's)

---@class wxbot.publish_progress.Response
---@field progress? integer Progress, percent
---@field status? integer 1 success, 2 failure, 3 publishing
---@field status_name? string Name of status
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field request_id? string Request id
---@field rid? string Trace id

--- Query how far the publishing of the bot is.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/bot/publish_progress
---@param params wxbot.publish_progress.Request
---@param options? { timeout: number }
---@return wxbot.publish_progress.Response|nil result
---@return wxbot.Error|nil err
function Bot:publish_progress(params, options) end

---@class wxbot.sendmsg.Request
---@field appid? string Appid of the official account or mini program (wx…), not the bot's; on channel 7 leave it out
---@field openid string|integer Openid of the user: the userid of the push
---@field msg string Text of the message
---@field channel integer The channel of the push: 0 official account, 1 mini program, 2 open API, 3 WeCom group bot, 4 WeCom internal bot (2 to 4 are not open yet), 5 official account menu H5, 6 mini program plugin, 7 web H5, 9 WeChat customer service
---@field event? string waiterQualityEvaluate: ask for a rating; waiterEnter, waiterSwitch, waiterQuit: an agent has joined, been replaced, left
---@field kefuname? string Nickname of the agent
---@field kefuavatar? string URL of the agent's avatar
---@field ans_node_name? string Category, or name of the skill

---@class wxbot.sendmsg.Response
---@field errcode? integer 0
---@field errmsg? string Empty, or ok
---@field rid? string Trace id
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Send a customer-service message to a user.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/sendmsg
---@param params wxbot.sendmsg.Request
---@param options? { timeout: number }
---@return wxbot.sendmsg.Response|nil result
---@return wxbot.Error|nil err
function Bot:sendmsg(params, options) end

---@class wxbot.kefustate_get.Request
---@field appid string Appid of the official account or mini program (wx…), not the bot's
---@field openid string|integer Openid of the user
---@field type? string simple (default): kefustate alone; all: status, too

---@class wxbot.kefustate_get.Response
---@field errcode? integer 0
---@field errmsg? string Empty, or ok
---@field kefustate? string on: a human agent has taken over, the bot is silent; off: the bot answers
---@field status? string asking: talking with the bot; personserving: an agent is connected; complete: finished; needperson: asked for a human
---@field rid? string Trace id
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Query whether a human agent has taken over.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/getstate
---@param params wxbot.kefustate_get.Request
---@param options? { timeout: number }
---@return wxbot.kefustate_get.Response|nil result
---@return wxbot.Error|nil err
function Bot:kefustate_get(params, options) end

---@class wxbot.kefustate_change.Request
---@field appid string Appid of the official account or mini program (wx…), not the bot's
---@field openid string|integer Openid of the user
---@field kefustate string asking: talks with the bot; personserving: an agent is connected; complete: finished; needperson: has asked for a human. The older page has on and off instead
---@field expires? integer Seconds until on is off again, 1800; not on the newer page

---@class wxbot.kefustate_change.Response
---@field errcode? integer 0
---@field errmsg? string Empty, or ok
---@field rid? string Trace id
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Hand a user over to a human agent, or back to the bot.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/changestate
---@param params wxbot.kefustate_change.Request
---@param options? { timeout: number }
---@return wxbot.kefustate_change.Response|nil result
---@return wxbot.Error|nil err
function Bot:kefustate_change(params, options) end

---@class wxbot.nlp.Request
---@field name string Service: tokenize, ner, sentiment, sensitive, ner-product, rank, translate_en2cn, translate_cn2en, get_similar_query, news-abstraction, document_classify, recommend_questions, casual_chat
---@field uid string|integer Id of the user, always the same for one
---@field data table What the service works on: mostly q, a text

---@class wxbot.nlp.Response
---@field result? any sentiment, sensitive: pairs of class and probability; ner: entities; translate_…: a text
---@field results? any rank, recommend_questions: questions
---@field exact_match? any rank: a candidate is the same
---@field words? any tokenize: words
---@field POSs? any tokenize: parts of speech, as numbers
---@field words_mix? any tokenize: longer words
---@field POSs_mix? any tokenize: their parts of speech
---@field entities? any tokenize, ner-product: entities
---@field entity_types? any tokenize: their types
---@field preprocessed_text? any ner-product: text it read
---@field data? any get_similar_query: questions
---@field abstraction? any news-abstraction: summary
---@field classification? any news-abstraction: it is news
---@field prob? any news-abstraction: probability of that
---@field preds? any document_classify: classes, 3 levels
---@field response? any casual_chat: answer
---@field costime? number Milliseconds it took
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Call an NLP service (no longer maintained by the platform).
--- https://developers.weixin.qq.com/doc/aispeech/nlpapi/nlp/tokenize
---@param params wxbot.nlp.Request
---@param options? { timeout: number }
---@return wxbot.nlp.Response|nil result
---@return wxbot.Error|nil err
function Bot:nlp(params, options) end

---@class wxbot.material_add.Request
---@field type string image, voice, video or thumb; the cover of an article is an image
---@field media string|table The file. An image: 10 MB of bmp, png, jpg or gif; a voice: 2 MB and a minute of mp3, wma, wav or amr; a video: 10 MB of mp4; a thumb: 64 KB of jpg
---@field description? table Title and introduction of a video

---@class wxbot.material_add.Response
---@field media_id? string Media id of the material
---@field url? string Address of an image, which only pages of Tencent show
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Add a picture, sound or video to the permanent material.
--- https://developers.weixin.qq.com/doc/service/api/material/permanent/api_addmaterial
---@param params wxbot.material_add.Request
---@param options? { timeout: number }
---@return wxbot.material_add.Response|nil result
---@return wxbot.Error|nil err
function Bot:material_add(params, options) end

---@class wxbot.draft_add.Request
---@field articles table[] The articles, in their order

---@class wxbot.draft_add.Response
---@field media_id? string Media id of the draft
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Put articles into the draft box, as one draft.
--- https://developers.weixin.qq.com/doc/service/api/draftbox/draftmanage/api_draft_add
---@param params wxbot.draft_add.Request
---@param options? { timeout: number }
---@return wxbot.draft_add.Response|nil result
---@return wxbot.Error|nil err
function Bot:draft_add(params, options) end

---@class wxbot.draft_get.Request
---@field media_id string|integer Media id of the draft

---@class wxbot.draft_get.Response
---@field news_item? table[] The articles
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Get the articles of a draft.
--- https://developers.weixin.qq.com/doc/service/api/draftbox/draftmanage/api_getdraft
---@param params wxbot.draft_get.Request
---@param options? { timeout: number }
---@return wxbot.draft_get.Response|nil result
---@return wxbot.Error|nil err
function Bot:draft_get(params, options) end

---@class wxbot.draft_delete.Request
---@field media_id string|integer Media id of the draft

---@class wxbot.draft_delete.Response
---@field errcode? integer 0
---@field errmsg? string Empty, or ok
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Delete a draft.
--- https://developers.weixin.qq.com/doc/service/api/draftbox/draftmanage/api_draft_delete
---@param params wxbot.draft_delete.Request
---@param options? { timeout: number }
---@return wxbot.draft_delete.Response|nil result
---@return wxbot.Error|nil err
function Bot:draft_delete(params, options) end

---@class wxbot.freepublish_submit.Request
---@field media_id string|integer Media id of the draft

---@class wxbot.freepublish_submit.Response
---@field errcode? integer 0
---@field errmsg? string Empty, or ok
---@field publish_id? string Id of the publication, which has only begun: follow it
---@field msg_data_id? string Data id of the message
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Submit a draft for publication.
--- https://developers.weixin.qq.com/doc/offiaccount/Publish/Publish.html
---@param params wxbot.freepublish_submit.Request
---@param options? { timeout: number }
---@return wxbot.freepublish_submit.Response|nil result
---@return wxbot.Error|nil err
function Bot:freepublish_submit(params, options) end

---@class wxbot.freepublish_get.Request
---@field publish_id string|integer Id of the publication

---@class wxbot.freepublish_get.Response
---@field publish_id? string Id of the publication
---@field publish_status? integer 0 success, 1 publishing, 2 originality check failed, 3 failed, 4 refused by the platform, 5 all articles deleted by the user, 6 all banned by the system
---@field publish_status_name? string Name of publish_status
---@field article_id? string Id of the article, after success
---@field article_detail? table Articles, after success
---@field fail_idx? integer[] Numbers of the articles that failed
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Query the state of a publication.
--- https://developers.weixin.qq.com/doc/offiaccount/Publish/Get_status.html
---@param params wxbot.freepublish_get.Request
---@param options? { timeout: number }
---@return wxbot.freepublish_get.Response|nil result
---@return wxbot.Error|nil err
function Bot:freepublish_get(params, options) end

---@class wxbot.freepublish_delete.Request
---@field article_id string|integer Id that the publication got when it succeeded
---@field index? integer Number of the article, from 1
---@field all? boolean Delete every article of the publication; then without index

---@class wxbot.freepublish_delete.Response
---@field errcode? integer 0
---@field errmsg? string Empty, or ok
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Delete a published article, or all of a publication.
--- https://developers.weixin.qq.com/doc/offiaccount/Publish/Delete_posts.html
---@param params wxbot.freepublish_delete.Request
---@param options? { timeout: number }
---@return wxbot.freepublish_delete.Response|nil result
---@return wxbot.Error|nil err
function Bot:freepublish_delete(params, options) end

---@class wxbot.freepublish_getarticle.Request
---@field article_id string|integer Id that the publication got when it succeeded

---@class wxbot.freepublish_getarticle.Response
---@field news_item? table[] The articles
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Get the articles of a publication.
--- https://developers.weixin.qq.com/doc/offiaccount/Publish/Get_article_from_id.html
---@param params wxbot.freepublish_getarticle.Request
---@param options? { timeout: number }
---@return wxbot.freepublish_getarticle.Response|nil result
---@return wxbot.Error|nil err
function Bot:freepublish_getarticle(params, options) end

---@class wxbot.freepublish_batchget.Request
---@field offset integer How many to leave out, from 0
---@field count integer How many to list, 1 to 20
---@field no_content? integer 1: without the content of the articles, of which a page may be larger than an answer is allowed to be

---@class wxbot.freepublish_batchget.Response
---@field total_count? integer How many there are
---@field item_count? integer How many are on this page
---@field item? table[] What is on this page
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- List what was published, one page.
--- https://developers.weixin.qq.com/doc/offiaccount/Publish/Get_publication_records.html
---@param params wxbot.freepublish_batchget.Request
---@param options? { timeout: number }
---@return wxbot.freepublish_batchget.Response|nil result
---@return wxbot.Error|nil err
function Bot:freepublish_batchget(params, options) end

---@class wxbot.create_preauthcode.Request
---@field component_appid string Appid of the third-party platform

---@class wxbot.create_preauthcode.Response
---@field pre_auth_code? string The code, good for one authorisation
---@field expires_in? integer Seconds for which it is valid: 1800 in the document's text, 600 in its example
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Get a code for the link by which an account authorises.
--- https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/api_getpreauthcode.html
---@param params wxbot.create_preauthcode.Request
---@param options? { timeout: number }
---@return wxbot.create_preauthcode.Response|nil result
---@return wxbot.Error|nil err
function Bot:create_preauthcode(params, options) end

---@class wxbot.query_auth.Request
---@field component_appid string Appid of the third-party platform
---@field authorization_code string From the redirection (auth_code) or the push, good for an hour

---@class wxbot.query_auth.Response
---@field authorization_info? table What was authorised
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Exchange an authorization code for the tokens of the account.
--- https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/api_getauthorizerrefreshtoken.html
---@param params wxbot.query_auth.Request
---@param options? { timeout: number }
---@return wxbot.query_auth.Response|nil result
---@return wxbot.Error|nil err
function Bot:query_auth(params, options) end

---@class wxbot.get_authorizer_info.Request
---@field component_appid string Appid of the third-party platform
---@field authorizer_appid string Appid of the account that has authorised (wx…)

---@class wxbot.get_authorizer_info.Response
---@field authorizer_info? table The account
---@field authorization_info? table What was authorised; no access token
---@field repaired? boolean true: something that no text may hold is U+FFFD now

--- Get what is known of an account that has authorised.
--- https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerinfo.html
---@param params wxbot.get_authorizer_info.Request
---@param options? { timeout: number }
---@return wxbot.get_authorizer_info.Response|nil result
---@return wxbot.Error|nil err
function Bot:get_authorizer_info(params, options) end

---@class wxbot.ask.Request
---@field query string Message of the user
---@field env? string online (default), or debug: the test environment
---@field first_priority_skills? string[] Match only content of these skills
---@field second_priority_skills? string[] The same, with lower priority than first_priority_skills
---@field username? string User nickname
---@field avatar? string URL of the user's avatar
---@field userid string|integer User id, any value

---@class wxbot.ask.Response: wxbot.aibot.Response
---@field tier? string answer, recommend or miss

--- Ask the bot as a user; questions of one user go one after another.
---@param params wxbot.ask.Request
---@param options? { timeout: number }
---@return wxbot.ask.Response|nil result
---@return wxbot.Error|nil err
function Bot:ask(params, options) end

---@class wxbot.tag.Request
---@field appid string Appid of the official account or mini program (wx…), not the bot's
---@field category string Name of the tag
---@field label string Second-level tag
---@field desc string Rule by which users get the tag
---@field list (string|integer)[]|function The openids, or a function that returns the next; for a job also where it is, and called with that it goes on there
---@field batch? integer Most openids in one request (default 50)
---@field on_progress? function Called with (done, total, task_ids if there are such) after each request; of a job also with a table and while it waits, and false stops that
---@field parallel? integer Requests on their way at once, in a loop (default 4)
---@field job? string File of a job, made when there is none: what is confirmed is written there, and a run with the same file goes on behind it
---@field rate? number Of a job: requests a second at most
---@field patience? number Of a job: seconds for which it waits while the platform cannot be reached, is busy or refuses more requests (default 1800), or until a quota that is used up begins anew
---@field input? string Of a job whose list is a function: a text that tells whether it gives the same as before
---@field total? integer Of a job whose list is a function: how many it gives, for on_progress

---@class wxbot.tag.Response
---@field done? integer How many are done
---@field batches? integer Requests
---@field rejected? integer Of a job: how many were rejected
---@field rejected_file? string Of a job: the file that says which, and why; absent without any
---@field unknown? integer Of a job, in err.result: how many were sent and not confirmed

--- As `label_batchset`, for any number of openids, request by request.
---@param params wxbot.tag.Request
---@param options? { timeout: number }
---@return wxbot.tag.Response|nil result
---@return wxbot.Error|nil err
function Bot:tag(params, options) end

---@class wxbot.import.Request
---@field managerid string|integer Administrator id (the creator's or an administrator's)
---@field mode? string 0 (default): add to what is there; 1: replace everything
---@field skill table[]|function The questions, or a function that returns the next; for a job also where it is, and called with that it goes on there
---@field batch? integer Most questions in one request (default 100)
---@field on_progress? function Called with (done, total, task_ids if there are such) after each request; of a job also with a table and while it waits, and false stops that
---@field job? string File of a job, made when there is none: what is confirmed is written there, and a run with the same file goes on behind it
---@field rate? number Of a job: requests a second at most
---@field patience? number Of a job: seconds for which it waits while the platform cannot be reached, is busy or refuses more requests (default 1800), or until a quota that is used up begins anew
---@field input? string Of a job whose list is a function: a text that tells whether it gives the same as before
---@field total? integer Of a job whose list is a function: how many it gives, for on_progress
---@field unknown? string Of a job: what becomes of requests that an earlier run sent and that were not confirmed: they are sent again, or left out

---@class wxbot.import.Response
---@field done? integer How many are done
---@field batches? integer Requests
---@field task_ids? string[] Tasks to follow
---@field rejected? integer Of a job: how many were rejected
---@field rejected_file? string Of a job: the file that says which, and why; absent without any
---@field unknown? integer Of a job, in err.result: how many were sent and not confirmed

--- As `batchimportskill`, for any number of questions, request by request.
---@param params wxbot.import.Request
---@param options? { timeout: number }
---@return wxbot.import.Response|nil result
---@return wxbot.Error|nil err
function Bot:import(params, options) end

---@class wxbot.wait_task.Request
---@field openid string|integer Administrator id (the creator's or an administrator's), not an openid of WeChat
---@field task_id string|integer Task id
---@field timeout? number Seconds to wait at most (default 600)
---@field interval? number Seconds before the second query (default 1)
---@field max_interval? number Longest pause, seconds (default 15)
---@field max_attempts? integer Queries at most, repeats included (default 200)
---@field on_progress? function Called with each answer

--- Call `task_fetch` again, ever less often, until `state_name` is success.
---@param params wxbot.wait_task.Request
---@param options? { timeout: number }
---@return wxbot.task_fetch.Response|nil result
---@return wxbot.Error|nil err
function Bot:wait_task(params, options) end

---@class wxbot.wait_bot_publish.Request
---@field managerid string|integer Administrator id (the creator's or an administrator's)
---@field timeout? number Seconds to wait at most (default 600)
---@field interval? number Seconds before the second query (default 1)
---@field max_interval? number Longest pause, seconds (default 15)
---@field max_attempts? integer Queries at most, repeats included (default 200)
---@field on_progress? function Called with each answer

--- Call `publish_progress` again, ever less often, until `status_name` is success.
---@param params wxbot.wait_bot_publish.Request
---@param options? { timeout: number }
---@return wxbot.publish_progress.Response|nil result
---@return wxbot.Error|nil err
function Bot:wait_bot_publish(params, options) end

---@class wxbot.wait_publication.Request
---@field publish_id string|integer Id of the publication
---@field timeout? number Seconds to wait at most (default 1800)
---@field interval? number Seconds before the second query (default 2)
---@field max_interval? number Longest pause, seconds (default 120)
---@field max_attempts? integer Queries at most, repeats included (default 50)
---@field on_progress? function Called with each answer

--- Call `freepublish_get` again, ever less often, until `publish_status_name` is success.
---@param params wxbot.wait_publication.Request
---@param options? { timeout: number }
---@return wxbot.freepublish_get.Response|nil result
---@return wxbot.Error|nil err
function Bot:wait_publication(params, options) end

---@class wxbot.publications.Request
---@field no_content? integer 1: without the content of the articles, of which a page may be larger than an answer is allowed to be
---@field offset? integer How many to leave out (default 0)
---@field count? integer How many to get at once (default 20)

--- Iterate over everything that was published: for item, err in …; item is false for a failure.
---@param params? wxbot.publications.Request
---@param options? { timeout: number }
---@return function result
function Bot:publications(params, options) end

--- Wipe the keys; every later call is an error of kind "closed".
function Bot:close() end

---@class wxbot.V2
local V2 = {}

---@class wxbot.v2_import_json.Request
---@field mode integer 0 add and overwrite, 1 replace everything
---@field data table[] Questions with their answers

---@class wxbot.v2_import_json.Response
---@field task_id? string Task id, for v2:fetch and v2:wait_task
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field request_id? string Request id

--- Import questions with their answers.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/import
---@param params wxbot.v2_import_json.Request
---@param options? { timeout: number }
---@return wxbot.v2_import_json.Response|nil result
---@return wxbot.Error|nil err
function V2:import_json(params, options) end

---@class wxbot.v2_fetch.Request
---@field task_id string|integer Task id

---@class wxbot.v2_fetch.Response
---@field state? integer 1 running, 2 success, 3 failure
---@field state_name? string Name of state
---@field total_count? integer Rows in all
---@field success_count? integer Rows imported
---@field fail_count? integer Rows that failed
---@field replace_count? integer Rows replaced
---@field success_upload_count? integer Rows uploaded
---@field progress? integer Progress, percent
---@field start? integer Start of the task, unix seconds
---@field ["end"] integer|nil End of the task, unix seconds
---@field url? string Download link of an export task
---@field msg? string Failure message when state is 3
---@field success_skill_info? table[] Imported skills, 5000 at most
---@field fail_skill_info? any[] Skills and intents that failed, with the reason, 5000 at most
---@field import_export_time? any Time of import or export
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field request_id? string Request id

--- Query the state of a task of v2.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/fetch
---@param params wxbot.v2_fetch.Request
---@param options? { timeout: number }
---@return wxbot.v2_fetch.Response|nil result
---@return wxbot.Error|nil err
function V2:fetch(params, options) end

---@class wxbot.v2_publish.Request

---@class wxbot.v2_publish.Response
---@field task_id? string Task id; v2:wait_bot_publish follows the publishing
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field request_id? string Request id

--- Publish the bot through v2.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/publish
---@param params? wxbot.v2_publish.Request
---@param options? { timeout: number }
---@return wxbot.v2_publish.Response|nil result
---@return wxbot.Error|nil err
function V2:publish(params, options) end

---@class wxbot.v2_progress.Request
---@field env string online, or debug

---@class wxbot.v2_progress.Response
---@field progress? integer Progress, percent
---@field status? integer 1 success, 2 failure, 3 publishing
---@field status_name? string Name of status
---@field end_time? string End (the document calls it the start)
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field request_id? string Request id

--- Query how far the publishing through v2 is.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/progress
---@param params wxbot.v2_progress.Request
---@param options? { timeout: number }
---@return wxbot.v2_progress.Response|nil result
---@return wxbot.Error|nil err
function V2:progress(params, options) end

---@class wxbot.v2_query.Request
---@field query string Message of the user
---@field env? string online (default), or debug: the test environment
---@field first_priority_skills? string[] Match only content of these skills
---@field second_priority_skills? string[] The same, with lower priority than first_priority_skills
---@field user_name? string Nickname of the user
---@field avatar? string URL of the user's avatar
---@field userid? string|integer Id of the user, any value

---@class wxbot.v2_query.Response
---@field answer? string Answer; JSON text unless answer_type is text
---@field answer_type? string Type of the answer: text, music, news, …
---@field skill_name? string Name of the skill
---@field msg_id? string Message id
---@field options? table[] Recommended questions; empty unless something is recommended
---@field status? string FAQ, CONTEXT_FAQ, GENERAL_FAQ, FAQ_RECOMMEND or NOMATCH
---@field intent_name? string Name of the intent
---@field slots? table[] Slots that were filled
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field request_id? string Request id
---@field text? string What a person would read: never JSON, links as words
---@field rich? table[] Its parts, 100 at most; a text is one

--- Ask the bot through v2, encrypted.
--- https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/query
---@param params wxbot.v2_query.Request
---@param options? { timeout: number }
---@return wxbot.v2_query.Response|nil result
---@return wxbot.Error|nil err
function V2:query(params, options) end

---@class wxbot.v2_ask.Request
---@field query string Message of the user
---@field env? string online (default), or debug: the test environment
---@field first_priority_skills? string[] Match only content of these skills
---@field second_priority_skills? string[] The same, with lower priority than first_priority_skills
---@field user_name? string Nickname of the user
---@field avatar? string URL of the user's avatar
---@field userid? string|integer Id of the user, any value

---@class wxbot.v2_ask.Response: wxbot.v2_query.Response
---@field tier? string answer, recommend or miss

--- Ask the bot as a user; questions of one user go one after another.
---@param params wxbot.v2_ask.Request
---@param options? { timeout: number }
---@return wxbot.v2_ask.Response|nil result
---@return wxbot.Error|nil err
function V2:ask(params, options) end

---@class wxbot.v2_import.Request
---@field mode integer 0 add and overwrite, 1 replace everything
---@field data table[]|function The questions, or a function that returns the next; for a job also where it is, and called with that it goes on there
---@field batch? integer Most questions in one request (default 100)
---@field on_progress? function Called with (done, total, task_ids if there are such) after each request; of a job also with a table and while it waits, and false stops that
---@field job? string File of a job, made when there is none: what is confirmed is written there, and a run with the same file goes on behind it
---@field rate? number Of a job: requests a second at most
---@field patience? number Of a job: seconds for which it waits while the platform cannot be reached, is busy or refuses more requests (default 1800), or until a quota that is used up begins anew
---@field input? string Of a job whose list is a function: a text that tells whether it gives the same as before
---@field total? integer Of a job whose list is a function: how many it gives, for on_progress
---@field unknown? string Of a job: what becomes of requests that an earlier run sent and that were not confirmed: they are sent again, or left out

---@class wxbot.v2_import.Response
---@field done? integer How many are done
---@field batches? integer Requests
---@field task_ids? string[] Tasks to follow
---@field rejected? integer Of a job: how many were rejected
---@field rejected_file? string Of a job: the file that says which, and why; absent without any
---@field unknown? integer Of a job, in err.result: how many were sent and not confirmed

--- As `import_json`, for any number of questions, request by request.
---@param params wxbot.v2_import.Request
---@param options? { timeout: number }
---@return wxbot.v2_import.Response|nil result
---@return wxbot.Error|nil err
function V2:import(params, options) end

---@class wxbot.v2_wait_task.Request
---@field task_id string|integer Task id
---@field timeout? number Seconds to wait at most (default 600)
---@field interval? number Seconds before the second query (default 1)
---@field max_interval? number Longest pause, seconds (default 15)
---@field max_attempts? integer Queries at most, repeats included (default 200)
---@field on_progress? function Called with each answer

--- Call `fetch` again, ever less often, until `state_name` is success.
---@param params wxbot.v2_wait_task.Request
---@param options? { timeout: number }
---@return wxbot.v2_fetch.Response|nil result
---@return wxbot.Error|nil err
function V2:wait_task(params, options) end

---@class wxbot.v2_wait_bot_publish.Request
---@field env string online, or debug
---@field timeout? number Seconds to wait at most (default 600)
---@field interval? number Seconds before the second query (default 1)
---@field max_interval? number Longest pause, seconds (default 15)
---@field max_attempts? integer Queries at most, repeats included (default 200)
---@field on_progress? function Called with each answer

--- Call `progress` again, ever less often, until `status_name` is success.
---@param params wxbot.v2_wait_bot_publish.Request
---@param options? { timeout: number }
---@return wxbot.v2_progress.Response|nil result
---@return wxbot.Error|nil err
function V2:wait_bot_publish(params, options) end

--- Wipe the keys; every later call is an error of kind "closed".
function V2:close() end

---@class wxbot.receiver.Options
---@field kind string Which pushes come: kefu, official_account, service or third_party
---@field appid? string The bot's or account's APPID
---@field token? string What signatures are made with
---@field aes_key? string EncodingAESKey
---@field plain? boolean official_account: pushes come in the clear, as those of test accounts do, and so go replies; only time and nonce are signed
---@field store? table Where what was handed over is remembered; in memory
---@field window? number Seconds that a signed time may be off (default 300); kefu: that createtime may be, any without it
---@field max_body? number Bytes (default 65536)
---@field clock? function Returns unix seconds
---@field on_failure? function Told of every refusal: reason, { kind, method, source, bytes, field }
---@field failures? table After how many failures a source is not listened to

---@class wxbot.receiver.Request
---@field method string GET, POST
---@field query? string|table Raw, or a table of names and values
---@field headers? table Not looked at
---@field body? string As it came; a POST has one, be it empty
---@field source? string Address of the peer

---@class wxbot.receiver.Answer
---@field text? string Text, as an answer that is a string; more than about 2,048 bytes were not seen to arrive
---@field image? table Picture
---@field voice? table Voice message
---@field video? table Video
---@field music? table Music
---@field news? table[] Articles: 1 in answer to a message, up to 8 to an event
---@field transfer_customer_service? table Customer service of the account takes over; not after an event

---@class wxbot.receiver.Kefu
---@field kind? string As the receiver's
---@field createtime? integer Unix seconds, by the platform's clock
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field userid? string The user; the openid of sendmsg
---@field appid? string Account or mini program; absent where the platform sends the TOKEN
---@field content? table What was said
---@field event? string userEnter, userQuit: the user came, left; customerStuffEnter, customerStuffQuit: an agent of the console did
---@field from? integer Who speaks
---@field from_name? string Name of from
---@field status? integer Not documented by the platform
---@field kfstate? integer 0 the bot answers, 1 an agent does, 2 done, 3 an agent is wanted
---@field kfstate_name? string Name of kfstate
---@field channel? integer To give back to sendmsg
---@field channel_name? string Name of channel
---@field msgtype? string As in content
---@field assessment? integer The user's rating
---@field assessment_name? string Name of assessment
---@field waiterid? string The agent
---@field waitername? string The agent's name
---@field waiteravatar? string URL of the agent's avatar
---@field customer_info? table The agent of the console who entered or left
---@field text? string What a person would read: never JSON, links as words
---@field rich? table[] Its parts, 100 at most; a text is one

---@class wxbot.receiver.OfficialAccount: wxbot.freepublish_get.Response
---@field kind? string As the receiver's
---@field createtime? integer Unix seconds, by the platform's clock
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field account? string The official account (gh_…)
---@field userid? string Openid of the user
---@field msgtype? string text, image, event, …
---@field event? string Name of the event; at the end of a publication PUBLISHJOBFINISH, from some accounts FREEPUBLISHJOBFINISH
---@field msgid? string Id of the message; events have none
---@field content? string Text of a text message

---@class wxbot.receiver.Service
---@field kind? string As the receiver's
---@field createtime? integer Unix seconds, by the platform's clock
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field request_id? string Id of this question
---@field session_id? string Id of the conversation
---@field userid? string Who asks
---@field query? string What is asked; JSON if it was an image or a voice message
---@field skill? string Name of the skill
---@field intent? string Name of the intent
---@field slots? table[] What was filled in
---@field third_api_id? string Id of the interface
---@field third_api_name? string Name of the interface
---@field text? string What a person would read: never JSON, links as words
---@field rich? table[] Its parts, 100 at most; a text is one

---@class wxbot.receiver.ThirdParty
---@field kind? string As the receiver's
---@field createtime? integer Unix seconds, by the platform's clock
---@field repaired? boolean true: something that no text may hold is U+FFFD now
---@field infotype? string component_verify_ticket, authorized, updateauthorized, unauthorized, …
---@field component_appid? string Appid of the third-party platform
---@field ticket? string With component_verify_ticket: the ticket, good for 12 hours
---@field authorizer_appid? string The account that authorises, or withdraws
---@field authorization_code? string With authorized and updateauthorized: what query_auth takes
---@field authorization_code_expires? integer When it ends, unix seconds
---@field pre_auth_code? string The code of the link that was followed

---@alias wxbot.receiver.Message
---| wxbot.receiver.Kefu
---| wxbot.receiver.OfficialAccount
---| wxbot.receiver.Service
---| wxbot.receiver.ThirdParty

---@class wxbot.Receiver
local Receiver = {}

--- Handle one request.
---@param request wxbot.receiver.Request
---@return table response { status, headers, body }
---@return wxbot.receiver.Message|nil message
---@return string|nil note with no message: duplicate, echo, empty, refused
function Receiver:handle(request) end

--- Let the platform's next try of a message through: its handler failed.
---@param message table as handle gave it
function Receiver:forget(message) end

--- The response that replies to a message, instead of that of handle; not of the kind kefu.
---@param message table as handle gave it
---@param answer string|wxbot.receiver.Answer|table|nil of a service also the platform's form
---@return table|nil response { status, headers, body }
---@return wxbot.Error|nil err
function Receiver:reply(message, answer) end

--- Wipe the key; every later call raises.
function Receiver:close() end

---@class wxbot.inbox.Options
---@field receiver table The receiver that takes pushes, made without a store: the inbox remembers what came
---@field path? string The file, for its owner alone; made when there is none. One process has it
---@field command? function Sends a command to Redis, for many processes on many machines: command("EVAL", script, …) returns the reply, or nil and a message
---@field fsync? boolean path: a push is on the disk before it is answered, so that a power cut loses none

---@class wxbot.Inbox
local Inbox = {}

--- Handle one request, and keep its message for take.
---@param request wxbot.receiver.Request
---@return table response { status, headers, body }; 503 if the message cannot be kept
---@return any id of the message
---@return string|nil note with no id: duplicate, echo, empty, refused; inbox: it cannot be kept
---@return wxbot.Error|nil err with inbox
function Inbox:handle(request) end

--- Take a message to be handled, the oldest of a user of whom none is in hand.
---@param id any this one, if it is its turn; nil: whichever
---@return wxbot.receiver.Message|nil message with inbox_id
---@return number|nil seconds with nil: until there may be one
---@return wxbot.Error|nil err
function Inbox:take(id) end

--- Say that a message was handled.
---@param message table as take gave it
---@param response table|nil of reply, for the process that awaits it
---@return true|nil done
---@return wxbot.Error|nil err not noted yet
function Inbox:done(message, response) end

--- Have a function called with the response that another process gives done.
---@param id any of the push
---@param deliver fun(response: table)|nil nil: it is awaited no more
function Inbox:await(id, deliver) end

--- Say that a message could not be handled.
---@param message table as take gave it
---@param reason any
---@return number|nil seconds until it is taken again; nil: it stands among the dead
---@return wxbot.Error|nil err not noted yet
function Inbox:fail(message, reason) end

--- The response that replies to a message, while the platform waits for it.
---@param message table as take gave it
---@param answer string|wxbot.receiver.Answer|table|nil
---@return table|nil response { status, headers, body }
---@return wxbot.Error|nil err code late: use sendmsg
function Inbox:reply(message, answer) end

--- What waits and what is dead: lists of { id, at, failures }.
---@return table|nil waiting
---@return table|wxbot.Error|nil dead
function Inbox:list() end

--- Have dead messages handled again.
---@param ids any[]
---@return integer count
---@return wxbot.Error|nil err
function Inbox:retry(ids) end

--- Forget dead messages.
---@param ids any[]
---@return integer count
---@return wxbot.Error|nil err
function Inbox:purge(ids) end

--- Close it, and not its receiver.
function Inbox:close() end
