-- How fast the dialogue answers with 10,000 questions, and how often it falls
-- in the tier that a person expects.
--   lua5.4 bench/dialogue.lua; luajit bench/dialogue.lua      from the checkout
package.path = "./lua/?.lua;./lua/?/init.lua;" .. package.path
package.cpath = ("./build/%s/?.so;"):format(_VERSION:match("[%d.]+")) .. package.cpath

local cjson = require "cjson"
local dialogue = require "wxbot.sandbox.dialogue"
local skills = require "wxbot.sandbox.skills"

local QUESTIONS, QUERIES = 10000, 3000

local things = "订单 账号 密码 手机号 会员 积分 优惠券 发票 礼包 钻石 公会 英雄 皮肤 "
  .. "地图 副本 宠物 坐骑 装备 "
  .. "好友 邮件 头像 昵称 签到 排行榜 商城 背包 "
  .. "任务 成就 称号 师徒 拍卖行 仓库 战队 赛季 段位 金币 体力 "
  .. "图书 座位 借书证 "
  .. "快递 地址 运费 余额 银行卡 账单 合同 贷款 保险 门票 酒店 机票 行李 签证 护照"
local verbs = "修改 查看 领取 绑定 解绑 注销 取消 申请 购买 升级 使用 兑换 退还 转让 "
  .. "找回 删除 分享 导出 打印 续费 "
  .. "预约 激活 冻结 恢复 合并 "
  .. "上传 下载 设置 关闭 开通"
local shapes = { "怎么%s%s", "如何%s%s", "%s%s在哪里",
  "为什么不能%s%s", "%s%s要多久", "可以%s%s吗",
  "%s%s需要什么材料", "%s%s失败了怎么办", "%s%s的次数有限制吗", "请问%s%s收费吗" }
local english = { "how do I %s my %s",
  "where can I %s the %s", "can I %s a %s", "why does %s %s fail" }
local en_verbs = "change cancel track return buy sell rename "
  .. "upgrade move share print export lock reset"
local en_things = "order password account ticket invoice guild "
  .. "hero map skin parcel address card loan seat"

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do
    list[#list + 1] = word
  end
  return list
end

local function questions(count)
  local list, v, t = {}, words(verbs), words(things)
  local ev, et = words(en_verbs), words(en_things)
  for _, shape in ipairs(english) do
    for _, verb in ipairs(ev) do
      for _, thing in ipairs(et) do
        list[#list + 1] = shape:format(verb, thing)
      end
    end
  end
  for _, shape in ipairs(shapes) do
    for _, verb in ipairs(v) do
      for _, thing in ipairs(t) do
        if #list < count then
          list[#list + 1] = shape:format(verb, thing)
        end
      end
    end
  end
  return list
end

local seed = 42
local function random(n)
  seed = (seed * 16807) % 2147483647
  return seed % n + 1
end

-- Distinct queries: near questions, with words before and after, mixed up, long.
local function queries(list, count)
  local before = { "", "你好，", "请问", "我想知道", "麻烦问一下" }
  local after = { "", "呢", "啊？", "，谢谢", "，急", " please" }
  local made, seen = {}, {}
  while #made < count do
    local a, b = list[random(#list)], list[random(#list)]
    local query = before[random(#before)] .. a .. after[random(#after)]
    local way = random(10)
    if way <= 2 then
      query = a .. b
    elseif way == 3 then
      query = (a .. "，" .. b .. "。"):rep(20)
    end
    if not seen[query] then
      seen[query] = true
      made[#made + 1] = query
    end
  end
  return made
end

local function percentile(times, share)
  return times[math.max(1, math.ceil(#times * share))] * 1000
end

local function speed()
  local list = questions(QUESTIONS)
  local intents = {}
  for i, question in ipairs(list) do
    intents[i] = { title = question, answers = { "ok" } }
  end
  local set = assert(skills.load{ skills = { { name = "all", intents = intents } } })
  collectgarbage()
  local memory, begin = collectgarbage("count"), os.clock()
  local talk = dialogue.new(set, { random = random })
  local built = os.clock() - begin
  collectgarbage()
  print(("%d questions, built in %.2f s, %.1f MiB"):format(#list, built,
    (collectgarbage("count") - memory) / 1024))
  local times = {}
  for i, query in ipairs(queries(list, QUERIES)) do
    -- The best of three: pauses of the machine are not the scorer's.
    times[i] = math.huge
    for _ = 1, 3 do
      local start = os.clock()
      talk:answer{ userid = "u" .. i, query = query }
      times[i] = math.min(times[i], os.clock() - start)
    end
  end
  table.sort(times)
  print(("%d queries: p50 %.2f ms, p99 %.2f ms, max %.2f ms"):format(#times,
    percentile(times, 0.5), percentile(times, 0.99), percentile(times, 1)))
  local long = ("怎么修改订单密码"):rep(43690)
  local start = os.clock()
  talk:answer{ userid = "u", query = long }
  print(("a query of 1 MiB: %.2f ms"):format((os.clock() - start) * 1000))
end

local TIERS = {
  FAQ = "answer", GENERAL_FAQ = "answer", CONTEXT_FAQ = "answer",
  FAQ_RECOMMEND = "recommend", NOMATCH = "miss",
}

local function is_right(reply, case)
  if TIERS[reply.status] ~= case.tier then
    return false
  elseif case.tier ~= "recommend" then
    return case.tier == "miss" or reply.title == case.title
  end
  for _, option in ipairs(reply.options) do
    if option.title == case.title then
      return true
    end
  end
  return false
end

local function quality(skill_file, query_file)
  local file = assert(io.open("spec/dialogue/" .. query_file, "rb"))
  local cases = cjson.decode(file:read("*a"))
  file:close()
  local set = assert(skills.load("spec/dialogue/" .. skill_file))
  local right = 0
  for i, case in ipairs(cases) do
    local talk = dialogue.new(set, { random = random })
    local reply = talk:answer{ userid = "u" .. i, query = case.query }
    right = right + (is_right(reply, case) and 1 or 0)
  end
  print(("%s: %d of %d right (%.1f %%)"):format(query_file, right, #cases, 100 * right / #cases))
end

print(type(jit) == "table" and jit.version or _VERSION) -- luacheck: ignore jit
speed()
quality("skills.json", "queries.json")
quality("skills.json", "more_queries.json")
quality("shop_skills.json", "shop_queries.json")
quality("town_skills.json", "town_queries.json")
quality("service_skills.json", "service_queries.json")
