--- The commands of endpoints: each has one, made of its description. Here stands
--- what a description does not say: a name in a group, or what a person would
--- rather see than field by field.

local api = require "wxbot.api"
local components = require "wxbot.cli.component"
local texts = require "wxbot.util.text"
local endpoint_command = require "wxbot.cli.endpoint_command"
local failed_rows = require "wxbot.cli.failed_rows"
local follow = require "wxbot.cli.follow"
local help = require "wxbot.cli.help"
local output = require "wxbot.cli.output"

local date = os.date
local ipairs, pcall = ipairs, pcall
local tostring, type = tostring, type
local stderr = io.stderr

-- Their methods have commands that are written by hand.
local BY_HAND = { ask = true, tag = true, import = true, publications = true }

local function show_signature(answer)
  output.print(answer.signature)
  if answer.expiresIn then
    stderr:write(("good for %s seconds\n"):format(answer.expiresIn))
  end
end

local function word(text)
  return function() output.print(text) end
end

local function show_begun(otherwise)
  return function(answer)
    output.print(answer.task_id and "task: " .. output.line(answer.task_id)
      or otherwise)
  end
end

local function show_progress(answer, endpoint)
  output.print(follow.text_of(endpoint.waiter, answer))
end

local function show_time(label, seconds)
  if type(seconds) ~= "number" or seconds <= 0 then
    return
  end
  local known, text = pcall(date, "%Y-%m-%d %H:%M:%S", seconds)
  output.print(label .. (known and text or texts.of_number(seconds)))
end

local function show_task(task, endpoint)
  output.print("state: " .. follow.text_of(endpoint.waiter, task))
  show_time("start: ", task.start)
  show_time("end:   ", task["end"])
  output.labelled("url:   ", task.url)
  output.labelled("message: ", task.msg)
  for _, row in ipairs(task.fail_skill_info) do
    output.labelled("failed: ", failed_rows.line(row))
  end
end

local function show_publication(publication, endpoint)
  output.print("state: " .. follow.text_of(endpoint.waiter, publication))
  output.labelled("article: ", publication.article_id)
  local detail = publication.article_detail
  for _, article in ipairs(type(detail) == "table" and detail.item or {}) do
    output.labelled("url: ", article.article_url)
  end
  for _, number in ipairs(publication.fail_idx) do
    output.print("failed: article " .. tostring(number))
  end
end

local function show_article(answer)
  for i, item in ipairs(answer.news_item) do
    if i > 1 then
      output.print("")
    end
    for _, name in ipairs{ "title", "author", "digest", "url" } do
      output.labelled(name .. ": ", item[name])
    end
    if item.is_deleted then
      output.print("deleted")
    end
    output.print(item.content or "")
  end
end

local PRINTS_ARTICLES = "title, author, digest, link and content of each "
  .. "article"

-- `begins`: the endpoint by which to follow what it begins.
local MORE = {
  sign = { show = show_signature,
    prints = "the signature; on standard error, how long it is good" },
  message = { positional = "msg", defaults = { username = "cli" },
    show = output.reply, json = help.reply, prints = help.PRINTS_REPLY },
  nlp = { positional = "name", defaults = { uid = "cli" }, show = output.json,
    prints = false },
  task_fetch = { name = "task", show = show_task,
    prints = "the state, then when it began and ended, what it says, and a "
      .. "line for each row that failed" },
  setautoreply = { name = "autoreply", begins = "task_fetch",
    show = show_begun "handed over",
    prints = "the id of the task, if there is one; with --wait what `wxbot "
      .. "task` prints" },
  publish = { name = "bot publish", begins = "publish_progress",
    show = show_begun "publishing",
    prints = "the id of the task, if there is one; with --wait what `wxbot "
      .. "bot progress` prints" },
  publish_progress = { name = "bot progress", label = "publishing",
    doc = "wxbot bot publish begins it.", show = show_progress,
    prints = "the state, and how much is done" },
  sendmsg = { name = "kefu send", positional = "msg", show = word "sent",
    prints = "the word sent" },
  kefustate_get = { name = "kefu get" },
  kefustate_change = { name = "kefu change", show = word "changed",
    prints = "the word changed" },
  material_add = { name = "material add", positional = "media",
    defaults = { type = "image" } },
  draft_add = { name = "draft add", reads = "articles",
    doc = "wxbot material add has the covers, wxbot article submit publishes "
      .. "it." },
  draft_get = { name = "draft show", show = show_article,
    prints = PRINTS_ARTICLES },
  draft_delete = { name = "draft delete", show = word "deleted",
    prints = "the word deleted", doc = "This cannot be undone." },
  create_preauthcode = { name = "component preauthcode",
    before = components.use, own = { components.state() } },
  query_auth = { name = "component authorize", positional = "authorization_code",
    before = components.use, own = { components.state() }, call = components.authorize,
    show = output.json, prints = false },
  get_authorizer_info = { name = "component account",
    before = components.use, own = { components.state() },
    show = output.json, prints = false },
  freepublish_submit = { name = "article submit", begins = "freepublish_get",
    show = function(answer)
      output.print("publication: " .. output.line(answer.publish_id))
    end,
    prints = "the id of the publication; with --wait what `wxbot article "
      .. "follow` prints" },
  freepublish_get = { name = "article follow", show = show_publication,
    doc = "wxbot article submit begins it.",
    prints = "the state, then the article id, a link for each article, and "
      .. "the numbers of those that failed" },
  freepublish_getarticle = { name = "article show", show = show_article,
    prints = PRINTS_ARTICLES },
  freepublish_delete = { name = "article delete", show = word "deleted",
    prints = "the word deleted", doc = "This cannot be undone.",
    hints = { index = "--index N names one article by its number, --all "
      .. "deletes every one" } },
}

local function command_of(endpoint)
  local command = endpoint_command.new(endpoint, MORE[endpoint.name])
  command.begins = command.begins and command_of(api.by_name[command.begins])
  return command
end

local commands, there = {}, {}
for _, list in ipairs{ api.list, api.v2 } do
  for _, endpoint in ipairs(list) do
    local above = endpoint.dialogue or endpoint.batch or endpoint.pages
    local command = not (above and BY_HAND[above.name])
      and command_of(endpoint)
    -- What both API versions have is one command.
    local method = command and (command.methods.v1 or command.methods.v2)
    if method and not there[method.endpoint] then
      there[method.endpoint] = true
      commands[#commands + 1] = command
    end
  end
end

return commands
