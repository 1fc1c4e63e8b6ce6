--- nginx's own folder: its configuration, its temporary files, the way to the
-- user's files, and the secrets on their way to it.

local errors = require "wxbot.util.errors"
local nginx_conf = require "wxbot.serve.nginx_conf"
local shell = require "wxbot.serve.shell"

local concat, execute, ipairs, io_open = table.concat, os.execute, ipairs, io.open
local quote = shell.quote

local M = {}

local function write_file(path, text)
  local file, message = io_open(path, "wb")
  if not file then
    return nil, message
  end
  local ok
  ok, message = file:write(text)
  -- What was kept back is written now, or cannot be.
  local closed, why = file:close()
  return ok and closed, message or why
end

--- Writes nginx.conf.
---@return true|nil, wxbot.Error|nil
function M.write_conf(settings)
  local ok, message = write_file(settings.prefix .. "/nginx.conf",
    nginx_conf.text(settings))
  if not ok then
    return errors.unavailable("folder", "nginx.conf could not be written: " .. message)
  end
  return true
end

--- Makes the folder. By one shell, so that little stays of a starter that is
--- killed meanwhile; and never where something is: it is ours alone.
---@return true|nil, wxbot.Error|nil
function M.make(settings)
  local steps = { "mkdir -m 700 -- " .. quote(settings.prefix),
    "cd " .. quote(settings.prefix) }
  if settings.secrets then
    steps[3] = "mkfifo -m 600 account"
  end
  for _, name in ipairs(nginx_conf.files) do
    if settings[name] then
      steps[#steps + 1] = ("ln -s -- %s %s"):format(quote(settings[name]), name)
    end
  end
  local reason = shell.output("{ " .. concat(steps, " && ") .. "; } 2>&1")
  if reason ~= "" then
    return errors.unavailable("folder", "no folder of its own could be made for "
      .. "nginx: " .. reason, "TMPDIR says where")
  end
  return true
end

--- Hands the secrets over through a FIFO, held open until nginx has read them:
--- they are never in a file, whoever is killed when. Opened to be read and
--- written, it does not wait for the other side; it holds 64 KiB, they are 25 at
--- most.
---@return true|nil, wxbot.Error|nil
function M.hand_over(settings)
  local reason
  settings.account = settings.prefix .. "/account"
  settings.fifo, reason = io_open(settings.account, "r+b")
  if not settings.fifo then
    return errors.unavailable("folder", "nginx's folder: " .. reason)
  end
  settings.fifo:write(settings.secrets, "\n")
  settings.fifo:flush()
  return true
end

--- Ends handing over.
function M.close_fifo(settings)
  if settings.fifo then
    settings.fifo:close()
    settings.fifo = nil
  end
end

--- Removes the folder, if it is there.
function M.remove(settings)
  local folder = quote(settings.prefix)
  execute(("trap '' INT TERM HUP; [ ! -d %s ] || rm -rf %s"):format(folder,
    folder))
end

return M
