--- All commands: those written by hand, and those of endpoints.

local ipairs, require = ipairs, require

local M = { list = {} }

--- The commands in their order, and what --help shows together. A command that
--- is not named here, that of an endpoint that is new, comes last.
M.sections = {
  { title = "Talk with the bot", "chat", "ask", "message", "sign", "nlp" },
  { title = "Teach the bot", "import", "autoreply", "task", "bot publish",
    "bot progress" },
  { title = "Users", "tag", "jobs", "kefu send", "kefu messages", "kefu get",
    "kefu change" },
  { title = "Articles", "material add", "draft add", "draft show",
    "draft delete", "article list", "article show",
    "article submit", "article follow", "article delete" },
  { title = "Third-party platforms", "component preauthcode",
    "component authorize", "component account" },
  { title = "Serve and receive", "serve", "receive", "push",
    "inbox list", "inbox retry", "inbox purge" },
  { title = "Find out what is wrong", "doctor", "requests", "encrypt", "decrypt",
    "jwt encode", "jwt decode" },
  { title = "This command", "help", "version", "completion" },
}

--- What the groups of commands are about.
M.groups = {
  bot = "Make what was imported known to users",
  material = "Pictures, sound and videos of an account",
  draft = "What an account is going to publish",
  article = "What an account has published",
  component = "A third-party platform, and the accounts that authorise it",
  kefu = "Customer service: messages, and who talks with a user",
  inbox = "Pushes that wait to be handled, or could not be",
  jwt = "Make or read HS256 tokens, with the aes_key",
}

local found = {}
for _, name in ipairs{ "talk", "tag", "jobs", "import", "described", "articles",
  "serve", "receive", "push", "inbox", "requests", "crypto", "doctor", "about" } do
  for _, command in ipairs(require("wxbot.cli.command." .. name)) do
    found[#found + 1], found[command.name] = command, command
  end
end

local function add(command)
  if command and found[command.name] then
    M.list[#M.list + 1], found[command.name] = command, nil
  end
end

for _, section in ipairs(M.sections) do
  for _, name in ipairs(section) do
    add(found[name])
  end
end
for _, command in ipairs(found) do
  add(command)
end

return M
