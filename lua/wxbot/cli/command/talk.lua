--- ask, chat, sign.

local bot_fields = require "wxbot.client.bot".fields
local by_name = require "wxbot.api".by_name
local endpoint_command = require "wxbot.cli.endpoint_command".new
local stdin = require "wxbot.cli.stdin"
local interrupt = require "wxbot.cli.interrupt"
local output = require "wxbot.cli.output"
local terminal = require "wxbot.cli.terminal"
local trim = require "wxbot.util.text".trim

local error, ipairs, pcall, tonumber = error, ipairs, pcall, tonumber
local stderr, stdout = io.stderr, io.stdout

local USER = "cli"

-- ------------------------------------------------------------------- results

local function print_options(options)
  output.print("Did you mean:")
  for i, option in ipairs(options) do
    output.print(("  %d. %s"):format(i, output.line(option.title or "")))
  end
end

local function show_text(reply)
  if (reply.tier == "recommend" or reply.text == "")
      and #reply.options > 0 then
    print_options(reply.options)
  else
    output.print(reply.text)
  end
end

local function show_reply(session, reply)
  if session.json then
    return output.json(reply)
  end
  show_text(reply)
  return true
end

-- ----------------------------------------------------------------------- ask

local function query_of(session)
  local query = session.options.query
  if query == "-" then
    query = stdin.text()
  end
  return query
end

local function ask(session)
  local client, err = session:client("ask")
  if not client then
    return nil, err
  end
  local params = session:params(bot_fields.ask)
  params.query = query_of(session)
  local reply
  reply, err = client:call("ask", params)
  if not reply then
    return nil, err
  end
  return show_reply(session, reply)
end

-- ---------------------------------------------------------------------- chat

local function without(fields, name)
  local kept = {}
  for _, field in ipairs(fields) do
    if field.name ~= name then
      kept[#kept + 1] = field
    end
  end
  return kept
end

local CHAT_FIELDS = without(bot_fields.ask, "query")

local function prompt(is_person)
  if is_person then
    stdout:write("> ")
    stdout:flush()
  end
end

-- A number stands for the recommendation that it was printed with.
local function question_of(line, options)
  local option = options[tonumber(trim(line):match("^%d+$"))]
  return option and option.title or line
end

local function turn(session, client, query)
  local params = session:params(CHAT_FIELDS)
  params.query = query
  local reply, err = client:call("ask", params)
  if reply then
    reply, err = show_reply(session, reply) and reply, nil
  end
  if err and interrupt.caused(err) then
    return nil, err
  elseif err then
    output.error(err, session.json)
  end
  return reply and reply.options or {}
end

local function converse(session, client, is_person)
  local options, err = {}, nil
  while true do
    prompt(is_person)
    local line = stdin.read("*l")
    if not line then
      return true
    end
    line = line:gsub("\r$", "")
    if trim(line) ~= "" then
      options, err = turn(session, client, question_of(line, options))
    end
    if not options then
      return nil, err
    end
  end
end

local function chat(session)
  local client, err = session:client("ask")
  if not client then
    return nil, err
  end
  local is_person = terminal.is_terminal(0) and not session.json
  if is_person then
    stderr:write("Ctrl-D ends the chat; the number of a recommendation "
      .. "asks it.\n")
  end
  local returned, done
  returned, done, err = pcall(converse, session, client, is_person)
  -- The shell's prompt, or what is said next, begins a line.
  if is_person then
    stderr:write("\n")
  end
  if not returned then
    error(done, 0)
  end
  return done, err
end

-- ---------------------------------------------------------------------- sign

local sign = endpoint_command(by_name.sign, function(answer)
  output.print(answer.signature)
  if answer.expiresIn then
    stderr:write(("good for %s seconds\n"):format(answer.expiresIn))
  end
end)

-- -------------------------------------------------------------- older services

local message = endpoint_command(by_name.message, show_text)

-- Each service answers with fields of its own.
local nlp = endpoint_command(by_name.nlp, function(answer)
  output.json(answer)
end)

return {
  { name = "chat", summary = "Talk with the bot",
    doc = "Reads one message a line. The number of a recommendation asks it.",
    fields = CHAT_FIELDS, defaults = { userid = USER }, v2 = true, run = chat },
  { name = "ask", summary = "Ask the bot one question",
    doc = "With the query - it is read from standard input.",
    fields = bot_fields.ask, positional = "query",
    defaults = { userid = USER }, v2 = true, run = ask },
  { name = "sign", summary = by_name.sign.summary,
    fields = by_name.sign.request, run = sign },
  { name = "message", summary = by_name.message.summary,
    fields = by_name.message.request, positional = "msg",
    defaults = { username = USER }, run = message },
  { name = "nlp", summary = by_name.nlp.summary,
    doc = "The answer is always JSON.",
    fields = by_name.nlp.request, positional = "name",
    defaults = { uid = USER }, run = nlp },
}
