-- Without this what the guide says of pushes does not run as it is written.
require "spec.support.pages".specify("docs/guide/receiving.md")
