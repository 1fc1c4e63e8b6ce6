-- What a document is that cannot be read as XML.

local core = require "wxbot.core"
local json = require "wxbot.codec.json"

-- Text behind the end of a CDATA section in which another end stands.
local function has_cdata_end(document)
  local at = 1
  while true do
    local _, stop = document:find("<![CDATA[", at, true)
    local _, first = document:find("]]>", stop or #document + 1, true)
    if not first then
      return false
    end
    local markup = document:find("<", first, true) or #document
    local again = document:find("]]>", first + 1, true)
    if again and again < markup then
      return true
    end
    at = first
  end
end

-- Named or numbered, or else it has to be written as &amp;. Of a name that is
-- none, or a < in a text, the parser's own words tell.
local function has_ampersand(document)
  local at = 1
  while true do
    local first, stop = document:find("<![CDATA[", at, true)
    if document:sub(at, first and first - 1):find("&[^A-Za-z#]") then
      return true
    end
    local _, last = document:find("]]>", stop or #document + 1, true)
    if not last then
      return false
    end
    at = last + 1
  end
end

return function(_, call)
  local document = call.opened
  if not core.utf8_valid(document) then
    return { "not_utf8" }
  elseif json.is_object(document) then
    return { "json_for_xml" }
  elseif document:find("<!DOCTYPE", 1, true)
      or document:find("<!ENTITY", 1, true) then
    return { "doctype" }
  elseif has_cdata_end(document) then
    return { "cdata_end" }
  elseif has_ampersand(document) then
    return { "ampersand" }
  end
end
