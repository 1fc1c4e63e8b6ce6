--- What was sent, taken as what it should be, whatever it is.

local concat, ipairs, type = table.concat, ipairs, type

local M = {}

---@param value any
---@return string text "" for anything else
function M.text(value)
  return type(value) == "string" and value or ""
end

--- Characters of a text.
---@param text string
---@return integer
function M.length(text)
  local _, count = text:gsub("[^\128-\191]", "")
  return count
end

---@param value any
---@return string[] texts those that are in it
function M.texts(value)
  local list = {}
  for _, element in ipairs(type(value) == "table" and value or {}) do
    if type(element) == "string" then
      list[#list + 1] = element
    end
  end
  return list
end

--- Names those of some fields that are missing or empty.
---@param params table
---@param names string[]
---@return string|nil list
function M.empty(params, names)
  local empty = {}
  for _, name in ipairs(names) do
    empty[#empty + 1] = (params[name] or "") == "" and name or nil
  end
  return empty[1] and concat(empty, ", ")
end

return M
