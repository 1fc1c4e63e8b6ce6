-- The platform's side in resty_spec: says what it was asked, or as told by
-- the path.
local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

local M = {}

local paths = {}

paths["/chunked"] = function()
  for _, part in ipairs{ "one ", "two ", "three" } do
    ngx.print(part)
    ngx.flush(true)
  end
end

paths["/empty"] = function()
  ngx.status = 204
end

paths["/length"] = function()
  ngx.header["Content-Length"] = tonumber(ngx.var.arg_n)
  ngx.print(("x"):rep(tonumber(ngx.var.arg_n)))
end

paths["/close"] = function()
  ngx.header["Connection"] = "close"
  ngx.print("bye")
end

paths["/late"] = function()
  ngx.sleep(tonumber(ngx.var.arg_s))
  ngx.print("late")
end

-- What there is of a body, in s seconds; without its file if `lose` is asked.
function M.body()
  if ngx.var.arg_lose then
    ngx.req.read_body()
    os.remove(ngx.req.get_body_file())
  end
  local body, err = wxbot.resty_body(tonumber(ngx.var.arg_s))
  if not body and err.kind == "timeout" then
    return ngx.exit(408)
  end
  body = body or err.kind .. ": " .. err
  ngx.header["Content-Length"] = #body
  ngx.print(body)
end

function M.serve()
  ngx.req.read_body()
  local serve = paths[ngx.var.uri]
  if serve then
    return serve()
  end
  local body = ngx.req.get_body_data() or ""
  local text = json.encode{ method = ngx.req.get_method(),
    uri = ngx.var.request_uri, body = #body < 1000 and body or #body,
    headers = ngx.req.get_headers(), connection = ngx.var.connection }
  ngx.header["Content-Length"] = #text
  ngx.print(text)
end

return M
