-- Without this the blocks about game servers and skynet do not run as written.
require "spec.support.pages".specify("docs/guide/game-servers.md")
