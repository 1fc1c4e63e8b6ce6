-- Without this the first steps of a new user lead nowhere.
require "spec.support.pages".specify("docs/guide/getting-started.md")
