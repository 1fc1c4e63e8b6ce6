-- Causes in what a request says, once it has been read.
return {
  no_field = { "{1} is missing.", "Send it." },
  empty_fields = { "Missing or empty: {1}.", "Fill each of them." },
  field_name = { "There is {1}, and the platform reads {2}.",
    "Write the name as the documents have it." },
  field_type = { "{1} is of type {2}, where a {3} is wanted.",
    "Send a {3}; ids are strings, in quotes, even if they have digits only." },
  field_value = { "{1} is {2}.", "Send {3}." },

  not_admin = { "{1} names no administrator of the bot: {2}.",
    "Send the user id of the creator or an administrator: console, 基础设置 → "
    .. "成员权限. In the emulator it is admin, unless it was told others." },
  unbound_appid = { "The appid {1} is not bound to the bot.",
    "Send that of an official account or mini program that is bound to it "
    .. "(wx…)." },
  bot_appid = { "The appid is the bot's own.", "Send that of the official "
    .. "account or mini program (wx…)." },
  channel = { "Messages cannot be sent to the channel {1}.",
    "Send the channel of the push that is answered: 0, 1, 5, 6, 7 or 9." },
  unknown_task = { "There is no task {1}.", "Send the task_id that the import "
    .. "or publish answered; here it is gone when the emulator starts anew." },
  unknown_publication = { "There is no publication {1}.",
    "Send the publish_id that freepublish/submit answered." },
  unknown_article = { "There is no published article {1}.",
    "Send the article_id of a publication that has ended well." },
  unknown_index = { "The article has no part {1}.",
    "Parts are counted from 1; 0 and none delete all." },
  page = { "offset, count or no_content is not a number that it can be.",
    "Send offset from 0, count from 1 to 20, no_content 0 or 1, as numbers." },
  kefustate = { "kefustate is {1}.",
    "Send asking, personserving, complete or needperson." },
  publishing = { "The bot is being published.", "Wait until progress says that "
    .. "it is done." },
  nlp_name = { "There is no service {1}.",
    "Compare the last but one part of the path with the documents." },
}
