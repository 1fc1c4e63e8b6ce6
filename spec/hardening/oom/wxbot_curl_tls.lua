-- wxbot_curl.lua over TLS.
return loadfile "spec/hardening/oom/wxbot_curl.lua"(true)
