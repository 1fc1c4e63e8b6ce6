-- What users type and no text may hold, as XML and as JSON write it, and what
-- becomes of it.
local R = "\239\191\189"

local function both(what, written, becomes)
  return { what = what, xml = written, json = written, becomes = becomes }
end

local function json(what, written, becomes)
  return { what = what, json = written, becomes = becomes }
end

local function xml(what, written, becomes)
  return { what = what, xml = written, becomes = becomes }
end

return {
  both("a NUL", "a\0b", "a" .. R .. "b"),
  both("0x08", "a\8b", "a" .. R .. "b"),
  both("0x10", "\16", R),
  both("0x1d", "ab\29cd", "ab" .. R .. "cd"),
  both("a colour of a terminal", "\27[1mhi\27[0m", R .. "[1mhi" .. R .. "[0m"),
  both("a vertical tab and a form feed", "a\11b\12", "a" .. R .. "b" .. R),
  both("U+FFFE", "a\239\191\190", "a" .. R),
  both("U+FFFF", "\239\191\191a", R .. "a"),
  both("half a character", "好\228\189", "好" .. R),
  both("half a character in the middle", "\228\189好", R .. "好"),
  both("a continuation byte", "a\128b", "a" .. R .. "b"),
  both("three bytes of four", "\240\159\152!", R .. "!"),
  both("an overlong form", "\192\175", R .. R),
  both("a surrogate in UTF-8", "\237\160\128", R .. R .. R),
  both("a number beyond Unicode", "\244\144\128\128", R .. R .. R .. R),
  both("0xfe and 0xff", "a\254\255b", "a" .. R .. R .. "b"),
  both("the character of marks", "\239\183\144\16\239\183\14410.",
    "\239\183\144" .. R .. "\239\183\14410."),
  json("an escaped NUL", "a\\u0000b", "a" .. R .. "b"),
  json("an escaped ESC", "\\u001B[0m", R .. "[0m"),
  json("\\b and \\f", "\\b\\f\\n", R .. R .. "\n"),
  json("an escaped U+FFFE", "\\ufffe\\uFFFF", R .. R),
  json("half a pair", "a\\ud83d", "a" .. R),
  json("the other half of a pair", "\\ude00b", R .. "b"),
  json("a pair that is turned round", "\\ude00\\ud83d", R .. R),
  json("half a pair before a pair", "\\ud83d\\ud83d\\ude00", R .. "😀"),
  xml("a reference to NUL", "a&#0;b", "a" .. R .. "b"),
  xml("a reference to 0x10", "&#16;&#x10;&#x0010;", R .. R .. R),
  xml("a reference to a surrogate", "&#xD800;&#56832;", R .. R),
  xml("a reference to U+FFFE", "&#xfffe;&#65535;", R .. R),
  xml("a reference beyond Unicode", "&#x110000;&#99999999999999999999;", R .. R),
  xml("a reference like others beside", "&#13;&lt;&#1;&#x4f60;", "\r<" .. R .. "你"),
  xml("a control character in CDATA", "<![CDATA[<a>\29&#16;]]>",
    "<a>" .. R .. "&#16;"),
  xml("half a character at the end of CDATA", "<![CDATA[\228]]>x", R .. "x"),
}
