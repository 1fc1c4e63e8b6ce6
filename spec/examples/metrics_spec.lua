-- Without this the metrics of the example are not text that Prometheus reads.
--
-- In a script, and inside nginx with a dictionary that workers share.
local metrics_of = dofile("examples/metrics.lua")
local wxbot = require "wxbot"

local ngx = package.loaded.ngx

-- Reads the text as Prometheus does: metric -> labels -> value. Raises where it
-- would refuse.
local function parsed(text)
  local samples, types, family = {}, {}, nil
  assert(text:sub(-1) == "\n")
  for line in text:gmatch("([^\n]*)\n") do
    local kind, name, rest = line:match("^# (%u+) ([a-z_]+) (.+)$")
    if kind == "HELP" then
      assert.is_nil(types[name])
      family = name
    elseif kind == "TYPE" then
      assert.equal(family, name)
      types[name] = rest
    else
      local metric, labels, value = line:match("^([a-z_]+){(.*)} (%S+)$")
      assert(metric and tonumber(value), line)
      assert.equal(family, (metric:gsub("_count$", ""):gsub("_sum$", "")))
      assert.equal("", (labels:gsub('[a-z]+="[a-z0-9_]+",?', "")))
      samples[metric] = samples[metric] or {}
      assert.is_nil(samples[metric][labels])
      samples[metric][labels] = tonumber(value)
    end
  end
  return samples, types
end

describe("examples/metrics.lua", function()
  local metrics

  before_each(function()
    if ngx then
      ngx.shared.metrics:flush_all()
      ngx.shared.metrics:flush_expired()
    end
    metrics = metrics_of.new(ngx and ngx.shared.metrics)
  end)

  it("has families without a number before the first call", function()
    local samples, types = parsed(metrics.text())
    assert.same({}, samples)
    assert.same({ wxbot_requests_total = "counter",
      wxbot_request_seconds = "summary" }, types)
  end)

  it("counts the attempts of a bot by endpoint and outcome", function()
    local sandbox = wxbot.sandbox{}
    local options = sandbox:credentials()
    options.transport, options.on_call = sandbox, metrics.on_call
    local bot = assert(wxbot.new(options))
    assert(bot:ask{ userid = "u", query = "你好" })
    sandbox:fail{ endpoint = "aibot", status = 429, times = 1 }
    assert(bot:ask{ userid = "u", query = "你好" })
    assert(bot:sign{ userid = "u" })
    local samples = parsed(metrics.text())
    assert.same({ ['endpoint="aibot",outcome="ok"'] = 2,
      ['endpoint="aibot",outcome="unavailable"'] = 1,
      ['endpoint="sign",outcome="ok"'] = 1 }, samples.wxbot_requests_total)
    assert.same({ ['endpoint="aibot"'] = 3, ['endpoint="sign"'] = 1 },
      samples.wxbot_request_seconds_count)
  end)

  it("adds up seconds", function()
    for _, milliseconds in ipairs{ 35, 1200, 0.5 } do
      metrics.on_call{ endpoint = "aibot", milliseconds = milliseconds }
    end
    assert.is_true(math.abs(1.2355 - parsed(metrics.text())
      .wxbot_request_seconds_sum['endpoint="aibot"']) < 1e-9)
  end)
end)
