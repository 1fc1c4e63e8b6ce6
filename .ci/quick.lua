-- Prints the specs that start no process, which `make check` runs: those whose
-- own text, and what they require of spec/, names none of STARTS.
-- .ci/busted.lua holds them to it.
local lfs = require "lfs"

local M = {}

local STARTS = { "io%.popen", "os%.execute", "spec%.process", "uv%.spawn" }

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- The modules of spec/ that a text requires whole: what says
-- `require "spec.server.start".read` starts nothing.
local function required(text)
  local names = {}
  for name, after in text:gmatch('require%s*%(?%s*"(spec%.[%w_.]+)"%)?(.?)') do
    if after ~= "." then
      names[#names + 1] = name
    end
  end
  return names
end

local function source_of(module)
  local path = module:gsub("%.", "/") .. ".lua"
  return lfs.attributes(path, "mode") == "file" and read(path) or nil
end

--- Whether a spec starts a process.
---@param text string of the spec
---@param source? fun(module: string): string|nil the text of a module of spec/
---@param seen? table
---@return boolean
function M.starts_process(text, source, seen)
  source, seen = source or source_of, seen or {}
  text = text:gsub("%-%-[^\n]*", "")
  for _, pattern in ipairs(STARTS) do
    if text:find(pattern) then
      return true
    end
  end
  for _, name in ipairs(required(text)) do
    local more = not seen[name] and source(name)
    seen[name] = true
    if more and M.starts_process(more, source, seen) then
      return true
    end
  end
  return false
end

local function walk(path, visit)
  if lfs.attributes(path, "mode") ~= "directory" then
    return path:find("_spec%.lua$") and visit(path)
  end
  for name in lfs.dir(path) do
    if name:sub(1, 1) ~= "." then
      walk(path .. "/" .. name, visit)
    end
  end
end

--- The specs that start none, in order.
---@return string[]
function M.specs()
  local list = {}
  walk("spec", function(path)
    if not M.starts_process(read(path)) then
      list[#list + 1] = path
    end
  end)
  table.sort(list)
  return list
end

if arg and arg[0] and arg[0]:find("quick%.lua$") then
  print(table.concat(M.specs(), "\n"))
end

return M
