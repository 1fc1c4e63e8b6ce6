-- Without this who adds an endpoint by the guide ends up with half of one.
require "spec.support.pages".specify("docs/guide/adding-an-endpoint.md")
