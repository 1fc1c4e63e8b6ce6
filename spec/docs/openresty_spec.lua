-- Without this the service of the guide does not run in nginx as it is written.
require "spec.support.pages".specify("docs/guide/openresty.md")
