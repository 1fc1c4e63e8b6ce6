-- Numbers of a bot's calls for Prometheus, counted by its on_call.
--
--   local metrics = dofile("examples/metrics.lua").new()
--   local bot = wxbot.new{ on_call = metrics.on_call, … }
--   metrics.text()   what GET /metrics answers, as text/plain; version=0.0.4
--
-- A script that answers nobody writes the text to a file (the textfile collector
-- of the node exporter). In nginx, where it counts for all workers, give it a
-- dictionary: `lua_shared_dict metrics 1m;` and new(ngx.shared.metrics).

local FAMILIES = {
  { "wxbot_requests_total", "counter", "Requests to the platform." },
  { "wxbot_request_seconds", "summary", "Seconds that they took." },
}

local M = {}

--- Makes a counter.
---@param dict table|nil of ngx.shared, for nothing else; a table of its own without
---@return table metrics on_call, for the bot; text()
function M.new(dict)
  local metrics, values = {}, {}

  local function add(number, key, ...)
    key = key:format(...) -- endpoints and kinds are words, with nothing to escape
    if dict then
      dict:incr(key, number, 0)
    else
      values[key] = (values[key] or 0) + number
    end
  end

  function metrics.on_call(attempt)
    local endpoint = attempt.endpoint
    add(1, 'wxbot_requests_total{endpoint="%s",outcome="%s"}', endpoint,
      attempt.kind or "ok")
    add(1, 'wxbot_request_seconds_count{endpoint="%s"}', endpoint)
    add(attempt.milliseconds / 1000,
      'wxbot_request_seconds_sum{endpoint="%s"}', endpoint)
  end

  function metrics.text()
    local lines, shown = {}, dict and {} or values
    for _, key in ipairs(dict and dict:get_keys(0) or {}) do
      shown[key] = dict:get(key)
    end
    for _, family in ipairs(FAMILIES) do
      local name, kind, help = family[1], family[2], family[3]
      lines[#lines + 1] = ("# HELP %s %s\n# TYPE %s %s"):format(name, help, name,
        kind)
      for key, value in pairs(shown) do
        if key:sub(1, #name) == name then
          lines[#lines + 1] = ("%s %.14g"):format(key, value)
        end
      end
    end
    return table.concat(lines, "\n") .. "\n"
  end

  return metrics
end

return M
