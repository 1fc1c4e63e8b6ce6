-- Without this the blocks about game servers and skynet do not run as written.
local pages = require "spec.support.pages"

pages.specify("docs/guide/game-servers.md")
