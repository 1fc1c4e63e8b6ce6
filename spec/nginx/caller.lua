-- The caller's side in resty_spec: makes the call that a request describes,
-- in the phase and under the directives of where it was asked to.
local json = require "wxbot.codec.json"
local resty = require "wxbot.transport.resty"

local M = {}

function M.serve()
  ngx.req.read_body()
  local asked = assert(json.decode(ngx.req.get_body_data()))
  local transport = resty.new(asked.options)
  local response, err = transport:request(asked.request)
  local text = assert(json.encode(response and { response = response }
    or { err = { kind = err.kind, code = err.code, sent = err.sent,
      message = err.message } }))
  ngx.header["Content-Length"] = #text
  ngx.print(text)
  ngx.exit(200)
end

return M
