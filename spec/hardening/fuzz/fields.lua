-- check(fields, values): whoever reads a described field may rely on what it
-- is described as.
local CHECKS = {
  string = function(value) return type(value) == "string" end,
  number = function(value) return type(value) == "number" end,
  integer = function(value)
    return type(value) == "number" and value % 1 == 0
  end,
  boolean = function(value) return type(value) == "boolean" end,
  any = function() return true end,
}

local check

function CHECKS.object(value, field)
  check(field.fields or {}, value)
  return true
end

function CHECKS.list(value, field)
  local element = { name = 1, type = field.of or "any", fields = field.fields }
  for i = 1, #value do
    check({ element }, { value[i] })
  end
  return true
end

function check(fields, values)
  assert(type(values) == "table")
  for _, field in ipairs(fields) do
    local value = values[field.name]
    if value ~= nil then
      assert(CHECKS[field.type](value, field), field.name)
      assert(not field.enum_names
        or type(values[field.name .. "_name"]) == "string", field.name)
    else
      assert(field.type ~= "list", field.name)
    end
  end
end

return check
