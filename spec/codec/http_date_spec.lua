-- Without this the clock of a server is misread, or a header that is no date is
-- taken for one.
local read = require "wxbot.codec.http_date".read

describe("the date of a header", function()
  for text, seconds in pairs{
    ["Thu, 01 Jan 1970 00:00:00 GMT"] = 0,
    ["Sun, 06 Nov 1994 08:49:37 GMT"] = 784111777,
    ["Tue, 29 Feb 2000 23:59:59 GMT"] = 951868799,
    ["Wed, 01 Mar 2000 00:00:00 GMT"] = 951868800,
    ["Sat, 31 Dec 2016 23:59:60 GMT"] = 1483228800, -- a leap second
    ["Mon, 01 Mar 2100 00:00:00 GMT"] = 4107542400,
    ["Fri, 31 Dec 9999 23:59:59 GMT"] = 253402300799,
  } do
    it("is read: " .. text, function()
      assert.equal(seconds, read(text))
    end)
  end

  it("is read as the system writes it, every day of 30 years", function()
    for seconds = 0, 30 * 366 * 86400, 86400 do
      assert.equal(seconds, read(os.date("!%a, %d %b %Y %H:%M:%S GMT", seconds)))
    end
  end)

  for _, text in ipairs{ "", "now", "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
    "Mon, 06 Nov 1994 08:49:37 GMT", -- it was a Sunday
    "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT", "Wed, 30 Feb 2000 00:00:00 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "sun, 06 nov 1994 08:49:37 gmt", "Sun, 06 Nev 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT ", " Sun, 6 Nov 1994 08:49:37 GMT",
    "Sat, 00 Jan 2000 00:00:00 GMT", ("x"):rep(100000) } do
    it("is not " .. text:sub(1, 60), function()
      assert.is_nil(read(text))
    end)
  end

  it("is not what a transport of somebody else's may have there", function()
    for _, value in pairs{ 784111777, {}, true } do
      assert.is_nil(read(value))
    end
    assert.is_nil(read(nil))
  end)
end)
