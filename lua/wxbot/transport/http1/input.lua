--- The bytes of an answer as they come in: lines, and its body, which has a
--- known length, comes in chunks, or ends with the connection.
-- Everything is bounded.

local words = require "wxbot.transport.words"

local concat, min, tonumber = table.concat, math.min, tonumber

local M = {}

-- Bytes that are not body: status lines, headers, interim answers, what is
-- said about chunks beyond their sizes, trailers; and of one line of these.
local MAX_HEAD = 64 * 1024
local MAX_LINE = 8 * 1024
local MAX_TRAILER = 4000
-- More digits than any length that could be meant; few enough for a double.
local MAX_DIGITS = 13

--- Can it be the name of a method or a header?
function M.is_token(text)
  return text:find("^[A-Za-z0-9!#$%%&'*+.^_`|~-]+$") ~= nil
end

--- Ends the reading; what feed and finish return from now on.
function M.refuse(self, kind, why)
  self.state, self.kind, self.why = "refused", kind, why
end

--- Refuses what could be understood in two ways, or in none.
function M.protocol(self, why)
  return M.refuse(self, "protocol", "the answer is not HTTP as it should be: "
    .. why)
end

--- Refuses a body that is longer than was asked for.
function M.too_long(self)
  return M.refuse(self, "limit", ("the answer is larger than %d bytes")
    :format(self.max_body))
end

-- Counts bytes of a line; false: too many.
local function count_line(self, n)
  self.head_bytes = self.head_bytes + n
  self.line_bytes = self.line_bytes + n
  if self.head_bytes > MAX_HEAD then
    M.refuse(self, "limit", "the answer has more than 64 KiB of headers")
  elseif self.state == "trailer" and self.line_bytes > MAX_TRAILER then
    M.refuse(self, "limit", "the answer has a trailer of more than 4000 bytes")
  elseif self.line_bytes > MAX_LINE then
    M.refuse(self, "limit", "the answer has a header line of more than 8 KiB")
  end
  return self.state ~= "refused"
end

-- What is no HTTP at all should not have to end its line to be known.
local function begins_as_http(self)
  local begun = concat(self.partial):sub(1, 5)
  self.seen_http = #begun == 5
  return begun == ("HTTP/"):sub(1, #begun)
end

--- The next line without its end; nil: not all there yet, or refused. The
--- parts of a line are joined once, however many they are.
function M.take_line(self)
  local stop = self.data:find("\n", self.at, true)
  local part = self.data:sub(self.at, stop or -1)
  self.at = self.at + #part
  self.partial[#self.partial + 1] = part
  if self.state == "status" and not self.seen_http
      and not begins_as_http(self) then
    M.refuse(self, "protocol", words.NOT_HTTP)
    return nil
  elseif not count_line(self, #part) or not stop then
    return nil
  end
  local line = concat(self.partial)
  self.partial, self.line_bytes = {}, 0
  if line:sub(-2) ~= "\r\n" then
    M.protocol(self, "a line ends without a carriage return")
    return nil
  end
  return line:sub(1, -3)
end

-- Takes what is there of the bytes that are due; true: all have come. No
-- position goes far beyond the data: LuaJIT knows none from 2^31 on.
local function take_counted(self)
  local due = min(self.rest, #self.data)
  local piece = self.data:sub(self.at, self.at + due - 1)
  self.at = self.at + #piece
  self.rest = self.rest - #piece
  self.body_bytes = self.body_bytes + #piece
  self.pieces[#self.pieces + 1] = piece
  return self.rest == 0
end

--- The states of a parser that read a body.
local states = {}
M.states = states

function states.counted(self)
  if take_counted(self) then
    self.state = "done"
  end
end

function states.until_close(self)
  self.rest = self.max_body - self.body_bytes
  if take_counted(self) and self.at <= #self.data then
    return M.too_long(self)
  end
end

function states.chunk_size(self)
  local line = M.take_line(self)
  if not line then
    return
  end
  local digits, extension = line:match("^(%x+)(.*)$")
  if not digits or extension:find("^[ \t]*[^ \t;]")
      or extension:find("[%z\1-\8\10-\31\127]") then
    return M.protocol(self, "the size of a chunk is none")
  end
  -- Sizes alone do not count: a body may come in a great many chunks.
  self.head_bytes = self.head_bytes - #digits - 2
  local size = #digits <= MAX_DIGITS and tonumber(digits, 16)
  if not size or size > self.max_body - self.body_bytes then
    return M.too_long(self)
  end
  self.rest = size
  self.state = size > 0 and "chunk" or "trailer"
end

function states.chunk(self)
  if take_counted(self) then
    self.state = "chunk_end"
  end
end

function states.chunk_end(self)
  local line = M.take_line(self)
  if line == "" then
    self.head_bytes = self.head_bytes - 2
    self.state = "chunk_size"
  elseif line then
    return M.protocol(self, "a chunk is longer than its size")
  end
end

return M
