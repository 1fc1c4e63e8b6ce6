--- What the dialogue knows about words: which ones say little, which ones say
-- the same. General language only; nothing here belongs to one bot.
--
-- Each entry: class|weight|words; a semicolon or a line ends it. In English
-- words are written as they are typed, and "_" joins a phrase. Words of one
-- class count as the same word. A class named "-" is none: its words stand for
-- themselves. A plain character of Chinese weighs 1, a plain Latin word 2.

local M = {}

--- Classes of form that are not the same but near: who wants a thing or asks
-- whether it can be had asks for the way to it.
M.near = {
  how = "way", can = "way", want = "way",
  ["en how"] = "en way", ["en can"] = "en way", ["en want"] = "en way",
}

--- Chinese words by kind: form (question words, wishes and other words that
-- give a sentence its form; they count only as far as the contents agree),
-- particle and empty (they say nearly nothing and give no form either; a
-- particle of one character is one in the midst of others too), content under
-- several names, courtesy (contents when nothing else is said, nothing
-- otherwise).
M.zh = {
  form = [[
how|1|怎么 如何 怎样 咋 怎么弄 怎么做 怎么搞 怎么才能 怎样才能 如何才能 怎么操作 如何操作
how|1|怎么能 怎么可以 该怎么 应该怎么 该如何 要怎么 怎么样才能
how|0.5|怎么办 咋办 怎么处理 如何处理 该怎么办 怎么解决 如何解决
where|1|哪里 在哪 在哪里 哪儿 在哪儿 哪 什么地方 在什么地方 何处 去哪 去哪里 去哪儿 到哪里
where|1|从哪里 到哪 从哪
when|1|什么时候 几点 何时 啥时候 哪天 哪一天 几号 几时 什么时间 在什么时候 几点钟 什么时候能
when|1|啥时; why|1|为什么 为何 为啥 怎么回事 咋回事 什么原因 怎么会 为什么会 是怎么回事 啥原因
what|1|什么 啥 哪些 哪个 哪种 哪几种 哪几个 什么样 什么样的 有什么 有哪些 有啥 是什么 是啥
what|1|什么是 都有什么 都有哪些 哪一种 哪一个 是哪个
who|1|谁 是谁 哪位 叫什么 叫啥 叫什么名字 叫啥名字 名字是什么 名字叫什么
how about|1|怎么样 咋样 如何呢 怎样呢 好不好 好吗
how many|1|多少 多高 多远 多重 几 几个 几次 多少次 多少个 几本 几件 几张
how long|1|多久 多长时间 多长 几天 多少天 几个小时 多少时间 需要多久 要多久 需要几天 要几天
how long|1|要多长时间 需要多长时间
can|0.5|能 可以 能不能 可不可以 能否 可否 是否可以 是否能 行吗 行不行 可以吗 能吗 能够 允许
can|0.5|还能 还可以 可以不可以
want|0.3|想 想要 要 我想 我要 需要 我需要 想知道 我想知道 想问 想问下 想问一下 我想问
want|0.3|我想问一下 请教 请教一下 打算 希望 帮我 帮我看看 帮忙 给我 不知道 不清楚 不懂
want|0.3|想了解 告诉我 我该; ask|0.1|吗 么 嘛 是否 是不是 有没有; let|0.1|吧 呢
-|0.2|我 你 您 他 她 它 我们 你们 您们 他们 咱们 咱 俺 我的 你的 您的 我们的 你们的 自己
-|0.2|自己的 我自己 本人 大家 人家
this|0.15|这 这个 这些 那个 那些 这种 那种 这边 你们这 你们这里 这里 那里 你这里 你这
]],
  particle = [[
-|0.02|请问 请问一下 请 麻烦 麻烦问下 麻烦问一下 一下 劳烦 拜托 不好意思 打扰一下 打扰了 了
-|0.02|的 啊 呀 哦 哇 啦 哈 嗯 噢 喔 咯 哎 唉 诶 哎呀 那 那么 就 都 也 又 其实 到底 究竟
-|0.02|目前 亲 嘿 啥的 吧啦 的话 如果 因为 所以 但是 可是 不过 然后
]],
  empty = [[
-|0.15|是 在 有 把 被 给 让 和 与 跟 及 或 或者 还是 以及 个 一个 一些 些 为 于 从 进行 该
-|0.15|应该 应 可能 必须 就是 才 才能 已经 一直 还有 还要 还会 来 去 会 时 时候 里 里面 之后
-|0.15|以后 太 很 真 挺 非常 特别 十分 老是 老 总是 总 经常 突然 每次
]],
  content = [[
not|1|没 没有 不 未 无 无法 不能 不了 还不 还不能 不可以 不会 不要 别 没法 还没 还没有 不到
not|1|不行 尚未 不让
change|2|修改 更改 变更 改 更换 换 改变 改成 改动 重置 重设 改一下 换一个 换成 切换
forget|2|忘记 忘 忘了 忘掉 想不起来 记不得 记不起 记不住 忘记了
delete|2|删除 删 删掉 注销 销户 移除 注销掉; cancel|2|取消 撤销 撤回 退订 取消掉
bind|2|绑定 绑 关联; unbind|2|解绑 解除绑定 取消绑定; login|2|登录 登陆 登入 登 登不上
account|2|账号 帐号 账户 帐户; phone|2|手机号 手机号码 手机; telephone|2|电话 电话号码 联系电话
pay|2|支付 付款 付钱 付 缴费 交钱 结账 买单 付费 给钱; refund|2|退款 退钱 退费 退还 返还
return|2|退货 退回; recharge|2|充值 充钱 充 储值 充了钱; arrive|2|到账 到帐 入账
receive|2|收到 收; buy|2|购买 买 订购 选购 买到; use|1|使用 用 运用 用得
start|1.5|开始 开 开启 启动 打开 开放 开具 开门 营业 开通 激活 启用
close|1.5|关闭 关掉 关 停用 禁用; raise|2|提升 提高 增加 调高; lower|2|降低 减少 调低
add|1.5|添加 加 新增; most|1.5|最多 最高 最大 上限; least|1.5|最少 最低 至少
write|1|填写 填 写 输入; daily|2|每天 一天 每日; online|2|网上 线上 在线
free|2|免费 不要钱 不收费 不用钱; time|1|时间 日期; freight|2|运费 邮费 快递费 配送费
order|2|下单 下订单; pay for damage|2|赔偿 赔 赔付; book|2|图书 书籍 书 书本
logout|2|退出登录 登出 退出; end|1.5|结束 截止 停止 截至
see|1|查看 查询 查 看 看看 查找 了解 知道 查一下 看一下 看到; apply|1|申请 办理 提交 办
get|1.5|领取 领 获取 获得 拿 得到 拿到 取得; contact|1.5|联系 咨询 联络 找
agent|2|人工 人工客服 转人工 真人 真人客服 转人工客服; support|1.5|支持
way|1.5|方式 方法 办法 渠道 途径 流程 步骤
price|2|多少钱 价格 价钱 费用 收费 几块钱 什么价 要多少钱 怎么卖 怎么收费
place|1.5|地址 位置 地点; lose|2|丢失 丢 丢了 遗失 弄丢 弄丢了 不见了
broken|2|坏 坏了 损坏 破损 弄坏 弄坏了; join|2|加入 参加 报名; ship|2|发货 寄出 寄 发出
deliver|2|配送 送货 派送 送达 送到; parcel|2|快递 物流 包裹
coupon|2|优惠券 优惠卷 代金券 优惠码; borrow|2|借 借阅 借出; give back|2|归还 还回 还
renew|2|续借 续期 续费 续; play|1|玩 玩儿; again|1|再 重新 再次 再来; name|1|名字 名称 姓名
problem|1|问题; repair|2|维修 修理 修 保修; fail|2|失败 不成功 没成功 出错 报错
invite|2|邀请 邀; prize|2|奖品 奖励 奖; level up|2|升级 提升等级; expire|2|过期 到期 失效
upload|2|上传 上载; download|2|下载; reserve|2|预约 预订 预定 预约号; complain|2|投诉 举报
certify|2|认证 实名认证 实名; set|1.5|设置 设定; goods|2|商品 东西 货品 产品
how old|2|多大 多大了 几岁 几岁了 多大年纪; discount|2|优惠 打折 折扣
]],
  courtesy = [[
hello|2|你好 您好 嗨 哈喽 哈啰 你好呀 你好啊 在吗 在不在 在么 有人吗
thanks|2|谢谢 多谢 感谢 谢了 谢啦 谢谢你 谢谢您 非常感谢 太感谢了 感谢你; bye|2|再见 拜拜 拜
]],
}

--- Words that must not be cut into the words above.
M.whole_zh = [[
支付宝 信用卡 信用 作用 应用 用户 用途 专用 通用 适用 用品 改善 改进 公开 离开 分开 展开
开心 开会 开学 开关 开票 开店 补充 充电 充分 充足 登记 检查 调查 审查 好看 看法 办公 举办
领导 带领 想法 理想 主要 重要 要求 几乎 功能 能力 智能 性能 能量 现在 存在 有效 所有 拥有
目的 级别 类别 别人 无线 未来 兑换 退换货 换货 转换 交换 交换机 收藏 收货 收入 回收 签收
会员 会议 机会 社会 来源 过去 去年 去世 到达 迟到 小时 及时 实时 平时 了解 了不起 和平 个人
个性 哪吒 这样 那样 找回 还款 有限 只有 个数 付出 拿铁 借口 再见 首都 都市 成都 图书馆
借书证 书店 证书 说明书 关于 关注 关系 关键 相关 有关 更加 加油 老师 老人 真正 很多 机器人
从来 为了 认为 因为 行为 来电 回来 出来 下来 起来 将来 回去 出去 过来
]]

--- The same for English.
M.en = {
  form = [[
en how|1|how how_to how_do_i how_can_i how_do_you; en where|1|where
en when|1|when what_time what_date what_day; en why|1|why how_come; en what|1|what which
en who|1|who whom whose; en how many|1|how_many; en how long|1|how_long how_soon
en can|0.5|can could may able possible allowed can_i is_it_possible_to am_i_able_to
en want|0.3|want wanna need would_like d_like i_want_to i_need_to i_would_like_to
en want|0.3|i_d_like_to help help_me wish
-|0.2|i me my mine we us our you your he she it they them their its
en this|0.1|this that these those there here
]],
  empty = [[
-|0.02|please pls plz kindly sorry excuse just so ok okay well now actually really very too
-|0.02|also still yet already much lot
-|0.1|a an the do does did is are am be was were been will would shall should to of in on at
-|0.1|for from by with and or if any some as have has had about into s m re ve ll d up out
-|0.1|off
]],
  content = [[
en not|1|not no never cannot without unable; en change|2|change modify update edit alter switch
en delete|2|delete remove erase; en buy|2|buy bought purchase; en pay|2|pay paid payment
en price|2|price cost fee charge how_much; en refund|2|refund money_back reimburse
en login|2|login log_in sign_in signin log_on
en register|2|register sign_up signup registration
en phone|2|phone mobile cellphone phone_number mobile_number
en see|1|see view check look look_at; en use|1|use; en get|1|get got receive obtain
en start|1.5|start begin began open; en end|1.5|end finish stop
en problem|1|problem issue trouble; en ship|2|ship delivery deliver shipping shipment
en broken|2|broken damaged defective faulty broke; en lose|2|lost lose missing
en forget|2|forgot forget forgotten; en exchange|2|exchange swap replace replacement
en borrow|2|borrow loan; en check in|2|check_in checkin; en check out|2|check_out checkout
en wifi|2|wifi wi_fi; en email|2|email e_mail mail
en reserve|2|book booking reserve reservation; en time|1|time; en add|1.5|add
en free|2|free free_of_charge; en renew|2|renew extend renewal; en cancel|2|cancel cancellation
en take|1|take accept; en contact|1.5|contact reach; en find|1|find locate found
]],
  courtesy = [[
hello|2|hello hi hey hiya good_morning good_afternoon good_evening
thanks|2|thanks thank thx thank_you cheers; bye|2|bye goodbye bye_bye see_you
]],
}

--- Traditional characters and their simplified ones, pair by pair.
M.simplified = [[
嗎吗麼么請请問问這这個个時时間间裡里裏里為为點点開开關关帳账號号賬账錢钱買买賣卖換换綁绑機机
還还沒没會会說说話话謝谢動动節节過过訂订單单發发貨货運运費费優优惠惠員员證证碼码領领獎奖遊游
戲戏禮礼包包們们來来對对後后樣样無无當当現现實实業业電电腦脑網网頁页圖图書书館馆借借續续約约
應应該该處处辦办註注冊册銷销刪删除除變变繳缴匯汇幣币儲储值值轉转賬账號号碼码測测試试嚴严與与
從从進进選选擇择遺遗損损壞坏愛爱國国學学歡欢難难聽听讀读誰谁給给幫帮讓让兩两幾几週周歲岁
]]

return M
