--- What is odd about a request that the platform answers all the same.

local causes = require "wxbot.sandbox.causes"

local ipairs, pairs, type = ipairs, pairs, type
local setmetatable = setmetatable

local M = {}

--- Id -> a sentence; its places are those of wxbot.sandbox.causes.
M.all = {
  unknown_field = "The platform does not know {1}, and nothing is done with it.",
  field_type = "{1} is of type {2}, where a {3} is wanted; it was taken for "
    .. "nothing.",
  no_query = "query is missing or empty: there is nothing to answer.",
  no_list = "list is missing or holds no openid: nobody was tagged.",
  openid_list = "The openid {1} looks like a list: each openid is an element "
    .. "of its own.",
  tags_forgotten = "The emulator has no room for the tags of so many users; "
    .. "those of {1}, who were tagged before all others, are forgotten.",
  old_word = "{1} is a word of the older documents; the newer one is {2}.",
  long_msg = "msg has {1} characters; longer ones than 2,000 were seen to be "
    .. "cut.",
  timestamp = "timestamp is {1} seconds away from now; the platform wants a "
    .. "fresh one.",
}

-- A body has room for 100,000 names; nobody reads as many warnings, and all that
-- are kept take memory.
local MOST = 20

--- Makes what notes a warning for the request at hand: the first 20.
---@param platform table gets `warn`, function (id, …), and `warned`
function M.add(platform)
  function platform.warn(id, ...)
    local list = platform.warned or {}
    platform.warned = list
    if #list < MOST then
      list[#list + 1] = { id, ... }
    end
  end
end

--- Takes the warnings of the request at hand.
---@param platform table
---@param hide fun(value: string): string takes secrets out of a value
---@return table[]|nil warnings { id, text, values }
function M.take(platform, hide)
  local given = platform.warned
  platform.warned = nil
  for i, warning in ipairs(given or {}) do
    local sentence = M.all[warning[1]]
    local values = causes.values(warning, hide, sentence)
    given[i] = { id = warning[1], values = values,
      text = causes.fill(sentence, values) }
  end
  return given
end

-- ------------------------------------------------------------ of any endpoint

local names = setmetatable({}, { __mode = "k", __index = function(known, fields)
  local set = {}
  for _, field in ipairs(fields) do
    set[field.name] = true
  end
  known[fields] = set
  return set
end })

-- Types of JSON, by those of descriptions.
local TYPES = { string = "string", integer = "number", number = "number",
  boolean = "boolean", list = "table", object = "table" }
local SHOWN = { table = "object or list" }

--- Looks at the members of a JSON object.
---@param warn function
---@param fields table[] description
---@param params table as sent
function M.members(warn, fields, params)
  for i = 1, #fields do
    local field = fields[i]
    local value, wanted = params[field.name], TYPES[field.type]
    if value ~= nil and wanted and type(value) ~= wanted then
      warn("field_type", field.name, SHOWN[type(value)] or type(value),
        field.type)
    end
  end
  local known = names[fields]
  for name in pairs(params) do
    if not known[name] then
      warn("unknown_field", name)
    end
  end
end

return M
