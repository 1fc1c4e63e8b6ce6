-- Adds the invented endpoint to a library of which nothing is loaded yet: its
-- files as if they stood where such files stand, and its name in the list.

local FILES = {
  ["wxbot.api.account.invention_get"] = "spec/api/invented/description.lua",
  ["wxbot.sandbox.answer.invention_get"] = "spec/api/invented/answer.lua",
}

for module, path in pairs(FILES) do
  package.preload[module] = function() return dofile(path) end
end
local endpoints = require "wxbot.api.account".endpoints
endpoints[#endpoints + 1] = "invention_get"
