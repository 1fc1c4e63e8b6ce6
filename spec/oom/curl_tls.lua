-- curl.lua over TLS.
return loadfile "spec/oom/curl.lua"(true)
