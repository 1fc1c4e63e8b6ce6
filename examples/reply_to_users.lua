-- What an account tells its users in the response to a push, for
-- `wxbot receive --kind official_account examples/reply_to_users.lua`.
--
-- Who is not verified can speak to users in no other way. The platform waits 5 s,
-- so the bot has 3 for its answer; what nobody knows goes to people.

local UNKNOWN = { transfer_customer_service = {} }

return function(message, bot)
  if message.event == "subscribe" then
    return "欢迎关注，有问题请直接留言。"
  elseif message.content then
    local answer, err = bot:ask({ userid = message.userid,
      query = message.content }, { timeout = 3 })
    if err then
      print("no answer: " .. err)
    end
    return answer and answer.tier ~= "miss" and answer.text or UNKNOWN
  end
end
