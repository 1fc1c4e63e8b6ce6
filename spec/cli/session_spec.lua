-- Without this pauses on the embedded sandbox need libcurl, or swallow Ctrl-C.
local errors = require "wxbot.util.errors"
local session = require "wxbot.cli.session"
local wxbot = require "wxbot"

describe("a pause on the embedded sandbox", function()
  local curl, new_curl = rawget(wxbot, "curl"), nil

  before_each(function()
    wxbot.curl = function() return new_curl() end
  end)

  after_each(function()
    wxbot.curl = curl
  end)

  local function pause()
    local transport = assert(session.new{ sandbox = true }).transport
    local before = transport:now()
    transport:sleep(5)
    return transport:now() - before
  end

  it("takes no time where libcurl is missing", function()
    new_curl = function()
      return nil, errors.new{ kind = "unavailable", code = "load",
        message = "module 'wxbot.curl' not found" }
    end
    assert.is_true(pause() >= 5)
  end)

  it("does not take ^C for a libcurl that is missing", function()
    new_curl = function() error("session.lua:28: interrupted!", 0) end
    local ok, message = pcall(pause)
    assert.is_false(ok)
    assert.matches("interrupted!", message)
  end)
end)
