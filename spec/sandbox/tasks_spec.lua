-- Without this a sandbox that runs for long takes ever more memory.
--
-- Tasks and publications of a platform that is there for long.

local publications = require "wxbot.sandbox.publications"
local tasks = require "wxbot.sandbox.tasks"

local function store(kind)
  return kind.new(function() return 1700000000 end, function() end)
end

describe("the tasks of the sandbox", function()
  it("take skills of any form, for what comes over HTTP may have one", function()
    local kept = store(tasks)
    assert.is_table(kept:task(kept:add_task{
      success_skill_info = { { intents = 5 } } }))
  end)

  it("are the newest 5,000 tasks, however many there were", function()
    local kept, ids = store(tasks), {}
    for i = 1, 5001 do
      ids[i] = kept:add_task{}
    end
    assert.is_nil(kept:task(ids[1]))
    assert.is_table(kept:task(ids[2]))
    assert.is_table(kept:task(ids[5001]))
  end)

  it("are the newest 5,000 publications, with their articles", function()
    local kept, ids = store(publications), {}
    for i = 1, 5001 do
      ids[i] = kept:add{ duration = 0 }
    end
    assert.is_nil(kept:get(ids[1]))
    assert.is_nil(kept:article("ARTICLE_" .. ids[1]))
    assert.is_table(kept:get(ids[2]))
    assert.is_table(kept:article("ARTICLE_" .. ids[2]))
    local _, total = kept:articles(0, 1, true)
    assert.equal(5000, total)
  end)

  it("do not lose a new one with the name of an old one", function()
    local kept, published = store(tasks), store(publications)
    kept:add_task{ task_id = "t" }
    published:add{ publish_id = "p" }
    for _ = 1, 4999 do
      kept:add_task{}
      published:add{}
    end
    kept:add_task{ task_id = "t", failure = "new" }
    published:add{ publish_id = "p", duration = 0 }
    assert.is_table(kept:task("t"))
    assert.is_table(published:get("p"))
    assert.is_table(published:article("ARTICLE_p"))
  end)
end)
