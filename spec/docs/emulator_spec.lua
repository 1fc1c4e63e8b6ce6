-- Without this what the guide says of the sandbox and of `wxbot serve` does not
-- run as it is written.
require "spec.support.pages".specify("docs/guide/emulator.md")
