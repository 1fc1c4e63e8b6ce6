--- Fields that several descriptions have, by name, and lists of them.

local ipairs = ipairs

local M = {}

local INTENT = {
  { name = "id", type = "string", doc = "Intent id" },
  { name = "name", type = "string", text = true, doc = "Name of the intent" },
}

local SKILL = {
  { name = "id", type = "string", doc = "Skill id" },
  { name = "name", type = "string", text = true, doc = "Name of the skill" },
  { name = "intents", type = "list", of = "object", fields = INTENT,
    doc = "Its intents" },
}

M.managerid = { name = "managerid", type = "string", id = true,
  required = true, administrator = true,
  doc = "Administrator id (the creator's or an administrator's)" }
M.account_appid = { name = "appid", type = "string", required = true,
  doc = "Appid of the official account or mini program (wx…), not the bot's" }
M.openid = { name = "openid", type = "string", id = true, required = true,
  doc = "Openid of the user" }
M.task_id = { name = "task_id", type = "string", id = true, required = true,
  doc = "Task id" }
M.article_id = { name = "article_id", type = "string", id = true,
  required = true, doc = "Id that the publication got when it succeeded" }

M.draft_id = { name = "media_id", type = "string", id = true,
  required = true, doc = "Media id of the draft" }

M.skillname = { name = "skillname", type = "string", required = true,
  doc = "Name of the skill" }
M.title = { name = "title", type = "string", required = true,
  doc = "Standard question" }
M.query = { name = "query", type = "string", required = true,
  doc = "Message of the user" }
M.env = { name = "env", type = "string", enum = { "online", "debug" },
  doc = "online (default), or debug: the test environment" }
M.first_priority_skills = { name = "first_priority_skills", type = "list",
  of = "string", doc = "Match only content of these skills" }
M.second_priority_skills = { name = "second_priority_skills", type = "list",
  of = "string",
  doc = "The same, with lower priority than first_priority_skills" }
M.avatar = { name = "avatar", type = "string", doc = "URL of the user's avatar" }

M.errcode = { name = "errcode", type = "integer", doc = "0" }
M.errmsg = { name = "errmsg", type = "string", text = true, doc = "Empty, or ok" }
M.rid = { name = "rid", type = "string", doc = "Trace id" }
M.request_id = { name = "request_id", type = "string", doc = "Request id" }
M.progress = { name = "progress", type = "integer", doc = "Progress, percent" }
M.publish_status = { name = "status", type = "integer", required = true,
  enum_names = { "success", "failure", "publishing" },
  doc = "1 success, 2 failure, 3 publishing" }

M.component_appid = { name = "component_appid", type = "string",
  required = true, credential = "appid",
  doc = "Appid of the third-party platform" }
M.authorizer_appid = { name = "authorizer_appid", type = "string",
  required = true, doc = "Appid of the account that has authorised (wx…)" }

--- What an account has authorised a third-party platform to do.
M.authorization = {
  { name = "authorizer_appid", type = "string",
    doc = "Appid of the account that has authorised (wx…)" },
  { name = "authorizer_access_token", type = "string", sensitive = true,
    doc = "Its access token; absent if it has no interfaces" },
  { name = "expires_in", type = "integer",
    doc = "Seconds for which the access token is valid" },
  { name = "authorizer_refresh_token", type = "string", sensitive = true,
    doc = "Its refresh token; absent if it has no interfaces" },
  { name = "func_info", type = "list", of = "object",
    doc = "Sets of permissions that it has granted", fields = {
      { name = "funcscope_category", type = "object", fields = {
        { name = "id", type = "integer", doc = "Number of the set" },
      }, doc = "The set" },
    } },
}

--- The answer of what may begin a task in v1.
M.task_begun = {
  { name = "task_id", type = "string",
    doc = "Task to follow with task_fetch; absent where the platform makes none" },
}

--- What both API versions tell of a task, beside its state.
M.task = {
  M.progress,
  { name = "start", type = "integer", doc = "Start of the task, unix seconds" },
  { name = "end", type = "integer", doc = "End of the task, unix seconds" },
  { name = "url", type = "string", text = true, doc = "Download link of an export task" },
  { name = "msg", type = "string", text = true, doc = "Failure message when state is 3" },
  { name = "success_skill_info", type = "list", of = "object",
    fields = SKILL, doc = "Imported skills, 5000 at most" },
  { name = "fail_skill_info", type = "list", of = "any",
    doc = "Skills and intents that failed, with the reason, 5000 at most" },
  -- Of v1 only the example answer shows it.
  { name = "import_export_time", type = "any", doc = "Time of import or export" },
}

-- A question that is recommended.
local RECOMMENDED = {
  { name = "ans_node_name", type = "string", text = true, doc = "Recommended category" },
  { name = "title", type = "string", text = true, doc = "Recommended standard question" },
  { name = "answer", type = "string", text = true, doc = "Recommended answer" },
  { name = "confidence", type = "number", doc = "Score of the recommendation" },
}

--- What both API versions tell of an answer.
M.reply = {
  { name = "answer", type = "string", text = true,
    doc = "Answer; JSON text unless answer_type is text" },
  { name = "answer_type", type = "string", doc = "Type of the answer: text, music, news, …" },
  { name = "skill_name", type = "string", text = true, doc = "Name of the skill" },
  { name = "msg_id", type = "string", doc = "Message id" },
  { name = "options", type = "list", of = "object", fields = RECOMMENDED,
    doc = "Recommended questions; empty unless something is recommended" },
  { name = "status", type = "string",
    doc = "FAQ, CONTEXT_FAQ, GENERAL_FAQ, FAQ_RECOMMEND or NOMATCH" },
}

--- A list of fields without some of them, and with some more.
---@param fields table[]
---@param more table[]
---@param without table<string, any>|nil by name
---@return table[] list
function M.list(fields, more, without)
  local list = {}
  for _, field in ipairs(fields) do
    list[#list + 1] = not (without and without[field.name]) and field or nil
  end
  for _, field in ipairs(more) do
    list[#list + 1] = field
  end
  return list
end

return M
