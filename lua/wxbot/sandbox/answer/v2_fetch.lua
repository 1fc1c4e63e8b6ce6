-- The platform's side of `v2_fetch`.

local json = require "wxbot.json"

local function rows_of(skills)
  local rows = 0
  for _, skill in ipairs(type(skills) == "table" and skills or {}) do
    rows = rows + #(skill.intents or {})
  end
  return rows
end

---@return table|nil answer
---@return integer|nil code
return function(platform, params)
  local task = platform.jobs:task(params.task_id)
  if not task then
    return nil, 110002
  end
  -- v2 has no state of preparing.
  task.state = task.state == 0 and 1 or task.state
  local failed = task.fail_skill_info
  task.success_count = rows_of(task.success_skill_info)
  task.fail_count = failed ~= json.null and #failed or 0
  task.total_count = task.success_count + task.fail_count
  task.replace_count, task.success_upload_count = 0, task.success_count
  return { code = 0, data = task, msg = "success" }
end
