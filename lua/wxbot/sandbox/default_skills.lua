--- What the embedded platform talks about when it is given no skills.
return {
  bot = { default_answer = "抱歉，我还不会回答这个问题。" },
  skills = {
    {
      name = "闲聊",
      general = true,
      intents = {
        { title = "你好", questions = { "您好", "嗨", "hello" },
          answers = { "你好呀！", "您好，很高兴为您服务。" } },
        { title = "你是谁", questions = { "你叫什么名字", "你是机器人吗", "who are you" },
          answers = { "我是微信对话平台的本地机器人。" } },
        { title = "谢谢", questions = { "多谢", "thank you" },
          answers = { "不客气！" } },
        { title = "再见", questions = { "拜拜", "goodbye" },
          answers = { "再见，欢迎再来。" } },
      },
    },
    {
      name = "猜拳",
      intents = {
        { title = "开始猜拳", questions = { "我们来猜拳吧", "来一局猜拳", "玩剪刀石头布" },
          answers = { "开始游戏了，请出拳" } },
        { title = "我出石头", follows = "开始猜拳", questions = { "出石头", "石头" },
          answers = { "我出布，我赢了", "我出剪刀，你赢了" } },
        { title = "我出剪刀", follows = "开始猜拳", questions = { "出剪刀", "剪刀" },
          answers = { "我出石头，我赢了", "我出布，你赢了" } },
        { title = "我出布", follows = "开始猜拳", questions = { "出布", "布" },
          answers = { "我出剪刀，我赢了", "我出石头，你赢了" } },
      },
    },
    {
      name = "账号",
      intents = {
        { title = "怎么修改密码", questions = { "密码怎么改", "忘记密码了怎么办" },
          answers = { "在设置-账号安全里可以修改密码。" } },
        { title = "怎么绑定手机号", questions = { "手机号在哪里绑定" },
          answers = { "在设置-账号安全里绑定手机号。" } },
        { title = "怎么申请退款", questions = { "如何退款", "我要退款" },
          answers = { "请在支付记录里选择订单申请退款。" } },
      },
    },
  },
}
