--- What Lua itself cannot ask of Linux, through LuaJIT's ffi. On other systems
-- nothing is known, and nothing is done.

local pcall, require, tonumber = pcall, require, tonumber
local io, rawset = io, rawset
local io_open, output, stdout = io.open, io.output, io.stdout

local M = {}

--- As many bytes of a line, its end included, as a pipe takes at once or not at
-- all (PIPE_BUF of Linux).
M.LONGEST_LINE = 4096

local found, ffi = pcall(require, "ffi")
local LINUX = found and ffi.os == "Linux"

if LINUX then
  ffi.cdef[[
    int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long);
    int getppid(void);

    typedef struct wxbot_addrinfo {
      int flags, family, socktype, protocol;
      unsigned int length;
      void *address;
      char *name;
      struct wxbot_addrinfo *next;
    } wxbot_addrinfo;
    int getaddrinfo(const char *, const char *, const wxbot_addrinfo *,
      wxbot_addrinfo **);
    void freeaddrinfo(wxbot_addrinfo *);
    int socket(int, int, int);
    int setsockopt(int, int, int, const void *, unsigned int);
    int bind(int, const void *, unsigned int);
    int close(int);
    int open(const char *, int, ...);
    int dup2(int, int);
    long read(int, void *, unsigned long);
    long write(int, const void *, unsigned long);
    int fcntl(int, int, ...);
    int fileno(void *);
    int chdir(const char *);
    int sigfillset(void *);
    int sigprocmask(int, const void *, void *);
  ]]
end

local PR_SET_PDEATHSIG, SIGTERM, SIG_BLOCK = 1, 15, 0
local AI_NUMERICHOST = 4
local O_RDONLY, O_WRONLY, O_NONBLOCK = 0, 1, 2048
local STDERR = 2
local F_SETFL = 4
local FIFO_SIZE = 65536
local SOL_SOCKET, SO_REUSEADDR = 1, 2
local WHY = { [13] = "denied", [98] = "busy" }

--- Asks for SIGTERM when the parent ends, however it does.
function M.end_with_parent()
  if LINUX then
    ffi.C.prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0)
  end
end

--- The process that started this one.
---@return integer|nil
function M.parent()
  return LINUX and tonumber(ffi.C.getppid()) or nil
end

--- Gets ready for the end of nginx. stderr leads nowhere, for it complains of a
-- pid file that is no longer there; and no signal that was sent to a group of
-- processes ends what it starts now.
function M.hush()
  if LINUX then
    ffi.C.dup2(ffi.C.open("/dev/null", O_WRONLY), STDERR)
    local all = ffi.new("char[128]")
    ffi.C.sigfillset(all)
    ffi.C.sigprocmask(SIG_BLOCK, all, nil)
  end
end

--- Lets what nginx says be lost, rather than wait for a reader who has stopped:
-- its errors, what `write` takes and what a handler gives to io.write or
-- io.stdout. To do so the pipe to the starter is opened anew, for the end at hand
-- is also that of whatever a handler runs.
function M.unblock_log()
  local log = LINUX and io_open("/proc/self/fd/1", "wb")
  if log then
    log:setvbuf("line")
    output(log)
    rawset(io, "stdout", log)
    ffi.C.fcntl(ffi.C.fileno(log), F_SETFL, ffi.cast("int", O_NONBLOCK))
    ffi.C.dup2(ffi.C.fileno(log), STDERR)
  end
end

--- Writes a line: all of it or, where there is no room, nothing. stderr is the
-- same pipe, and no handler can close it.
---@param line string LONGEST_LINE bytes at most
---@return boolean written
function M.write(line)
  if LINUX then
    return tonumber(ffi.C.write(STDERR, line, #line)) == #line
  end
  return (stdout:write(line) and stdout:flush()) ~= nil
end

--- Takes a line out of a FIFO, and waits for none.
---@return string|nil line nil if none is in it
function M.take_line(path)
  if not LINUX then
    local file = io_open(path, "rb")
    local line = file and file:read("*l")
    if file then
      file:close()
    end
    return line
  end
  local fd = ffi.C.open(path, O_RDONLY + O_NONBLOCK)
  local buffer = ffi.new("char[?]", FIFO_SIZE)
  local length = tonumber(ffi.C.read(fd, buffer, FIFO_SIZE))
  ffi.C.close(fd)
  return length > 0 and ffi.string(buffer, length):match("^(.*)\n$") or nil
end

--- Goes to a folder.
function M.chdir(path)
  if LINUX then
    ffi.C.chdir(path)
  end
end

local function try(info)
  local fd = ffi.C.socket(info.family, info.socktype, info.protocol)
  if fd < 0 then
    return nil, "address"
  end
  -- As nginx does; a port that was left a moment ago can be had.
  local one = ffi.new("int[1]", 1)
  ffi.C.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, one, ffi.sizeof(one))
  local failed = ffi.C.bind(fd, info.address, info.length) ~= 0
  local number = ffi.errno()
  ffi.C.close(fd)
  if failed then
    return nil, WHY[number] or "address"
  end
  return true
end

--- Tells whether a server could listen there.
---@param host string an IP address
---@param port integer
---@return true|nil
---@return string|nil why "busy", "denied", "address": it is not of this machine
function M.can_listen(host, port)
  if not LINUX then
    return true
  end
  local hints = ffi.new("wxbot_addrinfo")
  local list = ffi.new("wxbot_addrinfo *[1]")
  hints.flags = AI_NUMERICHOST
  hints.socktype = 0
  if ffi.C.getaddrinfo(host, ("%d"):format(port), hints, list) ~= 0 then
    return nil, "address"
  end
  local ok, why = try(list[0])
  ffi.C.freeaddrinfo(list[0])
  return ok, why
end

return M
