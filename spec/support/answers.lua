-- Answers of which every transport says the same: name -> bytes.

local M = {}

local OK = "HTTP/1.1 200 OK\r\n"
local CHUNKED = OK .. "Transfer-Encoding: chunked\r\n\r\n"

-- A head with these headers, and a body that fits one of them.
local function with(headers, body)
  return OK .. headers .. "\r\n" .. (body or "ok")
end

local CHUNKS = "2\r\nok\r\n0\r\n\r\n"

-- Of kind "protocol".
M.malformed = {
  ["of another protocol"] = "220 mail.example ESMTP\r\n",
  ["without a head"] = "<html>" .. ("x"):rep(9000),
  ["of bytes without sense"] = ("\0\255\r\n"):rep(999),
  ["of HTTP/2"] = "HTTP/2 200\r\nContent-Length: 2\r\n\r\nok",
  ["with a status that is none"] = "HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nok",
  ["with a status of 600"] = "HTTP/1.1 600 OK\r\nContent-Length: 2\r\n\r\nok",
  ["with a status that is glued"] = "HTTP/1.1 200OK\r\nContent-Length: 2\r\n\r\nok",
  ["with a control character in its status line"] =
    "HTTP/1.1 200 O\27K\r\nContent-Length: 2\r\n\r\nok",
  ["that changes the protocol"] =
    "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",

  -- How long it is.
  ["with two lengths"] = with("Content-Length: 2\r\nContent-Length: 3\r\n"),
  ["with two lengths, the longer first"] =
    with("Content-Length: 3\r\nContent-Length: 2\r\n"),
  ["with two lengths that are alike"] =
    with("Content-Length: 2\r\ncontent-length: 2\r\n"),
  ["with two lengths in a line"] = with("Content-Length: 2, 3\r\n"),
  ["with two lengths in a line that are alike"] = with("Content-Length: 2, 2\r\n"),
  ["with a length, a comma and nothing"] = with("Content-Length: 2,\r\n"),
  ["with a signed length"] = with("Content-Length: +2\r\n"),
  ["with a negative length"] = with("Content-Length: -1\r\n"),
  ["with a length of minus nothing"] = with("Content-Length: -0\r\n", ""),
  ["with a length of hexadecimal digits"] = with("Content-Length: 0x2\r\n"),
  ["with a length with a letter after it"] = with("Content-Length: 2x\r\n"),
  ["with a length that is a word"] = with("Content-Length: two\r\n"),
  ["with a length with a fraction"] = with("Content-Length: 2.0\r\n"),
  ["with a length with an exponent"] = with("Content-Length: 2e0\r\n"),
  ["with a length with a blank in it"] = with("Content-Length: 2 0\r\n"),
  ["with a length in quotes"] = with('Content-Length: "2"\r\n'),
  ["with an empty length"] = with("Content-Length:\r\n", ""),
  ["with a length of zeros and a letter"] =
    with("Content-Length: " .. ("0"):rep(8000) .. "x\r\n"),
  ["with a length of wide digits"] = with("Content-Length: ２\r\n"),
  ["with a length before chunks"] =
    with("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", CHUNKS),
  ["with a length after chunks"] =
    with("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", CHUNKS),
  ["with a length of nothing beside chunks"] =
    with("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", CHUNKS),
  ["with a length beside another encoding"] =
    with("Content-Length: 2\r\nTransfer-Encoding: identity\r\n"),

  -- How it is coded.
  ["with another encoding"] = with("Transfer-Encoding: gzip\r\n"),
  ["with the encoding identity"] = with("Transfer-Encoding: identity\r\n"),
  ["with an empty encoding"] = with("Transfer-Encoding:\r\n"),
  ["with an encoding before chunks"] =
    with("Transfer-Encoding: gzip, chunked\r\n", CHUNKS),
  ["with an encoding after chunks"] =
    with("Transfer-Encoding: chunked, identity\r\n", CHUNKS),
  ["with chunks of chunks"] =
    with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", CHUNKS),
  ["with chunks of chunks in a line"] =
    with("Transfer-Encoding: chunked, chunked\r\n", CHUNKS),
  ["with an encoding like chunks"] = with("Transfer-Encoding: xchunked\r\n", CHUNKS),
  ["with chunks in HTTP/1.0"] =
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" .. CHUNKS,
  ["with a chunk without a size"] = CHUNKED .. "zz\r\nok\r\n0\r\n\r\n",
  ["with an empty chunk size"] = CHUNKED .. "\r\n2\r\nok\r\n0\r\n\r\n",
  ["with a chunk of a negative size"] = CHUNKED .. "-2\r\nok\r\n0\r\n\r\n",
  ["with a chunk of a signed size"] = CHUNKED .. "+2\r\nok\r\n0\r\n\r\n",
  ["with a chunk size of 0x2"] = CHUNKED .. "0x2\r\nok\r\n0\r\n\r\n",
  ["with a carriage return in a chunk size"] = CHUNKED .. "2\r2\nok\r\n0\r\n\r\n",
  ["with a carriage return in a trailer"] =
    CHUNKED .. "2\r\nok\r\n0\r\nX: a\rb\r\n\r\n",
  ["with a carriage return at the end"] = CHUNKED .. "2\r\nok\r\n0\r\n\r\r\n",
  ["with a blank before a chunk size"] = CHUNKED .. " 2\r\nok\r\n0\r\n\r\n",
  ["with two chunk sizes"] = CHUNKED .. "2 2\r\nok\r\n0\r\n\r\n",
  ["with a control character behind a chunk size"] =
    CHUNKED .. "2;\27\r\nok\r\n0\r\n\r\n",
  ["with a bare line feed after a chunk size"] = CHUNKED .. "2\nok\r\n0\r\n\r\n",
  ["with a bare line feed after a chunk"] = CHUNKED .. "2\r\nok\n0\r\n\r\n",
  ["with a bare line feed after the last chunk"] = CHUNKED .. "2\r\nok\r\n0\n\r\n",
  ["with a bare line feed at the end"] = CHUNKED .. "2\r\nok\r\n0\r\n\n",
  ["with a chunk that is longer than its size"] =
    CHUNKED .. "2\r\nok!2\r\nok\r\n0\r\n\r\n",
  ["with a trailer that is none"] = CHUNKED .. "2\r\nok\r\n0\r\ngarbage\r\n\r\n",
  ["with a trailer that goes on in a second line"] =
    CHUNKED .. "2\r\nok\r\n0\r\nX: y\r\n z\r\n\r\n",
  ["with a control character in a trailer"] =
    CHUNKED .. "2\r\nok\r\n0\r\nX: \27\r\n\r\n",

  -- What its lines are like.
  ["with bare line feeds"] = "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
  ["with a bare line feed after the status"] =
    "HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok",
  ["with a bare line feed after a header"] = with("Content-Length: 2\nX: y\r\n"),
  ["with a bare line feed after the headers"] =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\nok",
  ["with a carriage return in a header"] = with("X: a\rb\r\nContent-Length: 2\r\n"),
  ["with two carriage returns before a line feed"] =
    with("X: a\r\r\nContent-Length: 2\r\n"),
  ["with a first header that begins with a blank"] =
    with(" X: y\r\nContent-Length: 2\r\n"),
  ["with a first header that begins with a tab"] =
    with("\tX: y\r\nContent-Length: 2\r\n"),
  ["with a length after a blank"] = with(" Content-Length: 2\r\n"),
  ["with a length that goes on in a second line"] =
    with("Content-Length: 2\r\n 0\r\n"),
  ["with an encoding that goes on in a second line"] =
    with("Transfer-Encoding: chun\r\n ked\r\n", CHUNKS),
  ["with a blank before the colon"] = with("Content-Length : 2\r\n"),
  ["with a header without a name"] = with(": y\r\nContent-Length: 2\r\n"),
  ["with a header without a colon"] = with("garbage\r\nContent-Length: 2\r\n"),
  ["with a blank in a header's name"] = with("X Y: z\r\nContent-Length: 2\r\n"),
  ["with a letter beyond ASCII in a header's name"] =
    with("Ä: z\r\nContent-Length: 2\r\n"),
  ["with a zero in a header"] = with("X: a\0b\r\nContent-Length: 2\r\n"),
  ["with a control character in a header"] =
    with("X: a\27b\r\nContent-Length: 2\r\n"),
  ["with a second status line"] = with("HTTP/1.1 201 OK\r\nContent-Length: 2\r\n"),
  ["with a length that is none in an interim one"] =
    "HTTP/1.1 103 Early\r\nContent-Length: x\r\n\r\n" .. with("Content-Length: 2\r\n"),
  ["with two lengths in an interim one"] = "HTTP/1.1 103 Early\r\nContent-Length: 2\r\n"
    .. "Content-Length: 2\r\n\r\n" .. with("Content-Length: 2\r\n"),
  ["with a length that is none and a header beyond measure"] =
    with("Content-Length: x\r\nX: " .. ("y"):rep(9000) .. "\r\n"),
  ["that changes the protocol, with a header beyond measure"] =
    "HTTP/1.1 101 Switching\r\nX: " .. ("y"):rep(9000) .. "\r\n\r\n",
  ["with garbage in an interim one"] = "HTTP/1.1 103 Early\r\ngarbage\r\n\r\n"
    .. with("Content-Length: 2\r\n"),
}

-- Likewise, but that libcurl since 8.18 makes one line of the two before anybody
-- sees them.
M.folded = {
  ["with a header that goes on in a second line"] =
    with("X: a\r\n b\r\nContent-Length: 2\r\n"),
  ["with a header that goes on after a tab"] =
    with("X: a\r\n\tb\r\nContent-Length: 2\r\n"),
}

local MANY = ("A: b\r\n"):rep(5000)

-- Of kind "limit", where max_body is 1000.
M.oversized = {
  ["with a header of more than 8 KiB"] =
    with("X: " .. ("y"):rep(8192 - 4) .. "\r\nContent-Length: 2\r\n"),
  ["with more than 64 KiB of headers"] = with(("X: " .. ("y"):rep(1000)
    .. "\r\n"):rep(66) .. "Content-Length: 2\r\n"),
  ["with more than 5,000 headers"] = with(MANY .. "Content-Length: 2\r\n"),
  ["with more than 5,000 headers, interim ones among them"] =
    "HTTP/1.1 103 Early\r\n" .. MANY .. "\r\n" .. with("Content-Length: 2\r\n"),
  ["with more than 5,000 trailers"] = CHUNKED .. "2\r\nok\r\n0\r\n" .. MANY
    .. "\r\n",
  ["with a trailer of 4,001 bytes"] =
    CHUNKED .. "2\r\nok\r\n0\r\nX: " .. ("y"):rep(4001 - 5) .. "\r\n\r\n",
  ["with a chunk size beyond measure"] = CHUNKED .. "ffffffffffffffff\r\nok",
  ["with a chunk size of a great many zeros"] = CHUNKED .. ("0"):rep(99) .. "2\r\nok",
  ["with a chunk above max_body"] = CHUNKED .. "3e9\r\nok",
  ["with chunks above max_body"] = CHUNKED .. ("1\r\na\r\n"):rep(1001),
  ["with more than 8 KiB behind a chunk size"] = CHUNKED .. "2;" .. ("x"):rep(8192),
  ["with more than 64 KiB behind chunk sizes"] = CHUNKED
    .. ("1;" .. ("x"):rep(600) .. "\r\na\r\n"):rep(120),
  ["of a length above max_body"] = with("Content-Length: 1001\r\n", ""),
  ["of a length beyond measure"] =
    with("Content-Length: " .. ("9"):rep(40) .. "\r\n", ""),
}

-- What is right, however odd; its body is "ok".
M.fine = {
  ["with a length with zeros before it"] = with("Content-Length: 0002\r\n"),
  ["with a length of very many zeros and a digit"] =
    with("Content-Length: " .. ("0"):rep(8000) .. "2\r\n"),
  ["with blanks and tabs around its length"] = with("Content-Length:\t 2 \t\r\n"),
  ["with its length in capitals"] = with("CONTENT-LENGTH:2\r\n"),
  ["with its encoding in capitals"] = with("TRANSFER-ENCODING:CHUNKED\r\n", CHUNKS),
  ["with a length in an interim one, too"] =
    "HTTP/1.1 103 Early\r\nContent-Length: 7\r\n\r\n" .. with("Content-Length: 2\r\n"),
  ["with a header of 8 KiB"] =
    with("X: " .. ("y"):rep(8192 - 5) .. "\r\nContent-Length: 2\r\n"),
  ["with 5,000 headers"] = with(MANY:sub(1, -7) .. "Content-Length: 2\r\n"),
  ["with words behind its chunk sizes"] =
    CHUNKED .. '1;x\r\no\r\n01 ; y="z"\r\nk\r\n000;end\r\n\r\n',
  ["with a trailer of 4,000 bytes"] =
    CHUNKED .. "2\r\nok\r\n0\r\nX: " .. ("y"):rep(4000 - 5) .. "\r\n\r\n",
  ["with a length in an interim one, before chunks"] =
    "HTTP/1.1 103 Early\r\nContent-Length: 7\r\n\r\n" .. CHUNKED .. CHUNKS,
  ["with a coding in an interim one, before a length"] =
    "HTTP/1.1 103 Early\r\nTransfer-Encoding: chunked\r\n\r\n"
    .. with("Content-Length: 2\r\n"),
  ["with many interim ones"] = ("HTTP/1.1 103 Early\r\nX: y\r\n\r\n"):rep(500)
    .. with("Content-Length: 2\r\n"),
  ["with trailers"] = CHUNKED .. "2\r\nok\r\n0\r\nX: y\r\nContent-Length: 7\r\n\r\n",
  ["with a tab in a header"] = with("X: a\tb\r\nContent-Length: 2\r\n"),
  ["with UTF-8 in a header"] = with("X: 你好\r\nContent-Length: 2\r\n"),
  ["with a status without a reason"] = "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
  ["of HTTP/1.0"] = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
}

return M
