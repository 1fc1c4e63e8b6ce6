-- Without this the blocks about scripts and many calls do not run as written.
require "spec.support.pages".specify("docs/guide/scripts.md")
