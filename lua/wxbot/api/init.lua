--- Every endpoint, by name and in the order in which they are listed.
--
-- `list` has those that are methods of a bot, `v2` those of a client of the
-- second generation (wxbot.v2); `all` has those, too, that the library calls
-- for itself.
--
-- One file describes one endpoint, for all who need to know: the client
-- (check, encode, decode), the sandbox (the other side of the same), the
-- command line (flags and help) and the reference. A description holds:
--
--   name      of the method            summary  one line
--   source    the upstream page        service  "chatbot" | "api" | "v2"
--   path      with {credential}        query    credentials in the query
--   method    of HTTP, POST when absent
--   part      request field that stands in the path, as a {credential} does
--   needs     credentials, checked at the call
--   wire      how the body travels: a module of wxbot.call.wire
--   repeats   "always" | "unless_newer" | "never": what may be repeated
--             (wxbot.call.retry)
--   supersedes  request fields that name what a newer call replaces; each:
--             where it sets something for every element of a list, that list
--   dialogue  its answer, the string `answer`, gets text and rich
--             (wxbot.call.rich)
--   max_body  bytes of an answer, 1 MiB when absent
--   header    credentials in the headers
--   requires_task_id  field that a success names its task by; empty is a
--             failure
--   requires_any  fields of which a successful answer has at least one
--   errors    codes that the documents list
--   request, response   lists of fields; payload, envelope: where the response
--             is; payload_optional: an answer without it is one, too
--
-- A field has name, type (string, integer, number, boolean, list, object,
-- any), doc, and where it applies: required, enum (allowed strings), enum_names
-- (of numbers), of (type of the elements), fields (of an object), item_name (of
-- an element in XML), pattern (of a string), exclusive_min, min and max (of a
-- number), required_unless (a field that, when true, takes its place), apart (it
-- does not stand in the body), sensitive (no error may show its value), id (a
-- string, or strings in a list, that may be given as integers), administrator
-- (an id of one of the bot's: the command may have it from elsewhere), text
-- (people wrote it: what no text may hold is repaired, see wxbot.codec.repair).

local ipairs, require = ipairs, require

local M = {}

M.list = {} -- methods of a bot
M.v2 = {}   -- of a client of the second generation
M.all = {}  -- these, and what the library calls for itself
M.by_name = {}

local function add(folder, names, list)
  for _, name in ipairs(names) do
    local description = require("wxbot.api." .. folder .. "." .. name)
    M.all[#M.all + 1] = description
    M.by_name[description.name] = description
    list[#list + 1] = description
  end
end

add("v1", {
  "sign", "aibot", "message", "label_batchset", "task_fetch",
  "batchimportskill", "setautoreply", "publish", "publish_progress",
  "sendmsg", "kefustate_get", "kefustate_change",
}, M.list)
add("account", {
  "freepublish_submit", "freepublish_get", "freepublish_delete",
  "freepublish_getarticle", "freepublish_batchget",
}, M.list)
add("v1", { "nlp" }, M.list)
add("account", { "stable_token", "token" }, {})
add("v2", { "token" }, {})
add("v2", { "import_json", "fetch", "publish", "progress", "query" }, M.v2)

--- What the method of an endpoint is called.
---@param endpoint table
---@return string name
function M.method_of(endpoint)
  return (endpoint.name:gsub("^v2_", ""))
end

return M
