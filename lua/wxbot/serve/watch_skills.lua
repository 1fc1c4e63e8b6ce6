--- Looks once a second whether the skills file was changed, and takes what it
--- says. With a fault in it the old skills stay, and the fault is said once.

local files = require "wxbot.sandbox.skills_file"

--- Makes what looks.
---@param sandbox wxbot.Sandbox made with the file's skills
---@param path string
---@param say fun(line: string) tells whoever started nginx
---@return fun() look
return function(sandbox, path, say)
  local known = files.read(path)
  return function()
    local text = files.read(path)
    if text == known then
      return
    end
    known = text
    local done, err = sandbox:load_skills(path)
    say(done and "the skills were read anew: " .. path
      or "the old skills stay: " .. err.message)
  end
end
