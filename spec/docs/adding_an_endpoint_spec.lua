-- Without this who adds an endpoint by the guide ends up with half of one.
local pages = require "spec.support.pages"

pages.specify("docs/guide/adding-an-endpoint.md")
