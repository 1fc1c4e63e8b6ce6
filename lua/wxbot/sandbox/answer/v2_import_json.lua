-- The platform's side of `v2_import_json`.

local number = require "wxbot.util.text".number
local coerce = require "wxbot.sandbox.coerce"

local ipairs, type = ipairs, type
local text, texts = coerce.text, coerce.texts

local function row_of(element)
  element = type(element) == "table" and element or {}
  return { skillname = text(element.skill), title = text(element.intent),
    question = texts(element.questions), answer = texts(element.answers),
    threshold = number(element.threshold),
    old_title = text(element.old_intent) ~= "" and element.old_intent or nil,
    disabled = element.disable == true }
end

return function(platform, params)
  if type(params.data) ~= "table" then
    return nil, 110002, { "no_field", "data" }
  elseif params.mode ~= 0 and params.mode ~= 1 then
    return nil, 110002, { "field_value", "mode", params.mode, "0 or 1" }
  end
  local rows = {}
  for i, element in ipairs(params.data) do
    rows[i] = row_of(element)
  end
  return { code = 0, msg = "", data = {
    task_id = platform.content:import(rows, params.mode == 1) } }
end
