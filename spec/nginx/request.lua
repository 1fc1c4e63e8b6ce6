-- What a request to /request does: the spec says, `run` is a function.

return { run = nil }
