--- serve: the sandbox over HTTP.

local errors = require "wxbot.util.errors"
local fields = require "wxbot.api.fields"
local json = require "wxbot.codec.json"
local listening = require "wxbot.cli.listening"
local output = require "wxbot.cli.output"
local push = require "wxbot.sandbox.push"
local sandboxes = require "wxbot.sandbox"
local served = require "wxbot.cli.served"
local wxbot = require "wxbot"

local concat = table.concat
local assert, ipairs, next, require = assert, ipairs, next, require

local PORT = 8080

local SERVE = fields.list({
  { name = "example_credentials", type = "boolean",
    doc = "Take the public credentials of the platform's documents, also where "
      .. "own ones are given" },
  { name = "state", type = "string", arg = "FILE",
    doc = "File that keeps what the platform remembers; made when there is "
      .. "none" },
  { name = "callback", type = "list", of = "string", arg = "KIND=URL",
    doc = "Where it pushes to by itself; KIND is "
      .. concat(push.kinds, ", ") },
}, listening.fields(PORT))

-- The addresses of --callback, by kind.
local function callbacks_of(options)
  local urls = {}
  for _, given in ipairs(options.callback or {}) do
    local kind, url = given:match("^([a-z_]+)=(.+)$")
    if not kind or urls[kind] then
      assert(errors.invalid(kind and "--callback names " .. kind .. " twice"
        or "--callback must be KIND=URL", "callback"))
    end
    urls[kind] = url
  end
  return urls
end

local function serve(session)
  local own = served.own_credentials(session)
  -- Made again inside nginx; here so that wrong skills and wrong credentials
  -- are known at once.
  local skills = session.options.skills
  local callbacks = callbacks_of(session.options)
  local options = served.options(own, skills)
  options.callbacks = callbacks
  local sandbox = assert(wxbot.sandbox(options))
  for _, missing in ipairs(sandboxes.unanswered()) do
    output.note(("warning: the sandbox has no answer for %s, and says so with "
      .. "status 501: %s"):format(missing[1], missing[2]))
  end
  if own and not require "wxbot.serve".is_loopback(listening.host(session)) then
    served.refuse_host(session)
  end
  listening.run(session, PORT, { skills = skills,
    account = own and assert(json.encode(own)), state = session.options.state,
    ca_file = session.options.ca_file,
    callbacks = next(callbacks) and assert(json.encode(callbacks)),
  }, function(url, is_loopback)
    if not is_loopback then
      output.note(("warning: everybody who reaches %s can use it, and it "
        .. "tells them why a message does not decrypt, as the platform does")
        :format(session.options.host))
    end
    session:show(served.told(sandbox, url, own), nil, served.show)
  end)
end

return {
  { name = "serve", summary = "Serve the sandbox over HTTP, with nginx",
    doc = "Ctrl-C ends it. --skills says what it talks about.",
    prints = "the url, and its credentials as a shell takes them",
    json = { { name = "url", doc = "Where it is" },
      { name = "appid", doc = "Its credentials; likewise token, aes_key, "
        .. "access_token and managerid" } },
    fields = SERVE, run = serve },
}
