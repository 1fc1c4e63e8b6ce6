-- Without this the first steps of a new user lead nowhere.
local pages = require "spec.support.pages"

pages.specify("docs/guide/getting-started.md")
