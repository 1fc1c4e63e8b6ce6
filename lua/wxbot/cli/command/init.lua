--- All commands: those written by hand, and those of endpoints.

local ipairs, require = ipairs, require

local M = { list = {} }

--- What the groups of commands are about.
M.groups = {
  bot = "Make what was imported known to users",
  article = "What an account has published",
  kefu = "Customer service: messages, and who talks with a user",
  jwt = "Make or read HS256 tokens, with the aes_key",
}

for _, name in ipairs{ "talk", "tag", "import", "described", "articles",
  "serve", "push", "crypto", "doctor" } do
  for _, command in ipairs(require("wxbot.cli.command." .. name)) do
    M.list[#M.list + 1] = command
  end
end

return M
