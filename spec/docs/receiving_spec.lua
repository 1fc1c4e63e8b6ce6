-- Without this what the guide says of pushes does not run as it is written.
local pages = require "spec.support.pages"

pages.specify("docs/guide/receiving.md")
