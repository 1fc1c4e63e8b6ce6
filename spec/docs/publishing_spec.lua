-- Without this the blocks about publishing do not run as written.
local pages = require "spec.support.pages"

pages.specify("docs/guide/publishing.md")
