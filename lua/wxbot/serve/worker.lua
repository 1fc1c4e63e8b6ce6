--- Inside nginx: what gives the requests to what is served, wxbot.serve.sandbox
-- or wxbot.serve.receiver.
--
-- What the starter must know goes to stdout, one line each: "failed WHY TEXT"
-- or "ready".

local native = require "wxbot.serve.native"
local ngx = require "ngx"
local reply = require "wxbot.serve.reply"

local exit, getenv, time = os.exit, os.getenv, os.time
local assert, error, pairs = assert, error, pairs
local pcall, require = pcall, require
local tonumber, tostring, type = tonumber, tostring, type
local concat, execute = table.concat, os.execute
local io_open, stderr, stdout = io.open, io.stderr, io.stdout

local M = {}

-- How long a body may take, however slowly it drips.
local BODY_DEADLINE = 10

local prefix
local respond -- takes a request, gives a response
local last_word -- may have something to say at the end

local function say(...)
  stdout:write(concat({ ... }, " "), "\n")
  return stdout:flush()
end

local function is_orphan()
  local parent = native.parent()
  return parent ~= nil and parent ~= tonumber(getenv("WXBOT_SERVE_PARENT"))
end

local function remove_folder()
  execute("rm -rf '" .. prefix:gsub("'", "'\\''") .. "'")
end

-- The starter cleans up, unless it has gone.
local function fail(why, text)
  local heard = say("failed", why, (tostring(text or ""):gsub("%s+", " ")))
  if not heard or is_orphan() then
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

--- Makes what is served, or ends nginx before it listens.
---@param settings table host, port, prefix, service, and what the service takes
function M.init(settings)
  prefix = settings.prefix
  local free, busy = native.can_listen(settings.host, settings.port)
  if not free then
    fail(busy)
  end
  math.randomseed(time())
  local loaded, service, why, message = pcall(load_service, settings)
  if not loaded then
    fail("load", reason_of(tostring(service)))
  elseif not service then
    fail(why, message)
  end
  respond, last_word = service, why
end

--- Tells the starter that connections are taken.
function M.ready()
  -- Only now nginx has a handler for the signal that this asks for.
  native.end_with_parent()
  -- A signal just before nginx begins to wait would be seen when it wakes.
  ngx.timer.every(1, function() end)
  if is_orphan() or not say("ready") then
    remove_folder()
    exit(1)
  end
end

--- Says what there is left to say, and removes the folder: whoever ends nginx
--- may have ended its starter as well.
function M.leave()
  if last_word then
    last_word()
  end
  if prefix then
    native.hush()
    remove_folder()
  end
end

-- ----------------------------------------------------------------- requests

-- Waits for the body; false when its time is over. A body that is broken or
-- too long nginx answers by itself; whatever else fails is raised.
local function read_body()
  local thread = ngx.thread
  local ended = false
  local reader = thread.spawn(function()
    ngx.req.read_body()
    ended = true
  end)
  if not ended then
    local guard = thread.spawn(function()
      ngx.sleep(BODY_DEADLINE)
    end)
    local ok, why = thread.wait(reader, guard)
    thread.kill(guard)
    if not ok then
      error(why, 0)
    end
  end
  return ended
end

local function send(response)
  ngx.status = response.status
  for name, value in pairs(response.headers) do
    ngx.header[name] = value
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

-- The body. Sent in many small chunks it may outgrow its buffer with what
-- stands between them: nginx then keeps it in a file.
local function body_of_request()
  local body = ngx.req.get_body_data()
  local path = not body and ngx.req.get_body_file()
  if path then
    local file = assert(io_open(path, "rb"))
    body = file:read("*a")
    file:close()
  end
  return body or ""
end

local function handle()
  return respond{
    method = ngx.req.get_method(), url = ngx.var.request_uri,
    path = ngx.var.uri, query = ngx.var.args, args = ngx.req.get_uri_args(),
    headers = headers_of_request(), body = body_of_request(),
    source = ngx.var.remote_addr,
  }
end

--- Answers the request at hand.
function M.answer()
  local ran, response = pcall(read_body)
  if ran and not response then
    return ngx.exit(408)
  elseif ran then
    ran, response = pcall(handle)
  end
  if not ran then
    stderr:write("internal error: ", tostring(response), "\n")
    response = reply.text(500, "500 internal error\n")
  end
  send(response)
end

return M
