--- What Lua itself cannot ask of Linux, through LuaJIT's ffi. On other systems
-- nothing is known, and nothing is done.

local found, ffi = pcall(require, "ffi")

local tonumber = tonumber

local M = {}

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
  ]]
end

local PR_SET_PDEATHSIG, SIGTERM = 1, 15
local AI_NUMERICHOST = 4
local O_WRONLY, STDERR = 1, 2
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

--- Lets stderr lead nowhere. nginx complains at its end of a pid file that is
-- no longer there.
function M.hush()
  if LINUX then
    ffi.C.dup2(ffi.C.open("/dev/null", O_WRONLY), STDERR)
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
