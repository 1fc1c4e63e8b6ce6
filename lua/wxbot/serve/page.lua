--- The files of the page at /_wxbot/, from where wxbot is installed.

local responses = require "wxbot.util.response"

local io_open, package = io.open, package

local M = {}

local TYPES = {
  html = "text/html; charset=utf-8", css = "text/css; charset=utf-8",
  js = "text/javascript; charset=utf-8", svg = "image/svg+xml",
}

-- The page loads what lies beside it, and nothing else; nobody frames it.
local POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; "
  .. "frame-ancestors 'none'"

local function folder()
  local here = package.searchpath("wxbot.serve.page", package.path)
  return (here:gsub("page%.lua$", "console/"))
end

local function read(path)
  local file = io_open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

--- Answers a request for a file.
---@param name string what follows /_wxbot/
---@return table response
function M.answer(name)
  name = name == "" and "index.html" or name
  local kind = name:match("^[a-z0-9_-]+%.([a-z]+)$")
  local text = TYPES[kind] and read(folder() .. name)
  if not text then
    return responses.text(404, "404 not found\n")
  end
  local response = responses.text(200, text)
  local headers = response.headers
  headers["content-type"] = TYPES[kind]
  headers["content-security-policy"] = POLICY
  headers["x-content-type-options"] = "nosniff"
  headers["referrer-policy"] = "no-referrer"
  headers["cache-control"] = "no-store"
  return response
end

return M
