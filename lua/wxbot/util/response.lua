--- HTTP responses, as transports give them: names of headers in lower case.

local M = {}

local function new(status, body, content_type)
  return { status = status, body = body,
    headers = { ["content-type"] = content_type } }
end

---@param status integer
---@param body string
---@return table response { status, headers, body }
function M.text(status, body)
  return new(status, body, "text/plain; charset=utf-8")
end

---@param status integer
---@param body string JSON
---@return table response { status, headers, body }
function M.json(status, body)
  return new(status, body, "application/json; charset=utf-8")
end

---@param status integer
---@param body string XML
---@return table response { status, headers, body }
function M.xml(status, body)
  return new(status, body, "text/xml; charset=utf-8")
end

return M
