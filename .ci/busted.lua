-- busted's own command asks for a `lua` and picks the interpreter by a flag;
-- started like this it runs on the Lua that runs this file.
require "busted.runner" { standalone = false }
