--- Every endpoint, by name and in the order in which they are listed.
--
-- One file describes one endpoint, for all who need to know: the client
-- (check, encode, decode, follow, batch), the sandbox (the other side of the
-- same), the command line (flags and help), the reference and the types. What
-- the endpoints of an API version share stands once, in its `init.lua`: `facts`
-- are the members of each description that does not have its own. Texts are
-- English; docs/zh-CN/texts.lua has them in Chinese, for the reference.
-- A description holds:
--
--   name      of the method, in v2 behind "v2_"   summary  one line
--   source    the upstream page        service  "chatbot" | "api" | "v2"
--   path      with {credential} and, of a field whose location is "path", {name}
--             (path_field then names it)
--   query     name of the access token in the query; false: none
--   header    credentials in the headers; false: none
--   method    of HTTP, POST when absent
--   needs     credentials, checked at the call
--   wire      how the body travels: a module of wxbot.call.wire
--   internal  only the library itself calls it: no client has a method
--   repeats   "always" | "unless_newer" | "never": what may be repeated
--             (wxbot.call.retry)
--   supersedes  request fields that name what a newer call replaces; each:
--             where it sets something for every element of a list, that list
--   max_body  bytes of an answer, 1 MiB when absent
--   requires_task_id  field that a success names its task by; empty is a
--             failure
--   requires_any  fields of which a successful answer has at least one
--   limits    how many calls an account may make, per_day and per_minute, as far
--             as that is known: of a new account
--   errors    codes that the documents list
--   request, response   lists of fields; payload, envelope: where the response
--             is; payload_optional: an answer without it is one, too
--
-- and, for a method above the one that has the description's name (its `name`;
-- `what` is what its documentation and messages call it):
--
--   dialogue  the answer, the string `answer`, gets text and rich
--             (wxbot.call.rich); name, where a method asks: with the field
--             `user`, and a signature by the endpoint `signed_by`
--   waiter    it is followed to its end (wxbot.client.poll): `state` is the
--             field that decides: `pending` are its values while it goes on,
--             `success` is that of a good end, any other of a bad one, whose
--             `reason` is a field; `id` names what is followed. interval,
--             max_interval, timeout (seconds) and max_attempts, where not as
--             usual
--   batch     any number of elements of the list `field`, `size` of them in a
--             request, of `max_bytes` at most; `done` says what has become of
--             them; `parallel` requests at a time. replace: where `field` has
--             `value` only the first request does; it is followed by the
--             endpoint `waiter` with `params` of its own, then others have
--             `after`
--   pages     everything, page by page: the request fields `offset` and
--             `count`, the response fields `items` and `total`
--
-- A field has name, type (string, integer, number, boolean, list, object,
-- any, file), doc, and where it applies: required, enum (allowed strings),
-- enum_names (of numbers), of (type of the elements), fields (of an object),
-- item_name (of an element in XML), pattern, max_chars and max_bytes (of a
-- string), exclusive_min, min and max (of a number; max also of how many
-- elements a list has), required_unless (a field that, when true, takes its
-- place), required_for (it is needed where another `field` has a `value`, or,
-- with or_absent, none), accepts (of a file: by the value of the field `by`,
-- `kinds` of max_bytes and formats, see wxbot.codec.media), location (where it
-- does not stand in the body: "path", "query", or "client": it is not sent),
-- administrator (it names an administrator of the bot), credential (which of the
-- command's credentials it is, where it is not given), sensitive (no error may
-- show its value, and the command does only when asked to), id (a string, or
-- strings in a list, that may be given as integers), text (people wrote it: what
-- no text may hold is repaired, see wxbot.codec.repair).

local error, ipairs, pairs, require, tostring = error, ipairs, pairs, require,
  tostring

local M = {}

M.list = {} -- methods of a bot
M.v2 = {}   -- of a client of v2 (wxbot.v2)
M.all = {}  -- these, and what the library calls for itself
M.by_name = {}
M.services = {} -- fields, whose values say where they are
M.hosts = {}    -- service -> where it is

local function set(names)
  local members = {}
  for name in names:gmatch("[a-z_]+") do
    members[name] = true
  end
  return members
end

-- Members that there are, of a description and of those of its members that
-- are tables with names.
local MEMBERS = set[[name summary source service path query header method needs
  wire internal repeats supersedes max_body requires_task_id requires_any errors
  limits request response payload payload_optional envelope
  dialogue waiter batch pages]]
local INSIDE = {
  dialogue = set "name user signed_by",
  waiter = set[[name what id state pending success reason interval
    max_interval timeout max_attempts]],
  batch = set "name what field done size max_bytes parallel replace",
  pages = set "name what offset count items total",
  limits = set "per_day per_minute",
}
local REPLACE = set "field value after waiter params"
local FIELD = set[[name type doc required enum enum_names of fields item_name
  pattern max_chars max_bytes exclusive_min min max required_unless required_for
  accepts location administrator credential sensitive id text]]

local REQUIRED = { "name", "summary", "source", "path", "repeats", "request",
  "response" }
local REQUIRED_OF_FIELD = { "name", "type", "doc" }
local REQUIRED_INSIDE = {
  waiter = { "name", "what", "id", "state", "pending", "success" },
  batch = { "name", "what", "field", "done", "size" },
  pages = { "name", "what", "offset", "count", "items", "total" },
}
local REQUIRED_OF_REPLACE = { "field", "value", "after", "waiter", "params" }

local REPEATS = set "always unless_newer never"
local TYPES = set "string integer number boolean list object any file"

--- A field, by its name.
---@param fields table[]
---@param name string
---@return table|nil field
function M.field(fields, name)
  for _, field in ipairs(fields) do
    if field.name == name then
      return field
    end
  end
end

local function refuse(where, what, name)
  error(("%s: %s %s"):format(where, what, tostring(name)), 0)
end

local function check(where, members, value, required)
  for name in pairs(value) do
    if not members[name] then
      refuse(where, "unknown member", name)
    end
  end
  for _, name in ipairs(required or {}) do
    if value[name] == nil then
      refuse(where, "no member", name)
    end
  end
end

-- Members that name fields.
local function check_names(where, fields, names)
  for _, name in pairs(names) do
    if not M.field(fields, name) then
      refuse(where, "no field", name)
    end
  end
end

local INSIDE_FIELD = {
  required_for = set "field value or_absent", accepts = set "by kinds",
}

local function check_fields(where, fields)
  for _, field in ipairs(fields) do
    local name = where .. "." .. tostring(field.name)
    check(name, FIELD, field, REQUIRED_OF_FIELD)
    if not TYPES[field.type] then
      refuse(name, "unknown type", field.type)
    end
    for member, members in pairs(INSIDE_FIELD) do
      check(name .. "." .. member, members, field[member] or {})
    end
    check_names(name, fields, { (field.required_for or {}).field,
      (field.accepts or {}).by })
    check_fields(name, field.fields or {})
  end
end

local function check_inside(where, description)
  local request = description.request
  local waiter, batch, pages = description.waiter, description.batch,
    description.pages
  for name, members in pairs(INSIDE) do
    if description[name] then
      check(where .. "." .. name, members, description[name],
        REQUIRED_INSIDE[name])
    end
  end
  check_names(where .. ".supersedes", request, description.supersedes or {})
  if waiter then
    check_names(where .. ".waiter", request, { waiter.id })
    check_names(where .. ".waiter", description.response, { waiter.state })
  end
  if pages then
    check_names(where .. ".pages", request, { pages.offset, pages.count })
  end
  if batch then
    check_names(where .. ".batch", request, { batch.field })
  end
  if batch and batch.replace then
    check(where .. ".batch.replace", REPLACE, batch.replace, REQUIRED_OF_REPLACE)
    check_names(where .. ".batch.replace", request, { batch.replace.field })
  end
end

--- Refuses a description, and a field in it, that lacks a member, has one which
--- nothing reads, or names what there is not: it raises, naming both.
---@param where string what the message begins with
---@param description table
function M.check(where, description)
  check(where, MEMBERS, description, REQUIRED)
  if not REPEATS[description.repeats] then
    refuse(where, "unknown repeats", description.repeats)
  end
  for _, name in ipairs{ "request", "response", "envelope" } do
    check_fields(where .. "." .. name, description[name] or {})
  end
  check_inside(where, description)
end

local function complete(description, facts)
  for name, value in pairs(facts) do
    if description[name] == nil then
      description[name] = value
    end
  end
  if not description.payload then
    description.envelope = nil
  end
  for _, field in ipairs(description.request) do
    description.path_field = field.location == "path" and field.name
      or description.path_field
  end
end

for _, name in ipairs{ "v1", "account", "component", "v2" } do
  local version = require("wxbot.api." .. name)
  local list = version.client == "v2" and M.v2 or M.list
  local service = version.facts.service
  M.services[#M.services + 1] = not M.hosts[service] and { name = service,
    type = "string", doc = version.host } or nil
  M.hosts[service] = version.host
  for _, endpoint in ipairs(version.endpoints) do
    local module = ("wxbot.api.%s.%s"):format(name, endpoint)
    local description = require(module)
    M.check(module, description)
    complete(description, version.facts)
    M.all[#M.all + 1], M.by_name[description.name] = description, description
    list[#list + 1] = not description.internal and description or nil
  end
end

--- What the method of an endpoint is called.
---@param endpoint table
---@return string name
function M.method_of(endpoint)
  return (endpoint.name:gsub("^v2_", ""))
end

return M
