-- wxbot_curl.lua with the calls in a thread.
return loadfile "spec/hardening/oom/wxbot_curl.lua"(nil, true)
