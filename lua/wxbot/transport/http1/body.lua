--- Reads the body of an answer: of a known length, in chunks, or up to the end
--- of the connection.

local input = require "wxbot.transport.http1.input"

local protocol, take_counted, take_line = input.protocol, input.take_counted,
  input.take_line
local tonumber, too_long = tonumber, input.too_long

-- More digits than any length that could be meant; few enough for a double.
local MAX_DIGITS = 13

local states = {}

function states.counted(self)
  if take_counted(self) then
    self.state = "done"
  end
end

function states.until_close(self)
  self.rest = self.max_body - self.body_bytes
  if take_counted(self) and self.at <= #self.data then
    return too_long(self)
  end
end

function states.chunk_size(self)
  local line = take_line(self)
  if not line then
    return
  end
  local digits, extension = line:match("^(%x+)(.*)$")
  if not digits or extension:find("^[ \t]*[^ \t;]")
      or extension:find("[%z\1-\8\10-\31\127]") then
    return protocol(self, "the size of a chunk is none")
  end
  -- Sizes alone do not count: a body may come in a great many chunks.
  self.head_bytes = self.head_bytes - #digits - 2
  local size = #digits <= MAX_DIGITS and tonumber(digits, 16)
  if not size or size > self.max_body - self.body_bytes then
    return too_long(self)
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
  local line = take_line(self)
  if line == "" then
    self.head_bytes = self.head_bytes - 2
    self.state = "chunk_size"
  elseif line then
    return protocol(self, "a chunk is longer than its size")
  end
end

return states
