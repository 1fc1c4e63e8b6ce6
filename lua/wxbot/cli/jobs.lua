--- Jobs of the command by name: their files, in a folder of the user's.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local files = require "wxbot.client.job.file"
local quote = require "wxbot.serve.shell".quote

local getenv, popen = os.getenv, io.popen
local assert, ipairs = assert, ipairs

local M = {}

local END = ".job"

-- Below the home of a user, where XDG_STATE_HOME says nothing.
local STATE = { "/.local", "/state" }

-- The folder of all jobs, and those above it that may be missing.
local function folders()
  local path, parents = getenv "XDG_STATE_HOME", {}
  if not (path and path:find("^/")) then
    path = getenv "HOME"
    if not (path and path:find("^/")) then
      return errors.unavailable("folder", "HOME and XDG_STATE_HOME name no "
        .. "folder for the files of jobs")
    end
    for _, part in ipairs(STATE) do
      path = path .. part
      parents[#parents + 1] = path
    end
  end
  parents[#parents + 1] = path
  parents[#parents + 1] = path .. "/wxbot"
  parents[#parents + 1] = path .. "/wxbot/jobs"
  return parents
end

local function check_name(name)
  if #name > 64 or not name:find("^[A-Za-z0-9][A-Za-z0-9._-]*$") then
    assert(errors.invalid("--job is a name of 64 letters, digits and . _ - at "
      .. "most, and begins with a letter or digit", "usage"))
  end
end

--- The file of a job. Its folder is made.
---@param name string
---@return string path
function M.path(name)
  check_name(name)
  local list = assert(folders())
  for i, folder in ipairs(list) do
    local made, reason = core.folder_make(folder)
    if not made and i == #list then
      assert(errors.unavailable("folder", ("%s cannot be made: %s"):format(
        folder, reason)))
    end
  end
  return list[#list] .. "/" .. name .. END
end

--- All jobs, by name.
---@return table[] jobs { name, path, state, err, running }
function M.list()
  local list = assert(folders())
  local folder, jobs = list[#list], {}
  local pipe = popen("LC_ALL=C ls -1 -- " .. quote(folder) .. " 2>/dev/null")
  for line in pipe:lines() do
    local name = line:match("^(.*)%.job$")
    if name then
      local path = folder .. "/" .. line
      local state, err, running = files.look(path)
      jobs[#jobs + 1] = { name = name, path = path, state = state, err = err,
        running = running }
    end
  end
  pipe:close()
  return jobs
end

return M
