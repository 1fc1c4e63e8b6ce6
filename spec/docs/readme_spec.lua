-- Without this the first page that anybody reads does not run as it is written.
local pages = require "spec.support.pages"

pages.specify("README.md")
