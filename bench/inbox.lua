-- What an inbox in a file adds to a push: `make bench-inbox`. N: pushes, 20000.
--
-- The time of the processor, so that it does not matter what else runs; with
-- fsync that of the clock as well, for it waits.
local socket = require "socket"
local wxbot = require "wxbot"

local clock, gettime = os.clock, socket.gettime
local ACCOUNT = wxbot.sandbox():credentials()
local N = tonumber(os.getenv("N") or 20000)
local USERS = 500

local seal = assert(wxbot.msgcrypt(ACCOUNT.aes_key, ACCOUNT.appid))

-- The next pushes, all of which differ.
local made = 0
local function requests(count)
  local list = {}
  for i = 1, count do
    made = made + 1
    list[i] = { method = "POST", body = '{"encrypted":"' .. seal:encrypt(
      ("<xml><userid>u%d</userid><content><msg>What is it that number %d wants "
        .. "to know?</msg><msgtype>text</msgtype></content><from>0</from>"
        .. "<channel>7</channel><createtime>%d</createtime></xml>"):format(
        made % USERS, made, 1700000000 + made)) .. '"}' }
  end
  return list
end

local function receiver()
  return assert(wxbot.receiver{ kind = "kefu", appid = ACCOUNT.appid,
    token = ACCOUNT.token, aes_key = ACCOUNT.aes_key })
end

-- Microseconds of a push: of the processor, by the clock. A few at a time, so
-- that no more is in memory than where it is used.
local function measured(count, run)
  local cpu, wall, few = 0, 0, math.min(count, 500)
  for _ = 1, count, few do
    local list = requests(few)
    local began, shown = clock(), gettime()
    for i = 1, few do
      run(list[i])
    end
    cpu, wall = cpu + clock() - began, wall + gettime() - shown
  end
  return cpu / count * 1e6, wall / count * 1e6
end

local function with_inbox(count, fsync)
  local pipe = io.popen("mktemp -d ./inbox.XXXXXX", "r")
  local folder = pipe:read("*l")
  pipe:close()
  local inbox = assert(wxbot.inbox{ receiver = receiver(), fsync = fsync,
    path = folder .. "/inbox" })
  local cpu, wall = measured(count, function(request)
    assert(select(2, inbox:handle(request)))
    inbox:done((inbox:take()))
  end)
  inbox:close()
  os.execute("rm -r '" .. folder .. "'")
  return cpu, wall
end

local alone = receiver()
local plain = measured(N, function(request)
  assert(select(2, alone:handle(request)))
end)
local kept, kept_wall = with_inbox(N)
local synced, synced_wall = with_inbox(math.min(N, 500), true)

print(("%s, %d pushes"):format(rawget(_G, "jit") and jit.version or _VERSION, N))
print(("receiver alone                 %7.1f us"):format(plain))
print(("with an inbox in a file        %7.1f us (by the clock %.1f): it adds %.1f us")
  :format(kept, kept_wall, kept - plain))
print(("with fsync                     %7.1f us (by the clock %.1f)"):format(synced,
  synced_wall))
