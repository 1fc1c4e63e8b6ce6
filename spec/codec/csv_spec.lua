-- Without this quotes, separators and line ends of spreadsheets are read
-- wrongly.
local csv = require "wxbot.codec.csv"

-- Records as a text: fields in brackets, and the line where each begins; and
-- what is wrong.
local function shape(text, separator)
  local records, faults = csv.read(text, separator)
  local shown = {}
  for i, record in ipairs(records) do
    shown[i] = record.line .. "[" .. table.concat(record, "][") .. "]"
  end
  for _, fault in ipairs(faults or {}) do
    shown[#shown + 1] = fault.line .. ": " .. fault.message
  end
  return table.concat(shown, " ")
end

describe("csv.read", function()
  it("reads fields, with or without an end of the last line", function()
    assert.equal("1[a][b] 2[c][]", shape "a,b\nc,")
    assert.equal("1[a][b] 2[c][]", shape "a,b\nc,\n")
    assert.equal("1[][]", shape ",")
    assert.equal("", shape "")
  end)

  it("takes the ends of lines that Windows writes, and its mark", function()
    assert.equal("1[a][b] 2[c][d]", shape "\239\187\191a,b\r\nc,d\r\n")
    assert.equal('1[a] 2[b]', shape '"a"\r\n"b"\r\n')
  end)

  it("keeps a CR that ends no line", function()
    assert.equal("1[a\rb] 2[c\r]", shape "a\rb\nc\r")
    assert.equal("1[a\r][b]", shape "a\r,b")
  end)

  it("reads quoted fields: commas, doubled quotes, lines", function()
    assert.equal('1[a,b][say "x"][]', shape '"a,b","say ""x""",""')
    assert.equal('1[a\r\nb][c] 3[d]', shape '"a\r\nb",c\r\nd')
    assert.equal('1["]', shape '""""')
  end)

  it("leaves out empty lines, and counts them", function()
    assert.equal("2[a] 5[b]", shape "\na\n\r\n\nb\n\n")
  end)

  it("takes semicolons and tabs for the commas", function()
    assert.equal('1[a,b\tc][d;"e] 2[][]', shape('a,b\tc;"d;""e"\n;', ";"))
    assert.equal('1[a,b;c][d\t\ne] 3[f]', shape('a,b;c\t"d\t\ne"\r\nf', "\t"))
    assert.equal("1: text follows the quote that ends a field",
      shape('"a",b', ";"))
  end)

  it("says where a quote is out of place", function()
    assert.equal("1[a] 3[c] 2: a quoted field has no end", shape 'a\n"b\nc')
    assert.equal("1[a] 3: text follows the quote that ends a field",
      shape 'a\n"b\nc"d,e')
    assert.equal("1[a] 2: a quote inside a field that does not begin with one",
      shape 'a\nb"c"')
  end)

  it("goes on with the line after a quote that is out of place", function()
    assert.equal("1[a] 4[d] 2: a quote inside a field that does not begin with "
      .. "one 3: text follows the quote that ends a field",
      shape 'a\nb"\n"c"c\nd')
  end)
end)
