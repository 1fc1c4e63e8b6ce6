--- nginx as a child: started, listened to and stopped.

local request_line = require "wxbot.serve.request_line"
local shell = require "wxbot.serve.shell"

local concat, execute, io_type = table.concat, os.execute, io.type
local quote = shell.quote

local M = {}

-- The shell becomes nginx: it must be our own child to end with us. What is
-- sent to all of us is for the starter until nginx has handlers of its own, and
-- then looks whether there is one. Neither the user's Lua nor the secrets are
-- in its environment; the folder where it stands holds no modules.
local COMMAND = "trap '' HUP INT TERM; echo $$; "
  .. "ulimit -S -n %d 2>/dev/null; cd %s; "
  .. "unset NGINX LUA_PATH LUA_CPATH WXBOT_TOKEN WXBOT_AES_KEY "
  .. "WXBOT_ACCESS_TOKEN WXBOT_SECRET WXBOT_REDIS_PASSWORD HTTPS_PROXY "
  .. "https_proxy; "
  .. "WXBOT_SERVE_PARENT=$PPID exec %s -p %s/ -c nginx.conf -e stderr "
  .. "</dev/null 2>&1"

--- Starts nginx.
---@return table child
function M.start(settings)
  local prefix = quote(settings.prefix)
  local pipe = shell.open(COMMAND:format(settings.files, prefix,
    quote(settings.nginx), prefix))
  local child = { pipe = pipe, said = {} }
  child.pid = pipe:read("*l")
  return child
end

-- The lines that it says. Not pipe:lines(): that raises when a signal ends the
-- wait, before Ctrl-C has had a chance to.
local function lines_of(child)
  return function()
    return (child.pipe:read("*l"))
  end
end

--- Passes on what it says until its end.
---@param child table
---@param on_line fun(line: string)
---@param on_request fun(request: table)|nil hears of requests, if anybody does
function M.follow(child, on_line, on_request)
  for line in lines_of(child) do
    local request = line:match("^request (.*)$")
    request = request and request_line.read(request)
    if not request then
      on_line((line:gsub("^log ", "")))
    elseif on_request then
      on_request(request)
    end
  end
end

--- Ends nginx, if it has not ended, hears its last words and waits for its end.
---@param child table
---@param on_line fun(line: string)
---@return integer|nil signal that it ended by; unknown on LuaJIT
function M.stop(child, on_line)
  if child.pid then
    execute("kill -QUIT " .. child.pid .. " 2>/dev/null")
  end
  if io_type(child.pipe) == "file" then
    M.follow(child, on_line)
    child.pid = nil -- another process may soon have it
    local _, how, number = child.pipe:close()
    return how == "signal" and number or nil
  end
end

--- Reads what it says until it takes connections.
---@param child table
---@param on_line fun(line: string)
---@return true|nil
---@return string|nil why with nil: a word of wxbot.serve.failures
---@return string|nil text with nil
function M.wait_until_ready(child, on_line)
  for line in lines_of(child) do
    local kind, text = line:match("^(%l+) ?(.*)$")
    if kind == "ready" then
      return true
    elseif kind == "failed" then
      return nil, text:match("^(%l+) (.*)$")
    elseif kind == "log" then
      on_line(text)
    else
      child.said[#child.said + 1] = line
    end
  end
  local said = concat(child.said, " ")
  -- Whoever else wanted the port was between our look and nginx's.
  if said:find("Address already in use", 1, true) then
    return nil, "busy"
  end
  return nil, "nginx", said
end

return M
