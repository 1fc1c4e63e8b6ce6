--- The bytes of an answer as they come in: lines, and counted pieces of a body.
-- Everything is bounded.

local concat, min = table.concat, math.min

local M = {}

-- Bytes that are not body: status lines, headers, interim answers, what is
-- said about chunks beyond their sizes, trailers; and of one line of these.
local MAX_HEAD = 64 * 1024
local MAX_LINE = 8 * 1024
local MAX_TRAILER = 4000

--- Why an answer is none.
M.NOT_HTTP = "what answers there does not speak HTTP; check the port"

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
    M.refuse(self, "protocol", M.NOT_HTTP)
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

--- Takes what is there of the bytes that are due; true: all have come. No
--- position goes far beyond the data: LuaJIT knows none from 2^31 on.
function M.take_counted(self)
  local due = min(self.rest, #self.data)
  local piece = self.data:sub(self.at, self.at + due - 1)
  self.at = self.at + #piece
  self.rest = self.rest - #piece
  self.body_bytes = self.body_bytes + #piece
  self.pieces[#self.pieces + 1] = piece
  return self.rest == 0
end

return M
