--- Looks once a second whether a file was changed, and has what it says taken.
--- With a fault in it the old one stays, and the fault is said once.

local io_open = io.open

-- Reading a folder fails only when it is read.
local function text_of(path)
  local file = io_open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

--- Makes what looks: `seconds` is how often.
---@param path string what stands in it now is known
---@param take fun(): any, any takes what it says; nil and why not
---@param said table taken, kept: what is said in front of the path, and of why
---@param say fun(line: string) tells whoever started nginx
---@return fun() look
return function(path, take, said, say)
  local known = text_of(path)
  return function()
    local text = text_of(path)
    if text == known then
      return
    end
    known = text
    local done, why = take()
    say(done and said.taken .. path or said.kept .. why)
  end
end
