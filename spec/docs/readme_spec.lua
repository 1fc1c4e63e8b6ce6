-- Without this the first page that anybody reads does not run as it is written.
require "spec.support.pages".specify("README.md")
