-- Without this what the guide says of third parties does not run as it is written.
local pages = require "spec.support.pages"

pages.specify("docs/guide/third-parties.md")
