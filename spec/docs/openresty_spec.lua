-- Without this the service of the guide does not run in nginx as it is written.
local pages = require "spec.support.pages"

pages.specify("docs/guide/openresty.md")
