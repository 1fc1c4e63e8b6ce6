-- wxbot_curl.lua over TLS.
return loadfile "spec/oom/wxbot_curl.lua"(true)
