-- curl.lua over TLS.
return loadfile "spec/hardening/oom/curl.lua"(true)
