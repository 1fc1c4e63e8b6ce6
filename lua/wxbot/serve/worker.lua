--- Inside nginx: what gives the requests to what is served, wxbot.serve.sandbox
-- or wxbot.serve.receiver.
--
-- What the starter must know goes to its pipe, one line each: "failed WHY TEXT",
-- "ready", "log TEXT" or "request TEXT" (wxbot.serve.request_line). No line waits
-- for a reader: what does not fit is lost, and how much was is said as soon as
-- there is room.

local posix = require "wxbot.serve.posix"
local ngx = require "ngx"
local responses = require "wxbot.util.response"
local resty_body = require "wxbot.transport.resty.body"

local package = package
local exit, getenv, time = os.exit, os.getenv, os.time
local pairs, pcall, require = pairs, pcall, require
local tonumber, tostring, type = tonumber, tostring, type
local concat, execute = table.concat, os.execute
local exit_request = ngx.exit

local M = {}

-- How long a body may take, however slowly it drips.
local BODY_DEADLINE = 5

-- nginx's own word for a connection that is closed without an answer.
local CUT = 444

local prefix
local answer_to -- takes a request, gives a response
local last_word -- may have something to say at the end
local begin -- may have something to do once there are timers; it may wait
local lost = 0 -- lines that did not fit since one did

local function escape(byte)
  return byte == "\n" and "\\n" or ("\\x%02x"):format(byte:byte())
end

-- The beginning of a line that is too long, in whole characters.
local function cut(line)
  local length = posix.LONGEST_LINE - #" …\n"
  while line:find("^[\128-\191]", length + 1) do
    length = length - 1
  end
  return line:sub(1, length) .. " …"
end

-- A line of the protocol above. Text of strangers makes no second one.
local function write(kind, text)
  local line = kind .. " " .. text:gsub("[%z\1-\8\10-\31\127]", escape)
  if #line >= posix.LONGEST_LINE then
    line = cut(line)
  end
  return posix.write(line .. "\n")
end

local function say_lost()
  if lost > 0 and write("log", lost .. " lines are missing here: nobody read "
      .. "them in time") then
    lost = 0
  end
  return lost == 0
end

-- Tells whoever started nginx. Of another kind than "log" it is for the command.
local function say(text, kind)
  if not (say_lost() and write(kind or "log", text)) then
    lost = lost + 1
  end
end

local function is_orphan()
  local parent = posix.parent()
  return parent ~= nil and parent ~= tonumber(getenv("WXBOT_SERVE_PARENT"))
end

-- A shell would let signals end the command that it waits for.
local function remove_folder()
  execute("exec rm -rf '" .. prefix:gsub("'", "'\\''") .. "'")
end

-- The starter cleans up, unless it has gone.
local function fail(why, text)
  local line = why .. " " .. tostring(text or ""):gsub("[\r\n\t ]+", " ")
  if is_orphan() or not write("failed", line) then
    remove_folder()
  end
  exit(1)
end

-- The list of places that were searched says nothing to a user.
local function reason_of(message)
  return (message:gsub("\n%s*no [^\n]*", ""):gsub(":%s*$", ""))
end

local function load_service(settings)
  return require("wxbot.serve." .. settings.service).new(settings, say)
end

-- The places of modules without those of wherever one happens to stand.
local function without_relative(path)
  return ((";" .. path):gsub(";[^/;][^;]*", ""):gsub("^;", ""))
end

-- nginx is started in its own folder, for LuaJIT looks for modules where it
-- stands first. A handler's files are where the user stands.
local function settle(settings)
  prefix = settings.prefix
  package.path = without_relative(package.path)
  package.cpath = without_relative(package.cpath)
  posix.chdir(settings.here)
  posix.unblock_log()
  math.randomseed(time())
end

--- Makes what is served, or ends nginx before it listens.
---@param settings table host, port, prefix, service, and what the service takes
function M.init(settings)
  settle(settings)
  local free, busy = posix.can_listen(settings.host, settings.port)
  if not free then
    fail(busy)
  end
  local loaded, service, why, message = pcall(load_service, settings)
  if not loaded then
    fail("load", reason_of(tostring(service)))
  elseif not service then
    fail(why, message)
  end
  answer_to, last_word, begin = service, why, message
end

-- Tells the starter that what is served is ready, or why it cannot be.
local function tell_ready()
  local why, text
  if begin then
    why, text = begin()
  end
  if why then
    fail(why, text)
  elseif is_orphan() or not posix.write("ready\n") then
    remove_folder()
    exit(1)
  end
end

-- What is raised in a timer would go to a log that nobody keeps.
local function begin_serving(premature)
  local ran, raised = true, nil
  if not premature then
    ran, raised = pcall(tell_ready)
  end
  if not ran then
    fail("load", reason_of(tostring(raised)))
  end
end

--- Has what is served begin, in a timer: there it may ask others.
function M.ready()
  -- Only now nginx has a handler for the signal that this asks for.
  posix.end_with_parent()
  -- A signal just before nginx begins to wait would be seen when it wakes.
  ngx.timer.every(1, say_lost)
  ngx.timer.at(0, begin_serving)
end

--- Says what there is left to say, and removes the folder: whoever ends nginx
--- may have ended its starter as well.
function M.leave()
  if last_word then
    last_word()
  end
  if prefix then
    posix.hush()
    remove_folder()
  end
end

-- ----------------------------------------------------------------- requests

local function write_now(text)
  return ngx.print(text) and ngx.flush(true)
end

-- A response may be late, never come (cut), or have no end (stream).
local function send(response)
  if response.delay then
    ngx.sleep(response.delay)
  end
  if response.cut then
    return exit_request(CUT)
  end
  ngx.status = response.status
  for name, value in pairs(response.headers) do
    ngx.header[name] = value
  end
  if response.stream then
    return response.stream(write_now)
  end
  ngx.header["content-length"] = #response.body
  ngx.print(response.body)
end

local function headers_of_request()
  local headers = {}
  for name, value in pairs(ngx.req.get_headers(1000)) do
    headers[name] = type(value) == "table" and concat(value, ", ")
      or tostring(value)
  end
  return headers
end

local function handle(body, is_long)
  return answer_to{
    method = ngx.req.get_method(), url = ngx.var.request_uri,
    path = ngx.var.uri, query = ngx.var.args, args = ngx.req.get_uri_args(),
    headers = headers_of_request(), body = body, is_long = is_long,
    source = ngx.var.remote_addr,
  }
end

-- Sends the response of what runs, or says what it raised. Without a response
-- the body did not come in time.
local function respond(run, ...)
  local ran, response = pcall(run, ...)
  if not ran then
    say("internal error: " .. tostring(response))
    response = responses.text(500, "500 internal error\n")
  elseif not response then
    return exit_request(408)
  end
  send(response)
end

local function read_and_handle()
  local body, err = resty_body.read(BODY_DEADLINE, 1)
  if body then
    return handle(body)
  elseif err.kind == "timeout" then
    return nil
  end
  say(err.message)
  return responses.text(503, "503 try again\n")
end

--- Answers the request at hand.
function M.answer()
  respond(read_and_handle)
end

--- Answers one whose body is longer than it may be, and is not read.
function M.refuse_long()
  respond(handle, "", true)
end

return M
