--- A text without the blanks around it. In two steps: a single pattern looks
-- for the end of the text anew at each of many blanks within it.
---@param text string
---@return string
return function(text)
  local from = text:find("[^ \t-\r]")
  return from and text:match(".*[^ \t-\r]", from) or ""
end
