-- The main job, from a signature to an article's URL, on the embedded
-- platform: no account, no network.
--
--   lua5.4 examples/demo.lua

local wxbot = require "wxbot"

-- Pauses of the platform's time are shown shortened: the sandbox never
-- waits, and a person wants to see something move.
local function slowly(sandbox, factor)
  local curl = wxbot.curl{}
  return {
    request = function(_, request) return sandbox:request(request) end,
    now = function() return sandbox:now() end,
    time = function() return sandbox:time() end,
    sleep = function(_, seconds)
      curl:sleep(seconds * factor)
      sandbox:sleep(seconds)
    end,
  }
end

local SKILLS = {
  bot = { default_answer = "抱歉，我还不会回答这个问题。" },
  skills = {
    { name = "账号", intents = {
      { title = "怎么修改密码", questions = { "如何更改登录密码", "密码怎么改" },
        answers = { "在设置-账号安全里可以修改密码。" } },
      { title = "怎么绑定手机号", questions = { "手机号在哪里绑定" },
        answers = { "在设置-账号安全里绑定手机号。" } },
    } },
    { name = "充值", intents = {
      { title = "支持哪些支付方式", questions = { "可以用支付宝付款吗" },
        answers = { "支持微信支付、支付宝和银行卡。" } },
    } },
    { name = "闲聊", general = true, intents = {
      { title = "你好", questions = { "您好", "嗨" }, answers = { "你好呀！" } },
    } },
  },
}

local sandbox = assert(wxbot.sandbox{ skills = SKILLS })
local options = sandbox:credentials()
options.transport = slowly(sandbox, 1 / 40)
local bot = assert(wxbot.new(options))

local function chapter(title)
  print("\n" .. title)
end

-- A bar on a terminal, redrawn in place; lines where the output is kept.
local terminal = os.execute("test -t 1 2>/dev/null")
terminal = terminal == true or terminal == 0

local last_share = 0

local function progress(share, text)
  -- Kept output gets a line for each quarter only.
  if not terminal and share < 1 and share > 0
      and math.floor(share * 4) == math.floor(last_share * 4) then
    return
  end
  last_share = share
  local filled = math.floor(share * 30)
  local line = ("  [%s%s] %3d %%  %s"):format(("#"):rep(filled),
    ("-"):rep(30 - filled), math.floor(share * 100), text)
  if terminal then
    io.write("\r", line, share >= 1 and "\n" or "")
  else
    print(line)
  end
  io.flush()
end

chapter "1. A signature: who is asking"
local signed = assert(bot:sign{ userid = "u1", username = "小明" })
print("  from the sign interface: " .. signed.signature:sub(1, 40)
  .. "…  lives " .. signed.expiresIn .. " s")
local made = assert(wxbot.jwt.encode({ userid = "u1", username = "小明" },
  options.aes_key))
print("  made locally:            " .. made:sub(1, 40) .. "…")

chapter "2. A conversation: hit, recommendation, miss"
local function ask(query, first_priority_skills)
  local reply = assert(bot:ask{ userid = "u1", query = query,
    first_priority_skills = first_priority_skills })
  print("  用户: " .. query .. (first_priority_skills and "  (only skill "
    .. table.concat(first_priority_skills, ", ") .. ")" or ""))
  print(("  机器人: %s  [%s, %s, %.2f]"):format(reply.text ~= ""
    and reply.text or "您是不是想问：", reply.tier, reply.status,
    reply.confidence))
  for i, option in ipairs(reply.options) do
    print(("    %d. %s (%.2f)"):format(i, option.title, option.confidence))
  end
  return reply
end
ask "你好"
ask "请问怎么修改密码"
ask "支付方式"
ask "今天天气怎么样"
ask("怎么修改密码", { "充值" })

chapter "3. Tagging 1,000 users"
local openids = {}
for i = 1, 1000 do
  openids[i] = ("openid_%04d"):format(i)
end
local tagged = assert(bot:tag{
  appid = "wx1234567890abcdef", category = "完件", label = "完成",
  desc = "在app中完成了用户信息", list = openids,
  on_progress = function(done, total)
    progress(done / total, done .. " of " .. total)
  end,
})
print(("  %d users tagged in %d calls; openid_1000 is now: %s"):format(
  tagged.done, tagged.batches, sandbox:tags("openid_1000")[1].label))

chapter "4. Following an import task"
local task = assert(bot:wait_task{
  openid = "admin",
  task_id = sandbox:add_task{ prepare = 3, duration = 20,
    success_skill_info = { { id = 2098207, name = "账号" } } },
  on_progress = function(seen)
    progress(seen.progress / 100, ("%-9s"):format(seen.state_name))
  end,
})
print("  imported: " .. task.success_skill_info[1].name)

chapter "5. Following a publication"
local publication = assert(bot:wait_publication{
  publish_id = sandbox:add_publication{ duration = 12,
    articles = { "https://mp.weixin.qq.com/s/example" } },
  on_progress = function(seen)
    print("  " .. seen.publish_status_name)
  end,
})
print("  " .. publication.article_detail.item[1].article_url)

chapter "6. An error, as a user meets it"
local refused, err = bot:task_fetch{ openid = "stranger", task_id = "1" }
print("  result: " .. tostring(refused))
print("  error:  " .. err)
print(("  kind %s, code %d"):format(err.kind, err.code))

bot:close()
