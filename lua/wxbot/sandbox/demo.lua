--- What a sandbox holds when nobody says what, and for trying the command
--- line: things to follow.

local ipairs = ipairs

local M = {}

--- An administrator that every sandbox has.
M.administrator = "admin"

--- The account or mini program of a sandbox that was told of none.
M.account = "wx1234567890abcdef"

M.tasks = {
  { task_id = "demo-import", prepare = 2, duration = 8,
    success_skill_info = { { id = "1", name = "demo",
      intents = { { id = "2", name = "hello" } } } } },
  { task_id = "demo-failure", prepare = 1, duration = 4,
    failure = "a skill was refused",
    fail_skill_info = { { name = "demo", error = "an intent has no answer" } } },
}

M.publication = { publish_id = "100000001", duration = 10 }

M.draft = { media_id = "demo-draft", articles = { { title = "Demo",
  content = "<p>An article to be published.</p>",
  thumb_media_id = "demo-cover" } } }

--- Starts the tasks and the publication, which move from now on, and keeps a
--- draft.
function M.add(sandbox)
  for _, task in ipairs(M.tasks) do
    sandbox:add_task(task)
  end
  sandbox:add_publication(M.publication)
  sandbox:add_draft(M.draft)
end

return M
