--- What `wxbot serve` and `wxbot receive` have in common: where they listen, and
--- how nginx is run to its end.

local interrupt = require "wxbot.cli.interrupt"
local output = require "wxbot.cli.output"
local served = require "wxbot.cli.served"

local assert, require = assert, require

local M = {}

local HOST = "127.0.0.1"

--- Flags of where a server listens.
---@param port integer the usual one
---@return table[] fields
function M.fields(port)
  return {
    { name = "port", type = "integer", arg = "N",
      doc = ("Port to listen on (default %d), 0: a free one"):format(port) },
    { name = "host", type = "string", arg = "ADDR",
      doc = "IP address to listen on (default 127.0.0.1: only programs of "
        .. "this machine reach it)" },
    { name = "tls_cert", type = "string", arg = "FILE",
      doc = "PEM file of a certificate: serve https" },
    { name = "tls_key", type = "string", arg = "FILE",
      doc = "PEM file of its key" },
  }
end

--- The address that it listens on.
---@param session wxbot.cli.Session
---@return string
function M.host(session)
  return ((session.options.host or HOST):gsub("^%[(.*)%]$", "%1"))
end

--- Runs nginx to its end; Ctrl-C is one.
---@param session wxbot.cli.Session
---@param port integer the usual one
---@param more table options of wxbot.serve
---@param on_ready fun(url: string, is_loopback: boolean)
function M.run(session, port, more, on_ready)
  local server, options = require "wxbot.serve", session.options
  more.host = M.host(session)
  more.port = options.port or port
  more.tls_cert, more.tls_key = options.tls_cert, options.tls_key
  local done, err = interrupt.catch(server.run, more, {
    on_ready = function(url)
      on_ready(url, server.is_loopback(more.host))
    end,
    on_line = output.note, on_request = served.listener(session),
  })
  if err and interrupt.caused(err) then
    err = interrupt.error{ message = "stopped" }
  end
  assert(done, err)
end

return M
