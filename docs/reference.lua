--- The reference, in Markdown: what endpoints, methods, options, pushes, error
-- codes and commands there are, as the descriptions say.
--
-- A page is written in English, and in another language by its texts: a table
-- from each English text to the same in that language. So a text that changes
-- loses its translation, and is named.

local bot = require "wxbot.client.bot"
local codes = require "wxbot.api.errcode"
local commands = require "wxbot.cli.command"
local described = require "wxbot.receive.parse".described
local endpoints = require "wxbot.api"
local hints = require "wxbot.cli.hints"
local inboxes = require "wxbot.receive.inbox"
local platform = require "wxbot.sandbox.platform"
local push = require "wxbot.sandbox.push"
local receive = require "wxbot.receive"
local reply = require "wxbot.receive.reply"
local retry = require "wxbot.call.retry"
local rich = require "wxbot.call.rich"
local sandbox = require "wxbot.sandbox"
local v2 = require "wxbot.client.v2"

local concat, sort = table.concat, table.sort
local unpack = table.unpack or unpack

local M = {}

-- ------------------------------------------------------------------ a page

local Page = {}
Page.__index = Page

function Page:add(...)
  for _, line in ipairs{ ... } do
    self.lines[#self.lines + 1] = line
  end
end

--- A text in the language of the page, formatted with what follows. Addresses
--- are the same in all.
function Page:say(text, ...)
  local said = text
  if self.texts and not text:find("^https?://[^ ]+$") then
    said = self.texts[text] or text
    if not self.texts[text] and not self.used[text] then
      self.missing[#self.missing + 1] = text
    end
    self.used[text] = true
  end
  return select("#", ...) > 0 and said:format(...) or said
end

-- `a`, `b`
function Page:code(names)
  return "`" .. concat(names, "`" .. self:say(", ") .. "`") .. "`"
end

-- The head of a table.
function Page:head(...)
  local cells = {}
  for i, cell in ipairs{ ... } do
    cells[i] = self:say(cell)
  end
  self:add("| " .. concat(cells, " | ") .. " |", ("|---"):rep(#cells) .. "|")
end

function Page:row(...)
  self:add("| " .. concat({ ... }, " | ") .. " |")
end

-- ------------------------------------------------------------------ fields

local function type_of(page, field)
  local name = field.type
  if name == "file" then
    name = page:say("path, or `{ name, data }`")
  elseif name == "list" then
    name = page:say(field.of or "any")
    name = page:say("list of %s",
      field.id and page:say("%s or integer", name) or name)
  elseif field.id then
    name = page:say("%s or integer", page:say(name))
  else
    name = page:say(name)
  end
  return field.or_type and page:say("%s or %s", name, page:say(field.or_type))
    or name
end

-- 0 = success, 1 = publishing, …
local function names_of(names)
  local numbers, parts = {}, {}
  for number in pairs(names) do
    numbers[#numbers + 1] = number
  end
  sort(numbers)
  for i, number in ipairs(numbers) do
    parts[i] = ("%d = %s"):format(number, names[number])
  end
  return concat(parts, ", ")
end

local LIMITS_OF_VALUES = {
  { "max_chars", "at most %d characters" }, { "max_bytes", "at most %d bytes" },
}

local function meaning(page, field)
  local parts, default = { page:say(field.doc) }, field.default
  if field.enum then
    parts[#parts + 1] = page:say("one of %s", page:code(field.enum))
  end
  if field.enum_names then
    parts[#parts + 1] = names_of(field.enum_names)
  end
  for _, limit in ipairs(LIMITS_OF_VALUES) do
    parts[#parts + 1] = field[limit[1]] and page:say(limit[2],
      field[limit[1]]) or nil
  end
  if field.required_for then
    parts[#parts + 1] = page:say("required where `%s` is `%s`",
      field.required_for.field, field.required_for.value)
  end
  if default ~= nil and type(default) ~= "function" then
    parts[#parts + 1] = page:say("default %s", tostring(default))
  end
  return (concat(parts, page:say("; ")):gsub("|", "\\|"):gsub("\n", " "))
end

-- The parts of an answer: every answer has them, they are listed once.
local RICH = endpoints.field(rich.fields, "rich")

-- One row for a field, and one for each field inside it.
local function rows(page, fields, prefix, required)
  for _, field in ipairs(fields or {}) do
    local name = prefix .. field.name
    local row = { "`" .. name .. "`", type_of(page, field) }
    if required then
      row[#row + 1] = field.required and page:say("yes") or ""
    end
    row[#row + 1] = meaning(page, field)
      .. (field == RICH and page:say(": see [rich](#rich)") or "")
    page:row(unpack(row))
    rows(page, field ~= RICH and field.fields,
      name .. (field.type == "list" and "[]." or "."), required)
  end
end

-- Of what is given with a request, it is said what must be there, if anything.
local function table_of(page, what, fields)
  local required = false
  for _, field in ipairs(fields) do
    required = required or field.required
  end
  if required then
    page:head(what, "type", "required", "meaning")
  else
    page:head(what, "type", "meaning")
  end
  rows(page, fields, "", required)
  page:add("")
end

-- --------------------------------------------------------------- endpoints

local WIRES = {
  json = "JSON",
  json_or_form = "JSON; the platform takes a form as well",
  encrypted_xml = "XML, encrypted, in `{\"encrypt\": …}`; answered in JSON",
  multipart = "a form with a file, `multipart/form-data`; answered in JSON",
  query = "none: everything stands in the address; answered in JSON",
  v2 = "JSON, signed in the headers",
  v2_query = "JSON, encrypted whole, both ways; signed in the headers",
  signed_query = "JSON in a signed token, `query=…`; answered in JSON",
}

local REPEATS = {
  always = "`always`, after failures that may pass",
  unless_newer = "`unless_newer`: unless a newer call sets the same",
  never = "`never`, but when it was certainly not received",
}

-- What users call, with the variable of the guide before it: endpoint -> its
-- method, and those above it.
local CALLS, ABOVE = {}, {}
for variable, methods in pairs{ bot = bot.methods, v2 = v2.methods } do
  for _, method in ipairs(methods) do
    local call, endpoint = variable .. ":" .. method.name, method.endpoint
    if method.kind then
      ABOVE[endpoint] = { call = call, method = method }
    else
      CALLS[endpoint] = call
    end
  end
end

-- What the methods above an endpoint do, in a line.
local SUMMARIES = {
  dialogue = function(page)
    return page:say(
      "Ask the bot as a user; questions of one user go one after another")
  end,
  batch = function(page, endpoint)
    return page:say("As `%s`, for any number of %s, request by request",
      endpoints.method_of(endpoint), page:say(endpoint.batch.what))
  end,
  waiter = function(page, endpoint)
    local waiter = endpoint.waiter
    local field = endpoints.field(endpoint.response, waiter.state)
    return page:say("Call `%s` again, ever less often, until `%s_name` is %s",
      endpoints.method_of(endpoint), waiter.state,
      field.enum_names[waiter.success])
  end,
  pages = function(page, endpoint)
    return page:say(
      "Iterate over %s: for item, err in …; item is false for a failure",
      page:say(endpoint.pages.what))
  end,
}

--- What a method above an endpoint does, in a line of English.
---@param kind string
---@param endpoint table
---@return string
function M.summary(kind, endpoint)
  return SUMMARIES[kind](setmetatable({}, Page), endpoint)
end

-- What a heading is called in an address.
local function anchor(heading)
  return "#" .. heading:lower():gsub("[^a-z0-9_ -]", ""):gsub(" ", "-")
end

local function index(page, list)
  page:head("method", "what it does", "needs", "repeated")
  for _, endpoint in ipairs(list) do
    local call, above = CALLS[endpoint], ABOVE[endpoint]
    page:row(("[`%s`](%s)"):format(call, anchor(call))
      .. (above and page:say(", ") .. "`" .. above.call .. "`" or ""),
      page:say(endpoint.summary), page:code(endpoint.needs),
      ("`%s`"):format(endpoint.repeats))
  end
  page:add("")
end

local function above_section(page, endpoint)
  local above = ABOVE[endpoint]
  if not above then
    return
  end
  page:add(page:say("`%s{…}`: %s.", above.call,
    SUMMARIES[above.method.kind](page, endpoint)), "")
  if #above.method.own > 0 then
    page:head("parameter of its own", "type", "meaning")
    for _, field in ipairs(above.method.own) do
      page:row(("`%s`"):format(field.name), type_of(page, field),
        meaning(page, field))
    end
    page:add("")
  end
end

-- A line; nil where the platform tells of no limit.
local function limits_of(page, endpoint)
  local limits, parts = endpoint.limits, {}
  for _, of in ipairs{ { "per_day", "%d calls a day" },
    { "per_minute", "%d calls a minute" } } do
    parts[#parts + 1] = limits and limits[of[1]]
      and page:say(of[2], limits[of[1]]) or nil
  end
  return limits and page:say("- Limits of a new account: %s",
    concat(parts, page:say(", "))) or nil
end

local function section(page, endpoint)
  local call = CALLS[endpoint]
  page:add("### " .. (call or endpoint.name), "",
    page:say(call and "%s." or "%s. The library calls it for itself.",
      page:say(endpoint.summary)), "",
    page:say("- Address: `%s %s` (%s)", endpoint.method or "POST",
      endpoint.path, endpoint.service),
    page:say("- Body: %s", page:say(WIRES[endpoint.wire])),
    page:say("- Needs: %s", #endpoint.needs > 0 and page:code(endpoint.needs)
      or page:say("nothing")),
    page:say("- Repeats: %s", page:say(REPEATS[endpoint.repeats])),
    page:say("- Source: <%s>", endpoint.source))
  local limits = limits_of(page, endpoint)
  page:add(unpack(limits and { limits, "" } or { "" }))
  if #endpoint.request > 0 then
    table_of(page, "parameter", endpoint.request)
  else
    page:add(page:say("No parameters."), "")
  end
  page:head("result", "type", "meaning")
  rows(page, endpoint.response, "", false)
  rows(page, endpoint.envelope, "", false)
  rows(page, endpoint.dialogue and rich.fields, "", false)
  page:add("")
  above_section(page, endpoint)
  if #(endpoint.errors or {}) > 0 then
    page:add(page:say("[Error codes](#error-codes): %s.",
      concat(endpoint.errors, page:say(", "))), "")
  end
end

local function endpoints_part(page)
  page:add(page:say("Each is a method of a bot (`wxbot.new`), or of a client of "
    .. "v2 (`wxbot.v2`): `bot:name{…}`, `v2:name{…}`. It returns a result, or "
    .. "`nil, err`. A second argument `{ timeout = seconds }` limits one call. "
    .. "[Errors](guide/errors.md) says what is repeated when."), "")
  index(page, endpoints.list)
  index(page, endpoints.v2)
  page:add(page:say("Errors of v2 name the endpoint `v2_name`; what a method "
    .. "above an endpoint refuses before it calls names that method."), "",
    page:say("Results have the documented fields by their names; what the "
    .. "platform wraps in `data` is unwrapped. A number that names a state "
    .. "comes with the name (`state_name`). Ids are strings, null is absent, a "
    .. "documented list is always a table, and fields that nobody documented "
    .. "pass through. `repaired` is true where something that no text may hold "
    .. "is U+FFFD now."), "")
  for _, endpoint in ipairs(endpoints.all) do
    section(page, endpoint)
  end
  page:add("### rich", "", page:say("The parts of an answer, also of what a "
    .. "push says. Which member a part has is a matter of its `kind`."), "")
  page:head("member", "type", "meaning")
  rows(page, RICH.fields, "", false)
  page:add("")
end

-- ----------------------------------------------------------------- options

-- Functions, and what is described of what they take.
local OPTIONS = {
  { "wxbot.new", bot.options },
  { "wxbot.v2", v2.options },
  { "wxbot.access_token", require "wxbot.auth".options },
  { "wxbot.curl", require "wxbot.transport.curl".OPTIONS },
  { "wxbot.loop", require "wxbot.transport.loop".OPTIONS },
  { "wxbot.resty", require "wxbot.transport.resty".OPTIONS },
  { "wxbot.sandbox", platform.options },
  { "sandbox:add_task", sandbox.options.add_task },
  { "sandbox:add_publication", sandbox.options.add_publication },
  { "sandbox:add_draft", sandbox.options.add_draft },
  { "sandbox:fail", sandbox.options.fail },
  { "sandbox:requests", sandbox.options.requests },
  { "sandbox:chat", sandbox.options.chat },
  { "sandbox:answer", sandbox.options.answer },
  { "sandbox:push", push.fields.kefu },
  { 'sandbox:push{ kind = "official_account" }', push.own.official_account },
  { 'sandbox:push{ kind = "service" }', push.own.service },
  { 'sandbox:push{ kind = "third_party" }', push.own.third_party },
}

-- What the token source has that wxbot.access_token makes.
local SOURCE = {
  { "source:get([rejected [, seconds]])", "The access token; `rejected` is one "
    .. "that the platform has just refused, `seconds` how long to wait for a new one" },
  { "source:close()", "Forgets secret and token" },
  { "component:take(message)", "Takes what a receiver of the kind third_party "
    .. "heard, and keeps it in the store: `true`, or `false` if it says nothing "
    .. "about tokens" },
  { "component:authorize(code)", "Exchanges an authorization code, and keeps the "
    .. "tokens of the account; gives what was granted, and the tokens" },
  { "component:start_push_ticket()", "Has the platform push tickets again" },
}

local function source_part(page)
  page:add(page:say("Methods of what it gives; the last three are those of the "
    .. "kind component. What fails is `nil, err`."), "")
  page:head("method", "meaning")
  for _, method in ipairs(SOURCE) do
    page:row("`" .. method[1] .. "`", page:say(method[2]))
  end
  page:add("")
end

local function options_part(page)
  page:add(page:say("What the functions take that make something: one table, "
    .. "`wxbot.new{…}`. Those of a receiver stand with [pushes](#pushes)."), "")
  for _, of in ipairs(OPTIONS) do
    page:add("### " .. of[1], "")
    table_of(page, "option", of[2])
    if of[1] == "wxbot.access_token" then
      source_part(page)
    end
  end
end

-- ------------------------------------------------------------------ pushes

local KINDS = { "kefu", "official_account", "service", "third_party" }

local function pushes_part(page)
  page:add(page:say("What `wxbot.receiver{…}` takes, and what messages "
    .. "`receiver:handle{…}` gives ([Receiving](guide/receiving.md)). What a "
    .. "push has besides keeps its name; what it has not, or is empty, is "
    .. "absent."), "", "### wxbot.receiver", "")
  table_of(page, "option", receive.options)
  page:add("### receiver:handle", "")
  table_of(page, "request", receive.request)
  page:add("### receiver:reply", "", page:say("`receiver:reply(message, answer)` "
    .. "gives the response that replies to the user. For `official_account` the "
    .. "answer is a text, or a table with one of these; for `service` a text, "
    .. "or an answer in the platform's form; `nil` says nothing."), "",
    page:say("- Source: <%s>", reply.source), "")
  table_of(page, "answer", reply.fields)
  page:add("### wxbot.inbox", "", page:say("What `wxbot.inbox{…}` takes; "
    .. "[Receiving](guide/receiving.md#nothing-lost) says what an inbox does."), "")
  table_of(page, "option", inboxes.options)
  for _, name in ipairs(KINDS) do
    local kind = require(receive.kinds[name])
    page:add("### " .. page:say("A message of the kind %s", name), "",
      page:say("%s.", page:say(kind.summary)), "",
      page:say("- Needs: %s", #kind.needs > 0 and page:code(kind.needs)
        or page:say("`token` or `aes_key`")),
      page:say("- Source: <%s>", kind.source), "")
    page:head("field", "type", "meaning")
    rows(page, described(kind.fields), "", false)
    page:add("")
  end
end

-- ------------------------------------------------------------- error codes

local OUTCOMES = {
  busy = "repeats what may be repeated",
  signature = "`ask` has the platform sign, once",
  credential = "gets another access token, once",
}

local function codes_part(page)
  page:add(page:say("The platform's numbers, in `err.code`, and what they mean "
    .. "where it sends no text with them."), "")
  page:head("code", "meaning", "the library", "what to do")
  local numbers = {}
  for code in pairs(codes) do
    numbers[#numbers + 1] = code
  end
  sort(numbers)
  for _, code in ipairs(numbers) do
    local does = OUTCOMES[retry.outcome{ kind = "platform", code = code }]
    local hint = hints[code]
    page:row(tostring(code), page:say(codes[code]), does and page:say(does)
      or "", hint and page:say(hint) or "")
  end
  page:add("")
end

-- ---------------------------------------------------------------- commands

local function commands_part(page)
  page:add(page:say("`wxbot help COMMAND` says what each takes and prints."),
    "")
  local titles = {}
  for _, one in ipairs(commands.sections) do
    titles[one[1]] = one.title
  end
  page:head("command", "what it does")
  for _, command in ipairs(commands.list) do
    if titles[command.name] then
      page:row(("**%s**"):format(page:say(titles[command.name])), "")
    end
    page:row(("`wxbot %s`"):format(command.name), page:say(command.summary))
  end
  page:add("")
end

-- --------------------------------------------------------------- the whole

local PARTS = {
  { "Endpoints", endpoints_part },
  { "Options", options_part },
  { "Pushes", pushes_part },
  { "Error codes", codes_part },
  { "Commands", commands_part },
}

--- The reference.
---@param texts table<string, string>|nil of its language; English without
---@return string markdown
---@return table<string, boolean> used the texts that it needs
function M.write(texts)
  local page = setmetatable({ lines = {}, texts = texts, used = {},
    missing = {} }, Page)
  page:add("# " .. page:say("Reference"), "",
    page:say("Made by `make docs` from the descriptions in `lua/wxbot/`; change "
      .. "those, not this file."), "",
    page:say("`types/wxbot.lua` tells an editor the same (LuaLS: add `types` to "
      .. "`workspace.library`)."), "")
  for _, part in ipairs(PARTS) do
    local name = page:say(part[1])
    page:add(("- [%s](#%s)"):format(name, (name:lower():gsub(" ", "-"))))
  end
  page:add("")
  for _, part in ipairs(PARTS) do
    page:add("## " .. page:say(part[1]), "")
    part[2](page)
  end
  if #page.missing > 0 then
    error("no translation of:\n" .. concat(page.missing, "\n"), 0)
  end
  page.lines[#page.lines] = nil
  return concat(page.lines, "\n") .. "\n", page.used
end

return M
