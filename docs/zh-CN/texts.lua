-- The reference in Chinese: each text of the descriptions, of docs/reference.lua
-- and of the tables it reads, and the same in Chinese, in the words of the
-- platform's own documents. About in the order of the page. A text that changes
-- in English needs its Chinese anew: `make docs` names those that have none.
-- It stands here, not in the descriptions, for a program that runs never needs
-- it: there it would be a twelfth of the memory that a bot takes.

return {
  -- The inbox.
  ["What `wxbot.inbox{…}` takes; [Receiving](guide/receiving.md#nothing-lost) says what an inbox does."] =
    "`wxbot.inbox{…}` 的选项；收件箱的作用见[接收消息](guide/receiving.md#不丢消息)。",
  ["Sends a command to Redis, for many processes on many machines: command(\"EVAL\", script, …) returns the reply, or nil and a message"] =
    "向 Redis 发送命令，供多台机器上的多个进程共用：command(\"EVAL\", script, …) 返回应答，或者 nil 和说明",
  ["The receiver that takes pushes, made without a store: the inbox remembers what came"] =
    "接收推送的 receiver，创建时不带 store：由收件箱记住收到过什么",
  ["The file, for its owner alone; made when there is none. One process has it"] =
    "文件，仅所有者可读写；没有时会创建。同一时间只供一个进程使用",
  ["path: a push is on the disk before it is answered, so that a power cut loses none"] =
    "path：推送写到磁盘之后才应答，断电也不丢",
  ["List the pushes that wait to be handled, or could not be"] = "列出等待处理和处理失败的推送",
  ["Have dead pushes handled again"] = "重新处理死信",
  ["Remove dead pushes"] = "删除死信",
  -- Third parties.
  ["Third-party platforms"] = "第三方平台",
  ["Print an access token of a third-party platform, or of an account"] =
    "打印第三方平台或账号的 access token",
  ["--state FILE has the token of the third-party platform"] =
    "第三方平台的 token 用 --state FILE 取",
  ["Get a code for the link by which an account authorises"] = "获取授权链接用的预授权码",
  ["Exchange an authorization code for the tokens of the account"] = "用授权码换取账号的 token",
  ["Get what is known of an account that has authorised"] = "查询已授权账号的信息",
  ["Appid of the third-party platform"] = "第三方平台的 appid",
  ["The code, good for one authorisation"] = "预授权码，只能用于一次授权",
  ["Seconds for which it is valid: 1800 in the document's text, 600 in its example"] =
    "有效期，秒：文档正文为 1800，示例为 600",
  ["From the redirection (auth_code) or the push, good for an hour"] =
    "来自跳转（auth_code）或推送，一小时内有效",
  ["What was authorised"] = "授权的内容",
  ["Appid of the account that has authorised (wx…)"] = "已授权账号的 appid（wx…）",
  ["Its access token; absent if it has no interfaces"] = "账号的 access token；账号没有接口权限时不返回",
  ["Seconds for which the access token is valid"] = "access token 的有效期，秒",
  ["Its refresh token; absent if it has no interfaces"] = "账号的 refresh token；账号没有接口权限时不返回",
  ["Sets of permissions that it has granted"] = "账号授予的权限集",
  ["The set"] = "权限集",
  ["Number of the set"] = "权限集的编号",
  ["The account"] = "账号",
  ["Its name"] = "名称",
  ["URL of its picture"] = "头像的 URL",
  ["Its original id (gh_…)"] = "原始 ID（gh_…）",
  ["Who owns it"] = "主体名称",
  ["Its WeChat id, if it has one"] = "微信号，如果有",
  ["URL of its QR code"] = "二维码的 URL",
  ["What a mini program says of itself"] = "小程序的介绍",
  ["id: 0 subscription account, 1 the same of old, 2 service account; of mini programs others"] =
    "id：0 订阅号，1 由老账号升级的订阅号，2 服务号；小程序另有取值",
  ["Number of the kind"] = "类型编号",
  ["What it is called"] = "类型说明",
  ["id: -1 not verified, 0 by WeChat, 1 by Weibo, 3 its qualification but not its name, 4 the same and by Weibo"] =
    "id：-1 未认证，0 微信认证，1 微博认证，3 资质已认证但名称未认证，4 同 3 且有微博认证",
  ["1 normal, 14 cancelled, 16 banned, 18 warned, 19 frozen"] =
    "1 正常，14 已注销，16 已封禁，18 已告警，19 已冻结",
  ["What was authorised; no access token"] = "授权的内容；没有 access token",
  ["Have the platform push tickets again"] = "让平台重新推送票据",
  ["AppSecret of the third-party platform"] = "第三方平台的 AppSecret",
  ["ok: they were off; in a normal state: they were not"] = "ok：此前没有推送；in a normal state：本来就在推送",
  ["Get a new access token of a third-party platform; the one before it ends"] =
    "获取第三方平台的新 access token；之前的随即失效",
  ["The newest ticket that was pushed"] = "最近推送的票据",
  ["Seconds for which it is valid, 7200"] = "有效期，秒，为 7200",
  ["Get a new access token of an account that has authorised"] = "获取已授权账号的新 access token",
  ["Refresh token of the account"] = "账号的 refresh token",
  ["The token, to be used as the account's access_token"] = "token，当作账号的 access_token 使用",
  ["Takes the place of the one that was sent"] = "取代发送的那个",
  ["Appid of the account (wx…); component: of the third-party platform"] =
    "账号的 appid（wx…）；component：第三方平台的",
  ["Its AppSecret; authorizer: none, a component has one"] =
    "它的 AppSecret；authorizer：没有，用 component 的",
  ["stable (default): all who ask get the same token; classic: each fetch ends the token before; component: of a third-party platform; authorizer: of an account that has authorised one"] =
    "stable（默认）：谁来取都得到同一个 token；classic：每次获取都使之前的失效；component：第三方平台的；authorizer：已授权给第三方平台的账号的",
  ["authorizer: the source of the third-party platform's token, from which all but appid and on_refresh is taken"] =
    "authorizer：第三方平台的 token 来源，appid 和 on_refresh 以外的选项都取自它",
  ["Which pushes come: kefu, official_account, service or third_party"] =
    "接收哪类推送：kefu、official_account、service 或 third_party",
  ["What happens to a third-party platform: its ticket, and accounts that authorise it"] =
    "第三方平台的事件：它的票据，以及授权给它的账号",
  ["component_verify_ticket, authorized, updateauthorized, unauthorized, …"] =
    "component_verify_ticket、authorized、updateauthorized、unauthorized……",
  ["With component_verify_ticket: the ticket, good for 12 hours"] =
    "component_verify_ticket：票据，12 小时内有效",
  ["The account that authorises, or withdraws"] = "授权或取消授权的账号",
  ["With authorized and updateauthorized: what query_auth takes"] =
    "authorized 和 updateauthorized：query_auth 的授权码",
  ["When it ends, unix seconds"] = "失效时间，unix 秒",
  ["The code of the link that was followed"] = "所点开的链接的预授权码",
  ["the component_appid is missing"] = "缺少 component_appid",
  ["the account has not authorised this third-party platform, or has withdrawn it"] =
    "账号没有授权给这个第三方平台，或已取消授权",
  ["the address of the caller is not in the platform's white list"] = "调用方的地址不在平台的白名单里",
  ["the component_verify_ticket has expired"] = "component_verify_ticket 已过期",
  ["the component_verify_ticket is not valid"] = "component_verify_ticket 无效",
  ["the account has not granted this interface to the third-party platform"] =
    "账号没有把这个接口授权给第三方平台",
  ["the authorization code is not valid"] = "授权码无效",
  ["the authorization code has expired"] = "授权码已过期",
  ["the appid is not that of a third-party platform"] = "appid 不是第三方平台的",
  ["this interface takes the access token of the third-party platform"] =
    "这个接口要用第三方平台的 access token",
  ["the account must confirm this interface first"] = "这个接口要先由账号确认",
  ["the account has not granted this interface"] = "账号没有授权这个接口",
  ["the refresh token is not valid, or not of this account"] = "refresh token 无效，或不属于这个账号",
  ["the access token is not one that the third-party platform gave out"] =
    "access token 不是这个第三方平台发放的",
  ["the third-party platform is not published"] = "第三方平台没有全网发布",
  ["the third-party platform must be published again"] = "第三方平台需要重新全网发布",
  ["component_verify_ticket (default), authorized, updateauthorized, unauthorized, …"] =
    "component_verify_ticket（默认）、authorized、updateauthorized、unauthorized……",
  ["The account that authorises, or withdraws (default: the sandbox's)"] =
    "授权或取消授权的账号（默认：沙箱的账号）",
  ["That of the link which was followed (default: a new one)"] = "所点开的链接的预授权码（默认：新的）",

  ["Reference"] = "参考手册",
  ["Made by `make docs` from the descriptions in `lua/wxbot/`; change those, not this file."] =
    "由 `make docs` 根据 `lua/wxbot/` 中的描述生成；请修改描述，不要修改本文件。",
  ["`types/wxbot.lua` tells an editor the same (LuaLS: add `types` to `workspace.library`)."] =
    "`types/wxbot.lua` 向编辑器提供同样的内容（LuaLS：把 `types` 加入 `workspace.library`）。",
  ["Endpoints"] = "接口",
  ["Options"] = "选项",
  ["Pushes"] = "推送",
  ["Error codes"] = "错误码",
  ["Commands"] = "命令",
  ["Each is a method of a bot (`wxbot.new`), or of a client of v2 (`wxbot.v2`): `bot:name{…}`, `v2:name{…}`. It returns a result, or `nil, err`. A second argument `{ timeout = seconds }` limits one call. [Errors](guide/errors.md) says what is repeated when."] =
    "每个接口都是机器人（`wxbot.new`）或 v2 客户端（`wxbot.v2`）的一个方法：`bot:name{…}`、`v2:name{…}`，返回结果，或者 `nil, err`。第二个参数 `{ timeout = 秒数 }` 限制这一次调用的时长。哪些调用何时重试，见[错误与重试](guide/errors.md)。",
  ["method"] = "方法",
  ["what it does"] = "作用",
  ["needs"] = "所需凭证",
  ["repeated"] = "重试",
  ["Get a signature for a user from the platform"] = "向平台获取用户的签名",
  [", "] = "、",
  ["Ask the bot, with a signature at hand"] = "用已有的签名向机器人提问",
  ["Ask the bot in the older, signed way"] = "用旧版的签名方式向机器人提问",
  ["Tag users, one batch"] = "批量设置用户标签（单次请求）",
  ["Query an import, export or publish task"] = "查询导入、导出或发布任务",
  ["Import questions and answers, one batch"] = "批量导入问答（单次请求）",
  ["Create or replace one question and its answer"] = "设置自动回复：新建或替换一个问题及其回答",
  ["Publish the bot"] = "发布机器人",
  ["Query how far the publishing of the bot is"] = "查询机器人的发布进度",
  ["Send a customer-service message to a user"] = "向用户发送客服消息",
  ["Query whether a human agent has taken over"] = "查看用户的客服接入状态",
  ["Hand a user over to a human agent, or back to the bot"] =
    "修改用户的客服接入状态：转人工客服，或者转回机器人",
  ["Call an NLP service (no longer maintained by the platform)"] =
    "调用 NLP 服务（平台已停止维护）",
  ["Add a picture, sound or video to the permanent material"] =
    "上传永久素材：图片、语音、视频或缩略图",
  ["Put articles into the draft box, as one draft"] = "新增草稿：把一篇或多篇文章存为一个草稿",
  ["Get the articles of a draft"] = "获取草稿详情",
  ["Delete a draft"] = "删除草稿",
  ["Submit a draft for publication"] = "提交草稿进行发布",
  ["Query the state of a publication"] = "查询发布状态",
  ["Delete a published article, or all of a publication"] =
    "删除已发布的一篇文章，或一次发布的全部文章",
  ["Get the articles of a publication"] = "获取一次发布的文章",
  ["List what was published, one page"] = "获取已发布列表（一页）",
  ["Import questions with their answers"] = "导入问题及其回答",
  ["Query the state of a task of v2"] = "查询 v2 的任务状态",
  ["Publish the bot through v2"] = "通过 v2 发布机器人",
  ["Query how far the publishing through v2 is"] = "查询通过 v2 发布的进度",
  ["Ask the bot through v2, encrypted"] = "通过 v2 向机器人提问，全程加密",
  ["Errors of v2 name the endpoint `v2_name`; what a method above an endpoint refuses before it calls names that method."] =
    "v2 的错误里，接口名写作 `v2_name`；由接口派生的方法（例如 `ask`）在调用之前就拒绝参数时，写的是该方法的名称。",
  ["Results have the documented fields by their names; what the platform wraps in `data` is unwrapped. A number that names a state comes with the name (`state_name`). Ids are strings, null is absent, a documented list is always a table, and fields that nobody documented pass through. `repaired` is true where something that no text may hold is U+FFFD now."] =
    "结果里的字段沿用文档中的名称；平台包在 `data` 里的内容已经取出。表示状态的数字另有名称（`state_name`）。ID 一律是字符串，null 的字段不出现，文档中的列表始终是表，文档没有列出的字段原样保留。`repaired` 为 true 表示有文本中不允许出现的内容，已换成 U+FFFD。",
  ["%s."] = "%s。",
  ["- Address: `%s %s` (%s)"] = "- 地址：`%s %s`（%s）",
  ["JSON; the platform takes a form as well"] = "JSON；平台也接受表单",
  ["- Body: %s"] = "- 请求体：%s",
  ["- Needs: %s"] = "- 所需凭证：%s",
  ["`always`, after failures that may pass"] = "`always`（遇到可能恢复的失败就重试）",
  ["- Repeats: %s"] = "- 重试：%s",
  ["- Source: <%s>"] = "- 文档：<%s>",
  ["parameter"] = "参数",
  ["type"] = "类型",
  ["required"] = "必填",
  ["meaning"] = "说明",
  ["string"] = "字符串",
  ["User nickname"] = "用户昵称",
  ["; "] = "；",
  ["URL of the user's avatar"] = "用户头像的 URL",
  ["%s or integer"] = "%s或整数",
  ["yes"] = "是",
  ["User id, any value"] = "用户 ID，可以是任意值",
  ["result"] = "结果",
  ["Signature for aibot, about 500 bytes"] = "aibot 用的签名，约 500 字节",
  ["integer"] = "整数",
  ["Life of the signature, seconds"] = "签名的有效期，秒",
  ["[Error codes](#error-codes): %s."] = "[错误码](#错误码)：%s。",
  ["JSON"] = "JSON",
  ["`never`, but when it was certainly not received"] =
    "`never`（不重试，除非请求确定没有送达）",
  ["Signature of the asking user"] = "提问用户的签名",
  ["Message of the user"] = "用户的消息",
  ["online (default), or debug: the test environment"] =
    "online（默认）或 debug（测试环境）",
  ["one of %s"] = "取值为 %s 之一",
  ["list of %s"] = "%s列表",
  ["Match only content of these skills"] = "限定技能命中范围：只匹配这些技能的内容",
  ["The same, with lower priority than first_priority_skills"] =
    "同上，优先级低于 first_priority_skills",
  ["Answer; JSON text unless answer_type is text"] =
    "回答；answer_type 不是 text 时为 JSON 文本",
  ["Type of the answer: text, music, news, …"] = "回答的类型：text、music、news 等",
  ["Name of the skill"] = "技能名称",
  ["Message id"] = "消息 ID",
  ["object"] = "对象",
  ["Recommended questions; empty unless something is recommended"] =
    "推荐的问题；没有推荐时为空",
  ["Recommended category"] = "推荐的分类",
  ["Recommended standard question"] = "推荐的标准问题",
  ["Recommended answer"] = "推荐的回答",
  ["number"] = "数字",
  ["Score of the recommendation"] = "推荐的得分",
  ["FAQ, CONTEXT_FAQ, GENERAL_FAQ, FAQ_RECOMMEND or NOMATCH"] =
    "FAQ、CONTEXT_FAQ、GENERAL_FAQ、FAQ_RECOMMEND 或 NOMATCH",
  ["Standard question, or name of the intent"] = "标准问题或意图名称",
  ["Details of the answer (abandoned by the platform)"] =
    "回答的详情（平台已废弃）",
  ["Skill id"] = "技能 ID",
  ["Category, or name of the skill"] = "分类或技能名称",
  ["Article"] = "文章",
  ["Score of the answer"] = "回答的得分",
  ["Event"] = "事件",
  ["boolean"] = "布尔值",
  ["Options are listed"] = "是否列出选项",
  ["Opening words"] = "开场白",
  ["Request id"] = "请求 ID",
  ["State of the scene"] = "场景状态",
  ["Session id"] = "会话 ID",
  ["Only options are taken"] = "是否只接受选项",
  ["As in the answer itself"] = "与回答本身的 status 相同",
  ["Text of the answer; LINE_BREAK may stand for a new line in it"] =
    "回答的文本；其中 LINE_BREAK 可能表示换行",
  ["Debug information"] = "调试信息",
  ["Type: text, music, news"] = "类型：text、music、news",
  ["Standard question"] = "标准问题",
  ["Album, of music"] = "音乐：专辑",
  ["URL, of music"] = "音乐：URL",
  ["Picture, of music"] = "音乐：图片",
  ["Singer, of music"] = "音乐：歌手",
  ["Song, of music"] = "音乐：歌曲",
  ["The user who asked"] = "提问的用户",
  ["The bot"] = "机器人",
  ["The message of the user"] = "用户的消息",
  ["Display switch of the answer"] = "是否展示回答",
  ["Time of the answer, milliseconds"] = "回答的时间，毫秒",
  ["State of the session"] = "会话状态",
  ["State of the dialogue"] = "对话状态",
  ["State of the intent"] = "意图状态",
  ["This is the default answer"] = "是否为默认回复",
  ["0"] = "0",
  ["any"] = "任意类型",
  ["Slots, as name and value"] = "槽位：名称和值",
  ["Slots, in detail"] = "槽位的详情",
  ["Name of the slot"] = "槽位名称",
  ["Words that filled it"] = "填入槽位的原话",
  ["State of its confirmation"] = "槽位的确认状态",
  ["Where it begins; counted how, the document does not say"] =
    "起始位置；文档没有说明单位",
  ["Where it ends, likewise"] = "结束位置，同上",
  ["Type of the entity"] = "实体类型",
  ["Normalised value"] = "归一化的值",
  ["Details of the normalised value"] = "归一化的值的详情",
  ["Types of entities"] = "实体类型列表",
  ["Title of the slot"] = "槽位标题",
  ["Type of the message"] = "消息类型",
  ["Trace id"] = "跟踪 ID",
  ["State of the bot, of older versions"] = "机器人状态，旧版本",
  ["Time"] = "时间",
  ["What failed"] = "失败的内容",
  ["In some versions last_time"] = "有些版本叫 last_time",
  ["In some versions last_valid"] = "有些版本叫 last_valid",
  ["Not explained by the document"] = "文档没有解释",
  ["State of the bot, of some versions"] = "机器人状态，部分版本",
  ["Details of music and radio, of some versions"] = "音乐和电台的详情，部分版本",
  ["JSON, of music"] = "音乐，JSON",
  ["JSON, of radio"] = "电台，JSON",
  ["JSON, of news"] = "图文，JSON",
  ["What a person would read: never JSON, links as words"] =
    "供人阅读的文本：不会是 JSON，链接以文字表示",
  ["Its parts, 100 at most; a text is one"] =
    "回答的各个部分，最多 100 个；纯文本为一个部分",
  [": see [rich](#rich)"] = "：见 [rich](#rich)",
  ["Ask the bot as a user; questions of one user go one after another"] =
    "以用户身份向机器人提问；同一用户的问题依次进行",
  ["`%s{…}`: %s."] = "`%s{…}`：%s。",
  ["parameter of its own"] = "本方法特有的参数",
  ["JSON in a signed token, `query=…`; answered in JSON"] =
    "JSON，放在签名的 JWT 里：`query=…`；响应为 JSON",
  ["Id of the user: each has a dialogue of its own"] =
    "用户 ID：每个用户各有自己的对话",
  ["XML, encrypted, in `{\"encrypt\": …}`; answered in JSON"] =
    "加密的 XML，放在 `{\"encrypt\": …}` 里；响应为 JSON",
  ["`unless_newer`: unless a newer call sets the same"] =
    "`unless_newer`（没有更新的同类调用时才重试）",
  ["Appid of the official account or mini program (wx…), not the bot's"] =
    "公众号或小程序的 appid（wx…），不是机器人的 APPID",
  ["Name of the tag"] = "标签名称",
  ["Second-level tag"] = "二级标签",
  ["Rule by which users get the tag"] = "给用户打标签的规则",
  ["Openids of the users to tag"] = "要打标签的用户的 openid",
  ["Success, as a text"] = "成功，文本",
  ["Listed by the document, never seen"] = "文档列出，但未曾见过",
  ["openids"] = "openid",
  ["As `%s`, for any number of %s, request by request"] =
    "同 `%s`，数量不限（%s），分成多个请求发送",
  ["function"] = "函数",
  ["%s or %s"] = "%s或%s",
  ["The openids, or a function that returns the next; for a job also where it is, and called with that it goes on there"] =
    "openid 列表，或每次返回下一个的函数；用于作业时还可返回所在位置，以该位置调用时从那里继续",
  ["Most openids in one request (default 50)"] = "每个请求最多的 openid 数（默认 50）",
  ["Called with (done, total, task_ids if there are such) after each request; of a job also with a table and while it waits, and false stops that"] =
    "每次请求后以 (done, total, 若有则还有 task_ids) 调用；作业还会传入一个表，等待期间也会调用，返回 false 则停止",
  ["File of a job, made when there is none: what is confirmed is written there, and a run with the same file goes on behind it"] =
    "作业文件，不存在时创建：已确认的部分写入其中，用同一文件再次运行时从其后继续",
  ["Of a job: requests a second at most"] =
    "作业：每秒最多请求数",
  ["Of a job: seconds for which it waits while the platform cannot be reached, is busy or refuses more requests (default 1800), or until a quota that is used up begins anew"] =
    "作业：平台无法连接、繁忙或拒绝更多请求时等待的秒数（默认 1800）；配额用完时等到重新计数为止",
  ["Of a job whose list is a function: a text that tells whether it gives the same as before"] =
    "列表为函数的作业：用来判断函数给出的内容是否与之前相同的文本",
  ["Of a job whose list is a function: how many it gives, for on_progress"] =
    "列表为函数的作业：函数给出的总数，供 on_progress 使用",
  ["Of a job: what becomes of requests that an earlier run sent and that were not confirmed: they are sent again, or left out"] =
    "作业：之前的运行已发送但未得到确认的请求如何处理：重新发送，或略过",
  ["List the jobs of tag and import"] =
    "列出 tag 和 import 的作业",
  ["Requests on their way at once, in a loop (default 4)"] =
    "同时进行的请求数，仅在 loop 中（默认 4）",
  ["Administrator id (the creator's or an administrator's), not an openid of WeChat"] =
    "管理员 ID（创建者或管理员），不是微信的 openid",
  ["Task id"] = "任务 ID",
  ["0 preparing, 1 running, 2 success, 3 failure"] =
    "0 准备中，1 进行中，2 成功，3 失败",
  ["Progress, percent"] = "进度，百分比",
  ["Start of the task, unix seconds"] = "任务开始时间，Unix 时间戳（秒）",
  ["End of the task, unix seconds"] = "任务结束时间，Unix 时间戳（秒）",
  ["Download link of an export task"] = "导出任务的下载链接",
  ["Failure message when state is 3"] = "state 为 3 时的失败原因",
  ["Imported skills, 5000 at most"] = "导入的技能，最多 5000 个",
  ["Its intents"] = "技能的意图",
  ["Intent id"] = "意图 ID",
  ["Name of the intent"] = "意图名称",
  ["Skills and intents that failed, with the reason, 5000 at most"] =
    "失败的技能和意图及其原因，最多 5000 个",
  ["Time of import or export"] = "导入或导出的时间",
  ["Progress bar"] = "进度条",
  ["Type of the task"] = "任务类型",
  ["Call `%s` again, ever less often, until `%s_name` is %s"] =
    "反复调用 `%s`，间隔逐渐变长，直到 `%s_name` 为 %s",
  ["Seconds to wait at most (default 600)"] = "最多等待的秒数（默认 600）",
  ["Seconds before the second query (default 1)"] = "第二次查询之前的秒数（默认 1）",
  ["Longest pause, seconds (default 15)"] = "最长间隔，秒（默认 15）",
  ["Queries at most, repeats included (default 200)"] = "最多查询次数，含重试（默认 200）",
  ["Called with each answer"] = "每次得到查询结果时调用",
  ["Administrator id (the creator's or an administrator's)"] =
    "管理员 ID（创建者或管理员）",
  ["0 (default): add to what is there; 1: replace everything"] =
    "0（默认）：批量上传，在已有内容上添加；1：全量替换",
  ["Questions with their answers"] = "问题及其回答",
  ["Similar questions"] = "相似问题",
  ["Answers; only texts are known to be kept"] = "回答；目前只知道文本会被保留",
  ["Task to follow with task_fetch; absent where the platform makes none"] =
    "任务 ID，用 task_fetch 跟踪；平台不创建任务时没有",
  ["questions"] = "问题",
  ["The questions, or a function that returns the next; for a job also where it is, and called with that it goes on there"] =
    "问题列表，或每次返回下一个的函数；用于作业时还可返回所在位置，以该位置调用时从那里继续",
  ["Most questions in one request (default 100)"] = "每个请求最多的问题数（默认 100）",
  ["Answer"] = "回答",
  ["1 success, 2 failure, 3 publishing"] = "1 成功，2 失败，3 发布中",
  ["Appid of the official account or mini program (wx…), not the bot's; on channel 7 leave it out"] =
    "公众号或小程序的 appid（wx…），不是机器人的 APPID；渠道 7 时不填",
  ["Openid of the user: the userid of the push"] = "用户的 openid：推送里的 userid",
  ["Text of the message"] = "消息文本",
  ["The channel of the push: 0 official account, 1 mini program, 2 open API, 3 WeCom group bot, 4 WeCom internal bot (2 to 4 are not open yet), 5 official account menu H5, 6 mini program plugin, 7 web H5, 9 WeChat customer service"] =
    "推送里的渠道：0 公众号，1 小程序，2 开放 API，3 企业微信群机器人，4 企业微信内部机器人（2 至 4 尚未开放），5 公众号菜单 H5，6 小程序插件，7 网页 H5，9 微信客服",
  ["waiterQualityEvaluate: ask for a rating; waiterEnter, waiterSwitch, waiterQuit: an agent has joined, been replaced, left"] =
    "waiterQualityEvaluate：请用户评价；waiterEnter、waiterSwitch、waiterQuit：客服接入、转接、退出",
  ["Nickname of the agent"] = "客服昵称",
  ["URL of the agent's avatar"] = "客服头像的 URL",
  ["Empty, or ok"] = "空或 ok",
  ["Openid of the user"] = "用户的 openid",
  ["simple (default): kefustate alone; all: status, too"] =
    "simple（默认）：只有 kefustate；all：还有 status",
  ["on: a human agent has taken over, the bot is silent; off: the bot answers"] =
    "on：人工客服已接入，机器人不回答；off：机器人回答",
  ["asking: talking with the bot; personserving: an agent is connected; complete: finished; needperson: asked for a human"] =
    "asking：待接入，正在与机器人对话；personserving：已接入，人工客服正在服务；complete：接入完成；needperson：待转人工",
  ["asking: talks with the bot; personserving: an agent is connected; complete: finished; needperson: has asked for a human. The older page has on and off instead"] =
    "asking：待接入，正在与机器人对话；personserving：已接入，人工客服正在服务；complete：接入完成；needperson：待转人工。旧页面只有 on 和 off",
  ["Seconds until on is off again, 1800; not on the newer page"] =
    "on 持续的秒数，1800；新页面没有",
  ["Service: tokenize, ner, sentiment, sensitive, ner-product, rank, translate_en2cn, translate_cn2en, get_similar_query, news-abstraction, document_classify, recommend_questions, casual_chat"] =
    "服务：tokenize、ner、sentiment、sensitive、ner-product、rank、translate_en2cn、translate_cn2en、get_similar_query、news-abstraction、document_classify、recommend_questions、casual_chat",
  ["Id of the user, always the same for one"] = "用户 ID，同一用户始终相同",
  ["What the service works on: mostly q, a text"] = "服务处理的内容：多数是文本 q",
  ["sentiment, sensitive: pairs of class and probability; ner: entities; translate_…: a text"] =
    "sentiment、sensitive：类别与概率；ner：实体；translate_…：文本",
  ["rank, recommend_questions: questions"] = "rank、recommend_questions：问题",
  ["rank: a candidate is the same"] = "rank：有完全相同的候选",
  ["tokenize: words"] = "tokenize：词",
  ["tokenize: parts of speech, as numbers"] = "tokenize：词性，数字",
  ["tokenize: longer words"] = "tokenize：较长的词",
  ["tokenize: their parts of speech"] = "tokenize：较长的词的词性",
  ["tokenize, ner-product: entities"] = "tokenize、ner-product：实体",
  ["tokenize: their types"] = "tokenize：实体类型",
  ["ner-product: text it read"] = "ner-product：它读到的文本",
  ["get_similar_query: questions"] = "get_similar_query：问题",
  ["news-abstraction: summary"] = "news-abstraction：摘要",
  ["news-abstraction: it is news"] = "news-abstraction：是否为新闻",
  ["news-abstraction: probability of that"] = "news-abstraction：是新闻的概率",
  ["document_classify: classes, 3 levels"] = "document_classify：分类，三级",
  ["casual_chat: answer"] = "casual_chat：回答",
  ["Milliseconds it took"] = "耗时，毫秒",
  ["a form with a file, `multipart/form-data`; answered in JSON"] =
    "带文件的表单，`multipart/form-data`；以 JSON 应答",
  ["path, or `{ name, data }`"] = "路径，或 `{ name, data }`",
  ["image, voice, video or thumb; the cover of an article is an image"] =
    "素材类型：image、voice、video 或 thumb；文章的封面是 image",
  ["The file. An image: 10 MB of bmp, png, jpg or gif; a voice: 2 MB and a minute of mp3, wma, wav or amr; a video: 10 MB of mp4; a thumb: 64 KB of jpg"] =
    "文件。图片（image）：10 MB，bmp、png、jpg 或 gif；语音（voice）：2 MB、60 秒以内，mp3、wma、wav 或 amr；视频（video）：10 MB，mp4；缩略图（thumb）：64 KB，jpg",
  ["Title and introduction of a video"] = "视频的标题和简介",
  ["required where `%s` is `%s`"] = "`%s` 为 `%s` 时必填",
  ["Title of the video"] = "视频标题",
  ["What it is about"] = "视频简介",
  ["Media id of the material"] = "素材的 media_id",
  ["Address of an image, which only pages of Tencent show"] =
    "图片的 URL，只在腾讯系域名内显示",
  ["%d calls a day"] = "每天 %d 次",
  ["%d calls a minute"] = "每分钟 %d 次",
  ["- Limits of a new account: %s"] = "- 新账号的调用限额：%s",
  ["The articles, in their order"] = "文章，按顺序排列",
  ["news (default): a text; newspic: pictures with a text"] =
    "news（默认）：图文消息；newspic：图片消息",
  ["Title; the newest page of the platform says 32 characters"] =
    "标题；平台最新的文档写的是不超过 32 个字",
  ["at most %d characters"] = "最多 %d 个字符",
  ["at most %d bytes"] = "最多 %d 字节",
  ["Digest, where the draft has one article (default: the first 54 characters of the text)"] =
    "摘要，仅单图文有（默认取正文前 54 个字）",
  ["Content: HTML, without scripts and pictures from elsewhere, which the platform removes; plain text in a newspic"] =
    "正文：HTML，其中的脚本和外部图片会被平台去掉；newspic 为纯文本",
  ["Media id of the cover, a permanent image (material_add)"] =
    "封面的 media_id，须为永久图片素材（material_add）",
  ["1: comments are open (default 0)"] = "1：打开评论（默认 0）",
  ["1: only followers may comment (default 0)"] = "1：只有粉丝可以评论（默认 0）",
  ["What part of the cover is shown at 2.35:1: X1_Y1_X2_Y2, each from 0 to 1, such as 0.1945_0_1_0.5236"] =
    "封面裁剪为 2.35:1 的坐标：X1_Y1_X2_Y2，每个值从 0 到 1，例如 0.1945_0_1_0.5236",
  ["The same, at 1:1"] = "同上，裁剪为 1:1",
  ["Pictures of a newspic"] = "图片消息的图片",
  ["The pictures, 20 at most; the first is the cover"] = "图片，最多 20 张；第一张是封面",
  ["Media id of a permanent image"] = "永久图片素材的 media_id",
  ["Cover of a newspic"] = "图片消息的封面",
  ["What part of the picture is shown, by ratio"] = "按比例裁剪的部分",
  ["Width to height"] = "宽高比",
  ["Left edge, from 0 to 1"] = "左边缘，从 0 到 1",
  ["Upper edge, from 0 to 1"] = "上边缘，从 0 到 1",
  ["Right edge, from 0 to 1"] = "右边缘，从 0 到 1",
  ["Lower edge, from 0 to 1"] = "下边缘，从 0 到 1",
  ["Goods"] = "商品",
  ["Below the text"] = "文末的商品",
  ["Key of the goods"] = "商品 key",
  ["news or newspic"] = "news 或 newspic",
  ["Link to the draft, for a while"] = "草稿的临时链接",
  ["The articles, as of draft_add"] = "文章，与 draft_add 的相同",
  ["Media id of the draft"] = "草稿的 media_id",
  ["Id of the publication, which has only begun: follow it"] =
    "发布任务的 ID；发布才刚开始，需要跟踪",
  ["Data id of the message"] = "消息的数据 ID",
  ["Id of the publication"] = "发布任务的 ID",
  ["0 success, 1 publishing, 2 originality check failed, 3 failed, 4 refused by the platform, 5 all articles deleted by the user, 6 all banned by the system"] =
    "0 成功，1 发布中，2 原创失败，3 常规失败，4 平台审核不通过，5 成功后用户删除所有文章，6 成功后系统封禁所有文章",
  ["Id of the article, after success"] = "成功后的文章 ID",
  ["Articles, after success"] = "成功后的文章",
  ["Number of articles"] = "文章数量",
  ["The articles"] = "文章",
  ["Number of the article"] = "文章的序号",
  ["Permanent link to the article"] = "文章的永久链接",
  ["Numbers of the articles that failed"] = "失败的文章的序号",
  ["Seconds to wait at most (default 1800)"] = "最多等待的秒数（默认 1800）",
  ["Seconds before the second query (default 2)"] = "第二次查询之前的秒数（默认 2）",
  ["Longest pause, seconds (default 120)"] = "最长间隔，秒（默认 120）",
  ["Queries at most, repeats included (default 50)"] = "最多查询次数，含重试（默认 50）",
  ["Id that the publication got when it succeeded"] = "发布成功时返回的 article_id",
  ["Number of the article, from 1"] = "文章的序号，从 1 开始",
  ["Delete every article of the publication; then without index"] =
    "删除这次发布的所有文章；此时不填 index",
  ["Title"] = "标题",
  ["Author"] = "作者",
  ["Digest"] = "摘要",
  ["Content, HTML"] = "正文，HTML",
  ["Link to the original"] = "原文链接",
  ["Media id of the cover"] = "封面的 media_id",
  ["URL of the cover"] = "封面的 URL",
  ["1: the cover is shown"] = "1：显示封面",
  ["1: comments are open"] = "1：打开评论",
  ["1: only followers may comment"] = "1：只有粉丝可以评论",
  ["The article was deleted"] = "文章已删除",
  ["How many to leave out, from 0"] = "跳过多少条，从 0 开始",
  ["How many to list, 1 to 20"] = "列出多少条，1 至 20",
  ["1: without the content of the articles, of which a page may be larger than an answer is allowed to be"] =
    "1：不返回文章正文；带正文的一页可能超过允许的大小",
  ["How many there are"] = "总数",
  ["How many are on this page"] = "本页的数量",
  ["What is on this page"] = "本页的内容",
  ["Id of the publication's articles"] = "发布的文章的 article_id",
  ["Last change, unix seconds"] = "最后更新时间，Unix 时间戳（秒）",
  ["everything that was published"] = "已发布的全部内容",
  ["Iterate over %s: for item, err in …; item is false for a failure"] =
    "遍历%s：for item, err in …；item 为 false 表示失败",
  ["How many to leave out (default 0)"] = "跳过多少条（默认 0）",
  ["How many to get at once (default 20)"] = "每次取多少条（默认 20）",
  ["Get the access token that all callers share"] =
    "获取所有调用方共用的 access_token",
  ["%s. The library calls it for itself."] = "%s。由本库自行调用。",
  ["nothing"] = "无",
  ["client_credential"] = "client_credential",
  ["Appid of the account (wx…)"] = "公众号的 appid（wx…）",
  ["AppSecret of the account"] = "公众号的 AppSecret",
  ["true: end the token that is valid now; 20 times a day, and nothing happens within 30 s of the time before"] =
    "true：使当前的 token 立即失效；每天 20 次，距上一次不足 30 秒时不起作用",
  ["The token; keep room for 512 characters at least"] =
    "access_token；至少预留 512 个字符",
  ["Seconds for which it is valid, at most 7200"] = "有效期，秒，最多 7200",
  ["Get a new access token; the one before it ends"] =
    "获取新的 access_token；之前的随即失效",
  ["none: everything stands in the address; answered in JSON"] =
    "无：内容都在地址里；响应为 JSON",
  ["Get an access token of v2"] = "获取 v2 的 access_token",
  ["JSON, signed in the headers"] = "JSON，签名在请求头里",
  ["Access token, for two hours"] = "access_token，有效期两小时",
  ["0 add and overwrite, 1 replace everything"] = "0 添加并覆盖，1 全量替换",
  ["Standard question to be renamed (not in the newest document)"] =
    "要改名的标准问题（最新文档里没有）",
  ["Standard question: made when there is none, else updated"] =
    "标准问题：没有就新建，有就更新",
  ["Similarity, as \"0.9\" (not in the newest document)"] =
    "意图相似度，如 \"0.9\"（最新文档里没有）",
  ["Is it disabled?"] = "是否停用",
  ["Answers, one of which is taken by chance"] = "回答，随机取一个",
  ["Task id, for v2:fetch and v2:wait_task"] =
    "任务 ID，供 v2:fetch 和 v2:wait_task 使用",
  ["1 running, 2 success, 3 failure"] = "1 进行中，2 成功，3 失败",
  ["Rows in all"] = "总行数",
  ["Rows imported"] = "导入的行数",
  ["Rows that failed"] = "失败的行数",
  ["Rows replaced"] = "替换的行数",
  ["Rows uploaded"] = "上传的行数",
  ["No parameters."] = "没有参数。",
  ["Task id; v2:wait_bot_publish follows the publishing"] =
    "任务 ID；发布进度用 v2:wait_bot_publish 跟踪",
  ["online, or debug"] = "online 或 debug",
  ["End (the document calls it the start)"] = "结束时间（文档称之为开始时间）",
  ["JSON, encrypted whole, both ways; signed in the headers"] =
    "JSON，请求和响应整体加密；签名在请求头里",
  ["Nickname of the user"] = "用户昵称",
  ["Id of the user, any value"] = "用户 ID，可以是任意值",
  ["Slots that were filled"] = "已填的槽位",
  ["The parts of an answer, also of what a push says. Which member a part has is a matter of its `kind`."] =
    "回答的各个部分，推送的内容也一样。每个部分有哪些成员，取决于它的 `kind`。",
  ["member"] = "成员",
  ["text, news, image, voice, video, music, fm, miniprogrampage, mpnews; or what the platform calls it"] =
    "text、news、image、voice、video、music、fm、miniprogrampage、mpnews；或平台使用的名称",
  ["What a person would read of it"] = "供人阅读的文本",
  ["Of text: the links in it"] = "text：其中的链接",
  ["question: a recommended one, to be asked next; url; miniprogram"] =
    "question：推荐的问题，可以接着问；url；miniprogram",
  ["The words that are the link"] = "链接的文字",
  ["What to ask, of a question"] = "question：要问的内容",
  ["Id of the question"] = "问题的 ID",
  ["Where it leads"] = "链接地址",
  ["Appid of the mini program"] = "小程序的 appid",
  ["Page of the mini program"] = "小程序的页面",
  ["Of news"] = "news：图文",
  ["Description"] = "描述",
  ["Link"] = "链接",
  ["Picture"] = "图片",
  ["h5 or mp"] = "h5 或 mp",
  ["Of music and fm"] = "music 和 fm：播放列表",
  ["Singer or speaker"] = "歌手或主播",
  ["Album"] = "专辑",
  ["Picture of the album"] = "专辑图片",
  ["What is played"] = "播放地址",
  ["Of image, voice and video"] = "image、voice 和 video",
  ["Picture, of video"] = "video：封面图片",
  ["Of miniprogrampage and mpnews"] = "miniprogrampage 和 mpnews",
  ["Of miniprogrampage"] = "miniprogrampage",
  ["Page, of miniprogrampage"] = "miniprogrampage：页面",
  ["Picture, of miniprogrampage"] = "miniprogrampage：图片",
  ["Picture, likewise"] = "同上：图片",
  ["Of mpnews"] = "mpnews",
  ["Picture, of mpnews"] = "mpnews：图片",
  ["Of other kinds: all of it, decoded"] = "其他类型：解码后的全部内容",
  ["What the functions take that make something: one table, `wxbot.new{…}`. Those of a receiver stand with [pushes](#pushes)."] =
    "用来创建对象的函数的参数：一个表，`wxbot.new{…}`。接收器的选项见[推送](#推送)。",
  ["option"] = "选项",
  ["The bot's APPID"] = "机器人的 APPID",
  ["The bot's TOKEN"] = "机器人的 TOKEN",
  ["The bot's EncodingAESKey"] = "机器人的 EncodingAESKey",
  ["http(s)://host[:port] of every service, or of some"] =
    "各服务共用的 http(s)://host[:port]，或按服务分别指定",
  ["Seconds of a whole call, repeats included (default 10)"] =
    "一次调用的总秒数，含重试（默认 10）",
  ["What reaches the network; libcurl, inside nginx cosockets"] =
    "访问网络的方式；默认 libcurl，在 nginx 里用 cosocket",
  ["What is repeated how; false: nothing"] = "如何重试；false：不重试",
  ["Attempts of a call"] = "一次调用最多尝试的次数",
  ["default %s"] = "默认 %s",
  ["Longest pause before the first repeat, seconds; it doubles"] =
    "第一次重试前的最长间隔，秒；之后加倍",
  ["Longest pause of all, seconds"] = "间隔的上限，秒",
  ["Repeats that the bot has to spend"] = "bot 可用的重试次数（令牌桶的容量）",
  ["Repeats that each call adds to them"] = "每次调用补充的重试次数",
  ["true: calls of a service that is down fail at once"] =
    "true：服务不可用时，对它的调用立即失败",
  ["Failures that open it, if more than half of a window's calls fail"] =
    "失败达到多少次、且超过窗口内调用的一半时，熔断器断开",
  ["Seconds of a window"] = "窗口的秒数",
  ["Seconds until the next call is tried"] = "多少秒后再试下一次调用",
  ["Returns a number from 0 to below 1"] = "返回 0 到 1 之间的数，不含 1",
  ["Told of every attempt: endpoint, attempt, status, milliseconds, bytes, kind, code, date"] =
    "每次尝试后调用，得到 endpoint、attempt、status、milliseconds、bytes、kind、code、date",
  ["Returns unix seconds"] = "返回 Unix 时间戳（秒）",
  ["Access token of api.weixin.qq.com, a token source, or a function (rejected) -> token"] =
    "api.weixin.qq.com 的 access_token、token source，或函数 (rejected) -> token",
  ["Where signatures are made: local (default), or by the platform"] =
    "在哪里签名：local（默认）在本地，remote 由平台签名",
  ["Id of an administrator"] = "管理员 ID",
  ["Where access tokens are kept and shared; in memory"] =
    "保存并共享 access_token 的地方；默认在内存里",
  ["Told of every renewal: appid, kind, expires_at, err"] =
    "每次续期后调用，得到 appid、kind、expires_at、err",
  ["PEM file of the authorities to trust"] = "受信任的 CA 证书，PEM 文件",
  ["URL of a proxy; without it there is none"] = "代理的 URL；不填就不用代理",
  ["Connections kept or open at once (default 64)"] = "保留或同时打开的连接数（默认 64）",
  ["Told of errors that nobody waits for"] = "没有人等待的错误由它处理",
  ["Any name for the authorities that nginx trusts here; those of another name share no connection"] =
    "nginx 在此信任的 CA 的任意代号；代号不同则不共用连接",
  ["Name that certificates must be for; the host of the URL"] =
    "证书必须匹配的名称；默认为 URL 的主机名",
  ["Connections kept to a host by a worker (default 30)"] =
    "每个 worker 对一个主机保留的连接数（默认 30）",
  ["Seconds that an unused connection is kept (default 60)"] = "空闲连接保留的秒数（默认 60）",
  ["Access token of the publishing interfaces"] = "发布能力接口的 access_token",
  ["AppSecret with which access tokens are fetched"] =
    "用来获取 access_token 的 AppSecret",
  ["When the access token expires, unix seconds; nil: never"] =
    "access_token 的过期时间，Unix 时间戳（秒）；nil：不过期",
  ["Path of a skills file, or its content as a table"] =
    "技能文件的路径，或其内容（表）",
  ["Ids of the administrators (default { \"admin\" })"] = "管理员的 ID（默认 { \"admin\" }）",
  ["Appids bound to the bot; nil: all that begin with wx"] =
    "与机器人绑定的 appid；nil：所有以 wx 开头的",
  ["Is the bot approved? (default true)"] = "机器人是否已审核通过（默认 true）",
  ["May the account use the publishing interfaces? (default true)"] =
    "账号是否可以使用发布能力接口（默认 true）",
  ["random(n) returns 1 … n"] = "random(n) 返回 1 … n",
  ["Made when nil"] = "nil 时自动生成",
  ["Seconds in state 0 (default 2)"] = "状态 0 的秒数（默认 2）",
  ["Seconds in state 1 (default 8)"] = "状态 1 的秒数（默认 8）",
  ["Message of a task that fails"] = "任务失败的原因",
  ["Download link of an export"] = "导出的下载链接",
  ["Imported skills"] = "导入的技能",
  ["Skills that failed"] = "失败的技能",
  ["Seconds in state 1 (default 10)"] = "状态 1 的秒数（默认 10）",
  ["Final state (default 0)"] = "最终状态（默认 0）",
  ["Id of the article"] = "文章的 ID",
  ["URLs"] = "URL 列表",
  ["Numbers of the articles that fail"] = "失败的文章的序号",
  ["Name of the endpoint; nil: any"] = "接口名；nil：任意",
  ["Error code of the platform"] = "平台的错误码",
  ["Text that goes with the code"] = "错误码附带的文本",
  ["HTTP status"] = "HTTP 状态码",
  ["Headers of the response"] = "响应头",
  ["Body of the response"] = "响应体",
  ["How often (default 1)"] = "次数（默认 1）",
  ["online (default), or debug: sees what is not published"] =
    "online（默认）；debug 能看到还没发布的内容",
  ["The query, without regard to case, width and punctuation at its end"] =
    "用户的问题，不分大小写和全角半角，不看末尾的标点",
  ["answer (default), recommend or miss"] = "answer（默认）、recommend 或 miss",
  ["A text, or JSON of a rich answer (default of a miss: the bot's)"] =
    "文本，或富媒体回答的 JSON（miss 的默认值是机器人的默认回复）",
  ["The standard question (default: the query)"] = "标准问题（默认是 query）",
  ["The skill (default: none)"] = "技能（默认没有）",
  ["0 … 1 (default 1)"] = "0 到 1（默认 1）",
  ["What is recommended (default: the answer itself)"] =
    "推荐的问题（默认就是这个回答）",
  ["The standard question"] = "标准问题",
  ["Only those with a greater id"] = "只要编号更大的",
  ["Only those that were refused"] = "只要被拒绝的",
  ["The newest so many (default 100)"] = "最近的多少个（默认 100）",
  ["Do not mask secrets"] = "不遮盖密钥",
  ["Its answer"] = "它的回答",
  ["Its skill"] = "它的技能",
  ["Seconds for which the answer is kept back; alone, it is as always"] =
    "应答推迟的秒数；只写它时，应答照常",
  ["true: the connection is cut, and nothing is answered"] =
    "true：切断连接，不应答",
  ["Path of a file that keeps what the platform remembers; made when there is none"] =
    "保存平台所记内容的文件的路径；没有就新建",
  ["Hears of each change: on_event(name, data)"] =
    "每次变化时调用：on_event(name, data)",
  ["The user"] = "用户",
  ["What was said"] = "所说的内容",
  ["Type of msg (default text)"] = "msg 的类型（默认 text）",
  ["userEnter, userQuit, …"] = "userEnter、userQuit 等",
  ["0 user (default), 1 bot, 2 agent"] = "0 用户（默认），1 机器人，2 客服",
  ["0 asking (default) … 3 needperson"] = "0 asking（默认）… 3 needperson",
  ["Where the user talks (default 7, web H5)"] = "用户所在的渠道（默认 7，网页 H5）",
  ["The account (default: the TOKEN on channel 7, the sandbox's account elsewhere)"] =
    "账号（默认：渠道 7 为 TOKEN，其他渠道为沙箱的账号）",
  ["Stars that the user gave, 0 none … 5"] = "用户评价的星级，0（无）… 5",
  ["The agent of customerStuffEnter and customerStuffQuit"] =
    "customerStuffEnter 和 customerStuffQuit 的客服",
  ["The agent's name"] = "客服的名称",
  ["The agent's openid"] = "客服的 openid",
  ["Unix milliseconds (default: now)"] = "Unix 时间戳（毫秒），默认为现在",
  ["What is pushed (default kefu)"] = "推送的类型（默认 kefu）",
  ["What reaches the receiver (default libcurl)"] = "访问接收器的方式（默认 libcurl）",
  ["What reaches the receivers (default libcurl)"] = "访问接收器的方式（默认 libcurl）",
  ["Where it pushes to by itself: kind to URL; see deliver"] =
    "它自动推送到的地址：类型到 URL；见 deliver",
  ["URL of the receiver (default: the callback of the kind)"] =
    "接收器的 URL（默认：该类型的回调地址）",
  ["Seconds since it happened (default 0)"] = "事情发生在多少秒之前（默认 0）",
  ["How often the same is sent (default once)"] = "同一条推送发送几次（默认一次）",
  ["What is asked, or said"] = "提的问题，或说的话",
  ["userEnter or userQuit: the user comes or goes, and says nothing"] =
    "userEnter 或 userQuit：用户进入或离开，什么也不说",
  ["user (default), or agent: one says it in the platform's console"] =
    "user（默认）或 agent：由客服在平台自己的控制台里说",
  ["Seconds (default 5)"] = "秒（默认 5）",
  ["Type of the message (default text, with event: event)"] =
    "消息类型（默认 text；有 event 时为 event）",
  ["subscribe, CLICK, …"] = "subscribe、CLICK 等",
  ["What the message has besides, by the platform's names: { MediaId = … }, { EventKey = … }"] =
    "消息的其他元素，用平台的名称：{ MediaId = … }、{ EventKey = … }",
  ["The account (default gh_1234567890ab)"] = "公众号的原始 ID（默认 gh_1234567890ab）",
  ["Id of the message (default: a new one; events have none)"] =
    "消息 ID（默认新生成一个；事件没有）",
  ["Unix seconds (default: now)"] = "Unix 时间戳（秒），默认为现在",
  ["How the account is set (default encrypted)"] =
    "公众号的消息加解密方式：encrypted 安全模式（默认），compatible 兼容模式，plain 明文模式",
  ["xml (default) or json"] = "数据格式：xml（默认）或 json",
  ["What is asked"] = "所问的内容",
  ["Name of the skill (default demo)"] = "技能名称（默认 demo）",
  ["Name of the intent (default demo)"] = "意图名称（默认 demo）",
  ["Id of the question (default: a new one)"] = "这个问题的 ID（默认新生成一个）",
  ["Is it encrypted? (default encrypted)"] = "是否加密：encrypted 加密（默认），plain 明文",
  ["What `wxbot.receiver{…}` takes, and what messages `receiver:handle{…}` gives ([Receiving](guide/receiving.md)). What a push has besides keeps its name; what it has not, or is empty, is absent."] =
    "`wxbot.receiver{…}` 的参数，以及 `receiver:handle{…}` 给出的消息（见[接收推送](guide/receiving.md)）。推送里的其他内容保留原名；没有的或为空的不出现。",
  ["The bot's or account's APPID"] = "机器人或账号的 APPID",
  ["What signatures are made with"] = "用来计算签名的 TOKEN",
  ["EncodingAESKey"] = "EncodingAESKey",
  ["official_account: pushes come in the clear, as those of test accounts do, and so go replies; only time and nonce are signed"] =
    "official_account：推送和回复都是明文（明文模式，例如测试号）；签名只覆盖时间戳和随机数",
  ["Where what was handed over is remembered; in memory"] =
    "记住已处理的推送的地方；默认在内存里",
  ["Seconds that a signed time may be off (default 300); kefu: that createtime may be, any without it"] =
    "签名时间允许的偏差，秒（默认 300）；kefu：createtime 允许的偏差，不填则不检查",
  ["Bytes (default 65536)"] = "字节数（默认 65536）",
  ["Told of every refusal: reason, { kind, method, source, bytes, field }"] =
    "每次拒绝后调用，得到原因和 { kind, method, source, bytes, field }",
  ["After how many failures a source is not listened to"] =
    "一个来源失败多少次后不再受理",
  ["Failures of a source (default 20)"] = "一个来源的失败次数（默认 20）",
  ["In this time (default 60)"] = "在多少秒之内（默认 60）",
  ["request"] = "请求",
  ["GET, POST"] = "GET、POST",
  ["Raw, or a table of names and values"] = "原始字符串，或由名称和值组成的表",
  ["Not looked at"] = "不使用",
  ["As it came; a POST has one, be it empty"] =
    "原样的请求体；POST 必须有，可以为空",
  ["Address of the peer"] = "对方的地址",
  ["Methods of what it gives; the last three are those of the kind component. What fails is `nil, err`."] =
    "它给出的来源有这些方法，后三个只有 component 类才有。失败时返回 `nil, err`。",
  ["The access token; `rejected` is one that the platform has just refused, `seconds` how long to wait for a new one"] =
    "access token；`rejected` 是平台刚刚拒绝的那个，`seconds` 是最多等多少秒新的",
  ["Forgets secret and token"] = "清除 AppSecret 和 token",
  ["Takes what a receiver of the kind third_party heard, and keeps it in the store: `true`, or `false` if it says nothing about tokens"] =
    "收下 third_party 类 receiver 收到的消息，保存到存储里：返回 `true`；与 token 无关时返回 `false`",
  ["Exchanges an authorization code, and keeps the tokens of the account; gives what was granted, and the tokens"] =
    "用授权码换取并保存账号的 token；返回授权的内容和这些 token",
  ["Has the platform push tickets again"] = "让平台重新开始推送票据",
  ["`receiver:reply(message, answer)` gives the response that replies to the user. For `official_account` the answer is a text, or a table with one of these; for `service` a text, or an answer in the platform's form; `nil` says nothing."] =
    "`receiver:reply(message, answer)` 给出回复用户的响应。`official_account` 的答案是文本，或者只含下列之一的表；`service` 的答案是文本，或者平台格式的答案；`nil` 表示不回复。",
  ["answer"] = "答案",
  ["Text, as an answer that is a string; more than about 2,048 bytes were not seen to arrive"] =
    "文本，与直接给字符串相同；超过约 2,048 字节的文本没有见过能送达的",
  ["Id of the material, temporary or permanent"] = "素材的 media_id，临时或永久",
  ["Voice message"] = "语音",
  ["Video"] = "视频",
  ["Music"] = "音乐",
  ["URL of it"] = "音乐链接",
  ["URL of a better recording, used with Wi-Fi"] = "高质量音乐链接，Wi-Fi 环境优先使用",
  ["Id of the material that is its picture"] = "缩略图素材的 media_id",
  ["Articles: 1 in answer to a message, up to 8 to an event"] =
    "图文消息：回复消息时 1 条，回复事件时最多 8 条",
  ["URL of a picture, JPEG or PNG, 360×200 or 200×200"] =
    "图片链接，JPG 或 PNG，大图 360×200，小图 200×200",
  ["URL that it opens"] = "点击后打开的链接",
  ["Customer service of the account takes over; not after an event"] =
    "转给公众号的客服；不能用于回复事件",
  ["The agent, name@account (default: any)"] = "指定的客服账号，名称@公众号（默认任意一个）",
  ["A message of the kind %s"] = "%s 类型的消息",
  ["Customer service: what users, the bot and agents say"] =
    "客服消息：用户、机器人和客服所说的",
  ["field"] = "字段",
  ["As the receiver's"] = "与接收器的 kind 相同",
  ["Unix seconds, by the platform's clock"] = "Unix 时间戳（秒），以平台的时钟为准",
  ["true: something that no text may hold is U+FFFD now"] =
    "true：有文本中不允许出现的内容，已换成 U+FFFD",
  ["The user; the openid of sendmsg"] = "用户；即 sendmsg 的 openid",
  ["Account or mini program; absent where the platform sends the TOKEN"] =
    "公众号或小程序的 appid；平台填的是 TOKEN 时没有",
  ["Text; JSON if it was a structure"] = "文本；原本是结构化内容时为 JSON",
  ["text, …"] = "text 等",
  ["userEnter, userQuit: the user came, left; customerStuffEnter, customerStuffQuit: an agent of the console did"] =
    "userEnter、userQuit：用户进入、离开；customerStuffEnter、customerStuffQuit：控制台的客服进入、离开",
  ["Who speaks"] = "谁在说话",
  ["Not documented by the platform"] = "平台文档没有说明",
  ["0 the bot answers, 1 an agent does, 2 done, 3 an agent is wanted"] =
    "0 待接入（机器人回答），1 已接入（人工客服回答），2 接入完成，3 待转人工",
  ["To give back to sendmsg"] = "调用 sendmsg 时原样传回",
  ["As in content"] = "与 content 里的相同",
  ["The user's rating"] = "用户的评价",
  ["The agent"] = "客服",
  ["The agent of the console who entered or left"] = "进入或离开的控制台客服",
  ["Messages and events of an official account; at the end of a publication also what bot:freepublish_get gives"] =
    "公众号的消息和事件；发布结束时还有 bot:freepublish_get 给出的内容",
  ["The official account (gh_…)"] = "公众号（gh_…）",
  ["text, image, event, …"] = "text、image、event 等",
  ["Name of the event; at the end of a publication PUBLISHJOBFINISH, from some accounts FREEPUBLISHJOBFINISH"] =
    "事件名称；发布结束时为 PUBLISHJOBFINISH，有些账号为 FREEPUBLISHJOBFINISH",
  ["Id of the message; events have none"] = "消息 ID；事件没有",
  ["Text of a text message"] = "文本消息的内容",
  ["A question of a skill to your service"] = "技能向你的服务提出的问题",
  ["`token` or `aes_key`"] = "`token` 或 `aes_key`",
  ["Id of this question"] = "这个问题的 ID",
  ["Id of the conversation"] = "会话的 ID",
  ["Who asks"] = "提问的用户",
  ["What is asked; JSON if it was an image or a voice message"] =
    "所问的内容；图片或语音消息时为 JSON",
  ["What was filled in"] = "已填的槽位",
  ["As the user said it"] = "用户的原话",
  ["Id of the interface"] = "接口的 ID",
  ["Name of the interface"] = "接口的名称",
  ["The platform's numbers, in `err.code`, and what they mean where it sends no text with them."] =
    "平台的错误码，在 `err.code` 里，以及平台没有附带文本时它们的含义。",
  ["code"] = "错误码",
  ["the library"] = "本库的处理",
  ["what to do"] = "怎么办",
  ["the system is busy"] = "系统繁忙",
  ["repeats what may be repeated"] = "自动重试允许重试的调用",
  ["the token is not valid"] = "token 无效",
  ["check WXBOT_TOKEN, or token in the --config file"] =
    "检查 WXBOT_TOKEN，或 --config 文件里的 token",
  ["the bot has not been approved"] = "机器人未通过审核",
  ["the signature lacks the userid field"] = "签名缺少 userid 字段",
  ["the signature field is empty"] = "签名字段为空",
  ["the signature is expired or not valid"] = "签名过期或无效",
  ["`ask` has the platform sign, once"] = "`ask` 改由平台签名，重试一次",
  ["check WXBOT_AES_KEY, or aes_key in the --config file, and the clock of this machine"] =
    "检查 WXBOT_AES_KEY（或 --config 文件里的 aes_key），以及本机的时钟",
  ["the signature check failed: it holds no userid"] = "签名校验失败：缺少 userid",
  ["appid, category, label and desc must not be empty"] =
    "appid、category、label、desc 不能为空",
  ["appid, openid and msg must not be empty"] = "appid、openid、msg 不能为空",
  ["the appid is not legitimate"] = "appid 不合法",
  ["the appid check failed: sealed for another bot"] =
    "appid 校验失败：加密时用的是另一个机器人的 APPID",
  ["check WXBOT_APPID, or appid in the --config file"] =
    "检查 WXBOT_APPID，或 --config 文件里的 appid",
  ["the appid is not legitimate: it is not bound to this bot"] =
    "appid 不合法：没有与机器人绑定",
  ["--appid is that of an official account or mini program which is bound to the bot, not the bot's own"] =
    "--appid 是与机器人绑定的公众号或小程序的 appid，不是机器人的 APPID",
  ["the request could not be decrypted: no readable encrypt field"] =
    "请求无法解密：没有可读的 encrypt 字段",
  ["check WXBOT_AES_KEY and WXBOT_APPID, or aes_key and appid in the --config file"] =
    "检查 WXBOT_AES_KEY 和 WXBOT_APPID，或 --config 文件里的 aes_key 和 appid",
  ["the openid or managerid is not an administrator of this bot"] =
    "openid 或 managerid 不是机器人的管理员",
  ["--openid and --managerid are ids of administrators of the bot"] =
    "--openid 和 --managerid 应为机器人管理员的 ID",
  ["the request could not be decrypted: wrong AES key or appid, or the open API is not enabled"] =
    "请求无法解密：AES Key 或 appid 不对，或没有开通开放 API",
  ["check WXBOT_AES_KEY and WXBOT_APPID, or aes_key and appid in the --config file; is the open API enabled for the bot?"] =
    "检查 WXBOT_AES_KEY 和 WXBOT_APPID，或 --config 文件里的 aes_key 和 appid；机器人是否开通了开放 API？",
  ["the channel or the account is not supported"] = "不支持该渠道或账号",
  ["the official account is not verified"] = "公众号未认证",
  ["the message holds sensitive words"] = "消息含有敏感词",
  ["the access token is not valid or not the newest, or the secret is wrong"] =
    "access_token 无效或不是最新的，或 secret 错误",
  ["gets another access token, once"] = "换一个 access_token，重试一次",
  ["check WXBOT_ACCESS_TOKEN, or access_token in the --config file"] =
    "检查 WXBOT_ACCESS_TOKEN，或 --config 文件里的 access_token",
  ["an argument is not valid"] = "参数无效",
  ["the media_id is not valid"] = "media_id 无效",
  ["the appid is not valid"] = "appid 无效",
  ["the access token is malformed"] = "access_token 格式不对",
  ["the secret is not valid"] = "secret 无效",
  ["the address of the caller is not in the account's white list"] =
    "调用方的 IP 不在账号的白名单里",
  ["the secret is frozen"] = "secret 已冻结",
  ["the access token is missing"] = "缺少 access_token",
  ["the appid is missing"] = "缺少 appid",
  ["the secret is missing"] = "缺少 secret",
  ["the access token has expired"] = "access_token 已过期",
  ["the access token has expired: get a new one"] = "access_token 已过期：获取新的",
  ["the request must be a POST"] = "请求必须是 POST",
  ["the body of the request is empty"] = "请求体为空",
  ["the quota of the day is used up"] = "当天的配额已用完",
  ["too many calls in a minute"] = "每分钟的调用次数过多",
  ["the body of the request is not JSON"] = "请求体不是 JSON",
  ["the account is not authorised to use this interface"] =
    "账号没有使用该接口的权限",
  ["the interface is banned for this account"] = "账号的该接口已被封禁",
  ["the user has not authorised this interface"] = "用户未授权该接口",
  ["the account is banned"] = "账号已被封禁",
  ["the account is frozen"] = "账号已冻结",
  ["publishing is banned for this account"] = "账号已被禁止发布",
  ["publications are requested too often"] = "发布请求过于频繁",
  ["the type of the material is not valid"] = "素材类型无效",
  ["the type of the file is not valid"] = "文件类型无效",
  ["the size of the file is not valid"] = "文件大小无效",
  ["the image is too large"] = "图片太大",
  ["the voice is too large"] = "语音太大",
  ["the video is too large"] = "视频太大",
  ["the thumb is too large"] = "缩略图太大",
  ["the format of the file is not supported"] = "不支持的文件格式",
  ["the format of the image is not supported"] = "不支持的图片格式",
  ["the file is missing in the form"] = "表单里没有文件",
  ["the media_id is missing"] = "缺少 media_id",
  ["the file is empty"] = "文件是空的",
  ["the articles are empty"] = "图文是空的",
  ["the text is empty"] = "文本是空的",
  ["the file is too large"] = "文件太大",
  ["the content is too long"] = "正文太长",
  ["the title is too long"] = "标题太长",
  ["the digest is too long"] = "摘要太长",
  ["the link is too long"] = "链接太长",
  ["the voice is too long"] = "语音太长",
  ["there are too many articles"] = "文章太多",
  ["an argument is too long"] = "参数太长",
  ["there is no room for more material"] = "素材数量已达上限",
  ["the content is not valid"] = "正文无效",
  ["the cover could not be cropped"] = "封面裁剪失败",
  ["the account may not sell: remove the goods"] = "账号已被限制带货：请删除商品",
  ["the goods are not valid"] = "商品信息有误",
  ["the account has to be enabled to sell first"] = "账号须先开通带货能力",
  ["the draft does not pass the checks"] = "草稿没有通过发布检查",
  ["the draft has to be published in the console"] = "草稿须到公众平台后台发布",
  ["the draft has to be saved by hand first"] = "草稿须先手动保存",
  ["the publish_id is not valid"] = "publish_id 无效",
  ["the article_id is not valid"] = "article_id 无效",
  ["the administrator has not yet confirmed the caller's address"] =
    "管理员尚未确认调用方的 IP",
  ["the administrator must confirm the caller's address"] =
    "需要管理员确认调用方的 IP",
  ["the administrator refused the caller's address twice today"] =
    "管理员当天两次拒绝了调用方的 IP",
  ["the administrator refused the caller's address"] = "管理员拒绝了调用方的 IP",
  ["internal error of the platform"] = "平台内部错误",
  ["a parameter of the request is not valid"] = "请求参数无效",
  ["the content was refused by moderation"] = "内容未通过审核",
  ["the JSON could not be read"] = "JSON 无法解析",
  ["the platform's database failed"] = "平台的数据库出错",
  ["no permission: check account, token and aes_key"] =
    "没有权限：检查 account、token 和 aes_key",
  ["check WXBOT_MANAGERID: an administrator of the bot; and WXBOT_TOKEN"] =
    "检查 WXBOT_MANAGERID 是否为机器人的管理员，以及 WXBOT_TOKEN",
  ["the bot is being published, or calls are too frequent"] =
    "机器人正在发布，或调用过于频繁",
  ["the data could not be read: key, JSON, CSV or file"] =
    "数据无法读取：密钥、JSON、CSV 或文件",
  ["check WXBOT_AES_KEY, or aes_key in the --config file, and what is sent"] =
    "检查 WXBOT_AES_KEY（或 --config 文件里的 aes_key），以及发送的内容",
  ["the platform's store failed"] = "平台的存储出错",
  ["internal error of the platform's server"] = "平台服务器内部错误",
  ["`wxbot help COMMAND` says what each takes and prints."] =
    "`wxbot help 命令` 说明每个命令的参数和输出。",
  ["command"] = "命令",
  ["Talk with the bot"] = "与机器人聊天",
  ["Ask the bot one question"] = "向机器人提一个问题",
  ["Tag users"] = "给用户打标签",
  ["Import questions and answers from a file"] = "从文件导入问答",
  ["List everything that was published"] = "列出已发布的全部内容",
  ["Serve the sandbox over HTTP, with nginx"] = "用 nginx 通过 HTTP 提供沙箱",
  ["Receive pushes, with nginx"] = "用 nginx 接收推送",
  ["Push to a receiver, as the platform does"] = "像平台一样向接收器推送",
  ["List what the served sandbox was sent, and why it refused"] = "列出模拟平台收到的请求以及拒绝的原因",
  ["List what the served sandbox told a user"] = "列出沙箱服务发给用户的消息",
  ["Encrypt a message as the platform does"] = "按平台的方式加密消息",
  ["Find out what is wrong"] = "排查问题",
  ["Find out why calls fail, and what to do"] = "查明调用失败的原因和解决办法",
  ["Decrypt a message of the platform, or say why that fails"] =
    "解密平台的消息，或说明为什么解密失败",
  ["Make a token of claims"] = "用声明（claims）生成 JWT",
  ["Verify a token and print its claims"] = "校验 JWT 并输出其中的声明",
  ["This command"] = "本命令",
  ["Show the help of a command"] = "显示命令的帮助",
  ["Print the versions of wxbot and of its parts"] = "输出 wxbot 及其组成部分的版本",
  ["Print what completes commands in a shell"] = "输出 shell 的命令补全脚本",
  ["Teach the bot"] = "导入与发布",
  ["Users"] = "用户",
  ["Articles"] = "文章",
  ["Serve and receive"] = "沙箱服务和接收推送",
  ["http://[user:password@]host:port of a proxy; without it there is none"] =
    "代理的 http://[用户:密码@]主机:端口；不填就不用代理",
  ["the bot has to be approved in the console before anybody can ask it"] =
    "机器人要先在控制台通过审核，才能提问",
  ["check the appid of the account (wx…)"] = "检查公众号的 appid（wx…）",
  ["check the AppSecret of the account"] = "检查公众号的 AppSecret",
  ["add the address of this machine to the IP white list (IP白名单) of the account"] =
    "把本机的 IP 加入账号的 IP 白名单",
  ["wait for the next minute"] = "等到下一分钟",
  ["the calls of today are used up; they are counted anew tomorrow"] =
    "今天的调用次数已用完，明天重新计数",
  ["the account may not use these interfaces; personal accounts, and those that are not verified, have lost them in July 2025"] =
    "账号没有这些接口的权限；个人账号和未认证的账号自 2025 年 7 月起不再有",
}
