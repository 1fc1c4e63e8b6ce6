-- Numbers of a bot's calls for Prometheus, counted by its on_call.
--
--   local metrics = dofile("examples/metrics.lua").new()
--   local bot = wxbot.new{ on_call = metrics.on_call, … }
--   metrics.text()   what GET /metrics answers, as text/plain; version=0.0.4
--
-- A script that answers nobody writes the text to a file (the textfile collector
-- of the node exporter). In nginx, where it counts for all workers, give it a
-- dictionary: `lua_shared_dict metrics 1m;` and new(ngx.shared.metrics).

local HEADS = {
  wxbot_requests_total = "# HELP wxbot_requests_total Requests to the platform."
    .. "\n# TYPE wxbot_requests_total counter",
  wxbot_request_seconds = "# HELP wxbot_request_seconds Seconds that they took."
    .. "\n# TYPE wxbot_request_seconds summary",
}

-- What it needs of a dictionary of nginx.
local memory = { get = rawget }
memory.__index = memory

function memory:incr(key, by, init)
  self[key] = (self[key] or init) + by
end

function memory:get_keys()
  local keys = {}
  for key in pairs(self) do
    keys[#keys + 1] = key
  end
  return keys
end

local ESCAPED = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

local function label(name, value)
  return ('%s="%s"'):format(name, (value:gsub('[\\"\n]', ESCAPED)))
end

local M = {}

--- Makes a counter.
---@param dict table|nil of ngx.shared, for nothing else; a table of its own without
---@return table metrics on_call, for the bot; text()
function M.new(dict)
  dict = dict or setmetatable({}, memory)
  local metrics = {}

  function metrics.on_call(attempt)
    local endpoint = label("endpoint", attempt.endpoint)
    dict:incr(("wxbot_requests_total{%s,%s}"):format(endpoint,
      label("outcome", attempt.kind or "ok")), 1, 0)
    dict:incr(("wxbot_request_seconds_count{%s}"):format(endpoint), 1, 0)
    dict:incr(("wxbot_request_seconds_sum{%s}"):format(endpoint),
      attempt.milliseconds / 1000, 0)
  end

  function metrics.text()
    local lines, keys = {}, dict:get_keys(0)
    table.sort(keys)
    for name, head in pairs(HEADS) do
      lines[#lines + 1] = head
      for _, key in ipairs(keys) do
        if key:sub(1, #name) == name then
          lines[#lines + 1] = ("%s %.14g"):format(key, dict:get(key))
        end
      end
    end
    return table.concat(lines, "\n") .. "\n"
  end

  return metrics
end

return M
