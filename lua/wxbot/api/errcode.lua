--- What the platform's error codes mean, for when it sends no text with them.
--
-- Sources: the error tables of the interface documents; the general return
-- codes of api.weixin.qq.com.

return {
  [-1] = "the system is busy",

  -- chatbot.weixin.qq.com
  [1001] = "the token is not valid",
  [1002] = "the bot has not been approved",
  [1003] = "the signature lacks the userid field",
  [1004] = "the signature field is empty",
  [1005] = "the signature is expired or not valid",
  [1006] = "the signature check failed: it holds no userid",
  [1007] = "appid, category, label and desc must not be empty",
  [1008] = "appid, openid and msg must not be empty",
  [1009] = "the appid is not legitimate",
  [1010] = "the appid check failed: sealed for another bot",
  [1011] = "the appid is not legitimate: it is not bound to this bot",
  [1013] = "the request could not be decrypted: no readable encrypt field",
  [1015] = "the openid or managerid is not an administrator of this bot",
  [1019] = "the request could not be decrypted: "
      .. "wrong AES key or appid, or the open API is not enabled",
  [3004] = "the channel or the account is not supported",
  [3005] = "the official account is not verified",
  [3014] = "the message holds sensitive words",

  -- openaiapi.weixin.qq.com
  [110001] = "internal error of the platform",
  [110002] = "a parameter of the request is not valid",
  [110003] = "the content was refused by moderation",
  [210106] = "the JSON could not be read",
  [210201] = "the platform's database failed",
  [210202] = "no permission: check account, token and aes_key",
  [210205] = "the bot is being published, or calls are too frequent",
  [1000012] = "the data could not be read: key, JSON, CSV or file",
  [1003001] = "the platform's store failed",
  [1110001] = "internal error of the platform's server",

  -- api.weixin.qq.com
  [40001] = "the access token is not valid or not the newest, "
      .. "or the secret is wrong",
  [40002] = "an argument is not valid",
  [40007] = "the media_id is not valid",
  [40013] = "the appid is not valid",
  [40014] = "the access token is malformed",
  [40125] = "the secret is not valid",
  [40164] = "the address of the caller is not in the account's white list",
  [40243] = "the secret is frozen",
  [41001] = "the access token is missing",
  [41002] = "the appid is missing",
  [41004] = "the secret is missing",
  [42001] = "the access token has expired",
  [43002] = "the request must be a POST",
  [44002] = "the body of the request is empty",
  [45009] = "the quota of the day is used up",
  [45011] = "too many calls in a minute",
  [47001] = "the body of the request is not JSON",
  [48001] = "the account is not authorised to use this interface",
  [48004] = "the interface is banned for this account",
  [50001] = "the user has not authorised this interface",
  [50004] = "the account is banned",
  [50007] = "the account is frozen",
  [53500] = "publishing is banned for this account",
  [53501] = "publications are requested too often",
  [53502] = "the publish_id is not valid",
  [53600] = "the article_id is not valid",
  [89501] = "the administrator has not yet confirmed the caller's address",
  [89503] = "the administrator must confirm the caller's address",
  [89506] = "the administrator refused the caller's address twice today",
  [89507] = "the administrator refused the caller's address",
}
