-- XML that no receiver may take. Each is made around elements which, in
-- `<xml>…</xml>`, would be taken; an event is something that may stand there.
local function around(head, tail)
  return function(elements)
    return head .. elements .. tail
  end
end

local function event(text)
  return around("<xml>", "<event>" .. text .. "</event></xml>")
end

-- Ten entities of ten of the next: 10^9 copies of three bytes.
local function laughs()
  local out = { '<!DOCTYPE xml [<!ENTITY a0 "lol">' }
  for i = 1, 9 do
    out[#out + 1] = ('<!ENTITY a%d "%s">'):format(i, ("&a%d;"):format(i - 1)
      :rep(10))
  end
  return table.concat(out) .. "]>"
end

local QUADRATIC = '<!DOCTYPE xml [<!ENTITY a "' .. ("x"):rep(50000) .. '">]>'

local function transcoded(text)
  return "\255\254" .. text:gsub(".", "%0\0")
end

return {
  ["nothing at all"] = function() return "" end,
  ["only space"] = function() return " \n" end,
  ["an empty root"] = function() return "<xml/>" end,
  ["space in the root only"] = function() return "<xml> \n </xml>" end,
  ["a DOCTYPE"] = around("<!DOCTYPE xml><xml>", "</xml>"),
  ["an internal subset"] = around('<!DOCTYPE xml [<!ENTITY x "y">]><xml>',
    "<event>&x;</event></xml>"),
  ["an empty internal subset"] = around("<!DOCTYPE xml []><xml>", "</xml>"),
  ["an external DTD"] = around(
    '<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml>', "</xml>"),
  ["a public DTD"] = around('<!DOCTYPE xml PUBLIC "a" "b"><xml>', "</xml>"),
  ["an external entity"] = around('<!DOCTYPE xml [<!ENTITY x SYSTEM '
    .. '"file:///etc/passwd">]><xml>', "<event>&x;</event></xml>"),
  ["a parameter entity"] = around(
    '<!DOCTYPE xml [<!ENTITY % x "y"> %x;]><xml>', "</xml>"),
  ["a billion laughs"] = around(laughs() .. "<xml>",
    "<event>&a9;</event></xml>"),
  ["an entity used often"] = around(QUADRATIC .. "<xml>",
    "<event>" .. ("&a;"):rep(5000) .. "</event></xml>"),
  ["an unknown entity"] = event "&x;",
  ["a bare <"] = event "a < b",
  ["a bare &"] = event "a & b",
  ["]]> in text"] = event "]]>",
  ["an unterminated CDATA section"] = around("<xml>", "<event><![CDATA[x"),
  ["a nested CDATA section"] = event "<![CDATA[<![CDATA[x]]>]]>",
  ["a comment with --"] = around("<xml><!-- a -- b -->", "</xml>"),
  ["an instruction"] = around("<xml><?php x ?>", "</xml>"),
  ["an instruction before the root"] = around("<?php x ?><xml>", "</xml>"),
  ["UTF-16 by name"] = around('<?xml version="1.0" encoding="UTF-16"?><xml>',
    "</xml>"),
  ["UTF-16 by its bytes"] = function(elements)
    return transcoded("<xml>" .. elements .. "</xml>")
  end,
  ["GBK"] = around('<?xml version="1.0" encoding="GBK"?><xml>', "</xml>"),
  ["two byte order marks"] = around("\239\187\191\239\187\191<xml>", "</xml>"),
  ["an attribute of the root"] = around('<xml a="b">', "</xml>"),
  ["an attribute"] = around("<xml>", '<event a="b">x</event></xml>'),
  ["a namespace"] = around('<xml xmlns="a">', "</xml>"),
  ["a prefix"] = around("<xml>", "<a:b/></xml>"),
  ["two roots"] = around("<xml>", "</xml><xml/>"),
  ["bytes behind the root"] = around("<xml>", "</xml>x"),
  ["bytes before the root"] = around("x<xml>", "</xml>"),
  ["another root"] = around("<xmm>", "</xmm>"),
  ["a root in capitals"] = around("<XML>", "</XML>"),
  ["a root around the root"] = around("<a><xml>", "</xml></a>"),
  ["an end tag that does not match"] = around("<xml>",
    "<event>x</evenu></xml>"),
  ["an element left open"] = around("<xml>", "<event>x</xml>"),
  ["no end"] = around("<xml>", ""),
  ["&#;"] = event "&#;",
  ["a decimal reference with a letter"] = event "&#1f;",
  ["a reference without an end"] = event "&#16 ",
  ["a control character in a reference"] = event "&#1\0166;",
  ["a control character in a name"] = around("<xml>", "<ev\16nt>x</ev\16nt></xml>"),
  ["bad UTF-8 in a name"] = around("<xml>", "<ev\255>x</ev\255></xml>"),
  ["a NUL in a tag"] = around("<xml>", "<event\0>x</event></xml>"),
  ["a control character in a comment"] = around("<xml><!--\1-->", "</xml>"),
  ["a control character before the root"] = around("\1<xml>", "</xml>"),
  ["bad UTF-8 behind the root"] = around("<xml>", "</xml>\255"),
  ["half a character before an end tag that does not match"] = around("<xml>",
    "<event>\228\184</evenu></xml>"),
  ["a depth of 10,000"] = around("<xml>", ("<a>"):rep(10000)
    .. ("</a>"):rep(10000) .. "</xml>"),
  ["a million siblings"] = around("<xml>", ("<a/>"):rep(1000000) .. "</xml>"),
  ["a name of 1 MiB"] = around("<xml>", "<" .. ("a"):rep(1048576) .. "/></xml>"),
}
