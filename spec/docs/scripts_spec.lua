-- Without this the blocks about scripts and many calls do not run as written.
local pages = require "spec.support.pages"

pages.specify("docs/guide/scripts.md")
