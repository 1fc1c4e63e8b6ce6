-- Without this what the guide says of the sandbox and of `wxbot serve` does not
-- run as it is written.
local pages = require "spec.support.pages"

pages.specify("docs/guide/emulator.md")
