-- Locales for specs, made once below the folder of the build: a program finds
-- them with LOCPATH.
local M = {}

M.folder = (os.getenv("BUILD") or "build") .. "/locales"

-- A locale appears whole, whoever else makes it at that time.
local MAKE = [[(
  cd %s || exit
  test ! -d %s || exit 0
  new=$(mktemp -d ./new.XXXXXX) && chmod 755 "$new" || exit
  localedef -i %s -f %s "$new/made" && mv -T "$new/made" %s
  rm -rf "$new"
  test -d %s
) 2>&1; echo status $?]]

--- Makes one of them.
---@param name string "de_DE.UTF-8": a language and a charset
function M.make(name)
  local language, charset = name:match("^(.*)%.(.*)$")
  local pipe = assert(io.popen(("mkdir -p %s;"):format(M.folder)
    .. MAKE:format(M.folder, name, language, charset, name, name)))
  local output = pipe:read("*a")
  pipe:close()
  assert(output:find("status 0%s*$"), output)
end

return M
