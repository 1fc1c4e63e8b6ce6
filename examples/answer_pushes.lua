-- What to do with a push, for `wxbot receive examples/answer_pushes.lua`.
--
-- The platform has its answer when this runs, so it may take its time; nginx
-- goes on with other pushes while a call waits. What is raised here is shown,
-- and the message handled again if the platform sends it again.

return function(message, bot)
  local text = message.text
  -- While the bot answers there is nothing to add; nor to what it said itself.
  if message.from_name ~= "user" or not text
      or message.kfstate_name == "asking" then
    return
  end
  assert(bot:sendmsg{ appid = message.appid, openid = message.userid,
    channel = message.channel or 0, msg = "已转给客服：" .. text })
  print("answered " .. message.userid)
end
