--- Every endpoint, by name and in the order in which they are listed.
--
-- `list` has those that are methods of a bot; `all` has those, too, that are
-- called by the library itself.
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
--   wire      how the body travels: a module of wxbot.wire
--   repeats   "read" | "setting" | "act": what may be repeated (wxbot.retry)
--   setting   request fields that name what a "setting" sets; each: where it
--             sets something for every element of a list, that list
--   header    credentials in the headers
--   starts    field that a success names its task by; empty is a failure
--   confirms  fields of which a successful answer has at least one
--   errors    codes that the documents list
--   request, response   lists of fields; data, envelope: where the response
--             is; data_optional: an answer without `data` is one, too
--
-- A field has name, type (string, integer, number, boolean, list, object,
-- any), doc, and where it applies: required, values (allowed strings), names
-- (of numbers), of (type of the elements), fields (of an object), item (name
-- of an element in XML), pattern (of a string), above, least and most (of a
-- number), unless (a field that, when true, takes its place), apart (it does
-- not stand in the body), secret (no error may show its value).

local ipairs, require = ipairs, require

local M = {}

M.list = {}
M.all = {}
M.by_name = {}

local function add(name)
  local description = require("wxbot.endpoint." .. name)
  M.all[#M.all + 1] = description
  M.by_name[name] = description
  return description
end

for _, name in ipairs {
  "sign", "aibot", "message", "label_batchset", "task_fetch",
  "batchimportskill", "setautoreply", "publish", "publish_progress",
  "sendmsg", "kefustate_get", "kefustate_change",
  "freepublish_submit", "freepublish_get", "freepublish_delete",
  "freepublish_getarticle", "freepublish_batchget", "nlp",
} do
  M.list[#M.list + 1] = add(name)
end

for _, name in ipairs{ "stable_token", "token" } do
  add(name)
end

-- Those of the second generation are methods of another client (wxbot.v2).
M.v2 = {}

for _, name in ipairs {
  "v2_token", "v2_import", "v2_fetch", "v2_publish", "v2_progress",
  "v2_query",
} do
  local description = require("wxbot.endpoint." .. name)
  M.v2[#M.v2 + 1] = description
  M.by_name[name] = description
end

return M
