--- serve.

local config = require "wxbot.cli.config"
local demo = require "wxbot.sandbox.demo"
local interrupt = require "wxbot.cli.interrupt"
local output = require "wxbot.cli.output"
local wxbot = require "wxbot"

local error, ipairs, pcall, require = error, ipairs, pcall, require

local HOST, PORT = "127.0.0.1", 8080

local FIELDS = {
  { name = "port", type = "integer", arg = "N",
    doc = "Port to listen on, 0: a free one (8080)" },
  { name = "host", type = "string", arg = "ADDR",
    doc = "IP address to listen on (127.0.0.1: only programs of this machine "
      .. "reach it)" },
  { name = "tls_cert", type = "string", arg = "FILE",
    doc = "PEM file of a certificate: serve https" },
  { name = "tls_key", type = "string", arg = "FILE",
    doc = "PEM file of its key" },
}

local NAMES = { "appid", "token", "aes_key", "access_token", "managerid" }

local function show(url, credentials)
  output.print("url: " .. url)
  output.print("use: wxbot --base-url " .. url .. " ask 你好")
  output.print("with these credentials, the public examples of the "
    .. "platform's documents:")
  for _, name in ipairs(NAMES) do
    output.print(("export %s=%s"):format(config.variables[name],
      credentials[name]))
  end
  output.print("stop: Ctrl-C")
end

local function show_json(url, credentials)
  local shown = { url = url }
  for _, name in ipairs(NAMES) do
    shown[name] = credentials[name]
  end
  output.json(shown)
end

local function warn(host)
  output.note(("warning: everybody who reaches %s can use it, and it tells "
    .. "them why a message does not decrypt, as the platform does"):format(host))
end

local function serve(session)
  local options = session.options
  -- Made again inside nginx; here so that wrong skills are known at once.
  local sandbox, err = wxbot.sandbox{ skills = options.skills }
  if not sandbox then
    return nil, err
  end
  local credentials = sandbox:credentials()
  credentials.managerid = demo.administrator
  local host = (options.host or HOST):gsub("^%[(.*)%]$", "%1")
  local server = require "wxbot.serve"
  local ran, done
  ran, done, err = pcall(server.run, {
    host = host, port = options.port or PORT, skills = options.skills,
    tls_cert = options.tls_cert, tls_key = options.tls_key,
  }, {
    on_ready = function(url)
      if not server.is_loopback(host) then
        warn(host)
      end
      local tell = session.json and show_json or show
      tell(url, credentials)
    end,
    on_line = output.note,
  })
  if not ran and interrupt.caused(done) then
    return nil, interrupt.error{ message = "stopped" }
  elseif not ran then
    error(done, 0)
  end
  return done, err
end

return {
  { name = "serve", summary = "Serve the sandbox over HTTP, with nginx",
    doc = "Ctrl-C ends it. --skills says what it talks about.",
    fields = FIELDS, run = serve },
}
