--- ask, chat.

local fields = require "wxbot.api.fields"
local help = require "wxbot.cli.help"
local interrupt = require "wxbot.cli.interrupt"
local methods = require "wxbot.cli.methods"
local output = require "wxbot.cli.output"
local read = require "wxbot.cli.read"
local terminal = require "wxbot.cli.terminal"
local trim = require "wxbot.util.text".trim

local error, pcall, tonumber = error, pcall, tonumber
local stderr, stdout = io.stderr, io.stdout

local METHODS = methods.named "ask"
METHODS.v1.needs = { "token", "aes_key" } -- signatures are made here
local DEFAULTS = { userid = "cli" }
local REPLY = fields.list({ { name = "tier", doc = "answer, recommend or miss" },
}, help.reply)

local function ask(session)
  local client, method = session:client(METHODS)
  local params = session:params(method.fields)
  params.query = read.argument(params.query)
  local reply, err = client:ask(params)
  session:show(reply, err, output.reply)
end

-- ---------------------------------------------------------------------- chat

local CHAT_FIELDS = fields.list(METHODS.v1.fields, {}, { query = true })

-- What keys that a terminal does not know, and a paste, put into a line: CSI and
-- SS3 sequences, F1 to F5 of the console, and other control characters.
local function typed(line)
  return (line:gsub("\27%[%[[A-E]", ""):gsub("\27%[[0-?]*[ -/]*[@-~]?", "")
    :gsub("\27O[ -~]?", ""):gsub("[%z\1-\8\10-\31\127]", "")
    :gsub("\194[\128-\159]", ""))
end

-- A number stands for the recommendation that it was printed with.
local function question_of(line, options)
  local option = options[tonumber(trim(line):match("^%d+$"))]
  return option and option.title or line
end

-- One question; its recommendations. A failure does not end the chat.
local function exchange(session, client, method, query)
  local params = session:params(method.fields)
  params.query = query
  local reply, err = client:ask(params)
  if reply then
    session:show(reply, nil, output.reply)
  elseif interrupt.caused(err) then
    error(err, 0)
  else
    output.error(err, session.json)
  end
  return reply and reply.options or {}
end

local function converse(session, client, method, is_person)
  local options, is_told = {}, session.json
  while true do
    if is_person then
      stdout:write("> ")
      stdout:flush()
    end
    local line = read.stdin("*l")
    if not line then
      return
    end
    local text = typed(line)
    if trim(text) ~= "" then
      options = exchange(session, client, method, question_of(text, options))
    elseif trim(line) ~= "" and not is_told then
      is_told = true
      output.note("keys like arrows do nothing here: `rlwrap wxbot chat` has "
        .. "a history")
    end
  end
end

local function chat(session)
  local client, method = session:client(METHODS)
  local is_person = terminal.is_terminal(0) and not session.json
  if is_person then
    stderr:write("Ctrl-D ends the chat; the number of a recommendation "
      .. "asks it.\n")
  end
  local returned, raised = pcall(converse, session, client, method, is_person)
  -- The shell's prompt, or what is said next, begins a line.
  if is_person then
    stderr:write("\n")
  end
  if not returned then
    error(raised, 0)
  end
end

return {
  { name = "chat", summary = "Talk with the bot",
    doc = "Reads one message a line. The number of a recommendation asks it.\n"
      .. "`rlwrap wxbot chat` adds a history and arrow keys.",
    prints = help.PRINTS_REPLY, json = REPLY,
    fields = CHAT_FIELDS, defaults = DEFAULTS, methods = METHODS, run = chat },
  { name = "ask", summary = "Ask the bot one question",
    doc = "With the query - it is read from standard input.",
    prints = help.PRINTS_REPLY, json = REPLY,
    fields = METHODS.v1.fields, positional = "query", defaults = DEFAULTS,
    methods = METHODS, run = ask },
}
