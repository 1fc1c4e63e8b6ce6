/*
** curl.c - the client on libcurl against a server that is made of the input.
**
** Nothing here leaves the process or waits. This program has its own `socket`,
** `connect`, `getsockname`, `poll` and `clock_gettime`, which libcurl and
** csrc/curl/ find instead of those of libc: a connection is a pair of
** sockets whose other end is served below whenever the client would wait,
** and when neither can go on, time passes. So an input runs the same way
** each time, and a timeout costs nothing.
**
** What is asked, and what must come of it, is in checks/curl.lua.
*/

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <lauxlib.h>

#include "fuzz.h"
#include "engine.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n);
extern int luaopen_wxbot_curl (lua_State *L);

#define CALLS 16
#define CONNECTIONS 64
#define TICK 1000              /* nanoseconds between two looks at the clock */
#define SECOND 1000000000L
#define LARGEST ((size_t)128 << 10)  /* request */

/* what becomes of an attempt to connect */
enum { LATER, AT_ONCE, REFUSED, SILENT, LOST, DROPPED, BROKEN, NO_SOCKET };

/* what a server does when it has said all */
enum { KEEP, CLOSE, RESET, HALF };

/* a call: what the server is to do with it, and what it saw of it */
struct plan {
  const char *text;
  size_t len, piece;
  int ending, early;
  int64_t delay;
  char *request;
  size_t request_len;
  int seen, whole, conn, before;
  size_t told;
};

struct conn {
  int how, fd, client;         /* fd: the server's end; -1: closed */
  int call, last;              /* the one answered, the one before; or 0 */
  size_t at;                   /* in its text */
  int64_t next;                /* when to go on */
};

static struct plan plans[CALLS + 1];   /* from 1 */
static struct conn conns[CONNECTIONS];
static int nconns = 0, attempts = 0, nplans = 0, active = 0;
static unsigned char hows[CONNECTIONS];
static int64_t now = SECOND;


/*
** {======================================================
** The server
** =======================================================
*/

/* Ends the server's end. What it has not read of the client's bytes makes
** the client's end fail, as a reset does. */
static void hang_up (struct conn *c) {
  if (c->fd >= 0)
    close(c->fd);
  c->fd = -1;
}


/* The number after a header's name; `none` without one. */
static size_t number_of (const char *head, size_t len, const char *name,
                         size_t none) {
  const char *p = memmem(head, len, name, strlen(name));
  return p != NULL ? (size_t)strtoul(p + strlen(name), NULL, 10) : none;
}


/* Notes a request, of which so many bytes have come. */
static void note (struct conn *c, int call, const char *data, size_t len,
                  int whole) {
  struct plan *p = &plans[call];
  if (c->call != call) {
    p->seen++;
    p->conn = (int)(c - conns) + 1;
    p->before = c->last;
    p->told = 0;
  }
  c->call = call;
  p->whole = whole;
  free(p->request);
  p->request = fuzz_room(len);
  memcpy(p->request, data, len);
  p->request_len = len;
}


/* Looks at what the client has sent. A plan to reset leaves the last byte
** of a request unread. 1 when a request is there that can be answered. */
static int take_request (struct conn *c) {
  static char data[LARGEST];
  ssize_t n = recv(c->fd, data, sizeof(data), MSG_PEEK | MSG_DONTWAIT);
  const char *end;
  size_t len, head, call;
  int whole;
  if (n == 0)
    hang_up(c);
  end = n > 0 ? memmem(data, (size_t)n, "\r\n\r\n", 4) : NULL;
  if (end == NULL)
    return 0;
  head = (size_t)(end - data) + 4;
  len = head + number_of(data, head, "\r\nContent-Length: ", 0);
  call = number_of(data, head, "\r\nX-Call: ", 0);
  fuzz_expect(call >= 1 && call <= (size_t)nplans && len <= sizeof(data));
  whole = (size_t)n >= len;
  note(c, (int)call, data, whole ? len : (size_t)n, whole);
  if (!whole && !plans[call].early)
    return 0;
  len = whole ? len : (size_t)n;
  if (plans[call].ending == RESET)
    len--;
  fuzz_expect(recv(c->fd, data, len, MSG_DONTWAIT) == (ssize_t)len);
  c->at = 0;
  c->next = now + plans[call].delay;
  return 1;
}


/* Ends a turn of the server. */
static void end_answer (struct conn *c, int ending) {
  c->last = c->call;
  c->call = 0;
  if (ending == HALF)
    shutdown(c->fd, SHUT_WR);
  if (ending == CLOSE || ending == RESET)
    hang_up(c);
}


/* Sends the next piece of an answer. 1, or 0 when nothing can be sent. */
static int answer (struct conn *c) {
  struct plan *p = &plans[c->call];
  size_t left = p->len - c->at;
  size_t piece = p->piece > 0 && p->piece < left ? p->piece : left;
  ssize_t n = piece > 0 ? send(c->fd, p->text + c->at, piece,
                               MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
  if (n < 0 && errno == EAGAIN)
    return 0;
  if (n < 0) {
    hang_up(c);
    return 1;
  }
  c->at += (size_t)n;
  p->told = c->at;
  c->next = now + p->delay;
  if (c->at == p->len)
    end_answer(c, p->ending);
  return 1;
}


/* Is a request under way, of which all that is to be read has been? */
static int is_answering (const struct conn *c) {
  return c->call > 0 && (plans[c->call].whole || plans[c->call].early);
}


/* Does one thing for a connection; 0 when there is none. */
static int serve (struct conn *c) {
  int ready = 0;
  if (c->fd < 0 || c->how == SILENT)
    return 0;
  if (c->how == LOST || c->how == DROPPED) {
    hang_up(c);
    return 1;
  }
  if (c->how == BROKEN) {
    fuzz_expect(ioctl(c->fd, FIONREAD, &ready) == 0);
    if (ready > 0)
      hang_up(c);
    return ready > 0;
  }
  if (!is_answering(c))
    return take_request(c) || c->fd < 0;
  return c->next <= now && answer(c);
}


/* Gives each connection a turn; 0 when none could do a thing. */
static int turn (void) {
  int i, moved = 0;
  for (i = 0; i < nconns; i++)
    moved |= serve(&conns[i]);
  return moved;
}


/* Lets time pass until a server goes on, at most until `until`. */
static void pass (int64_t until) {
  int i;
  for (i = 0; i < nconns; i++) {
    struct conn *c = &conns[i];
    if (c->fd >= 0 && is_answering(c) && c->next > now && c->next < until)
      until = c->next;
  }
  if (until > now)
    now = until;
}

/* }====================================================== */


/*
** {======================================================
** What the client takes for the system
** =======================================================
*/

/* Fills a socket, so that it never is ready to be written to. */
static void fill (int fd) {
  static const char block[4096];
  int size = 1;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
  while (send(fd, block, sizeof(block), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
    continue;
}


int socket (int domain, int type, int protocol) {
  struct conn *c = &conns[nconns];
  int how, pair[2];
  if (!active || (type & SOCK_STREAM) == 0)  /* a look for IPv6 */
    return (int)syscall(SYS_socket, domain, type, protocol);
  how = attempts < CONNECTIONS ? hows[attempts++] : NO_SOCKET;
  if (how == NO_SOCKET
      || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    errno = EMFILE;
    return -1;
  }
  nconns++;
  memset(c, 0, sizeof(*c));
  c->how = how;
  c->client = pair[0];
  c->fd = pair[1];
  if (c->how == SILENT || c->how == LOST)
    fill(pair[0]);
  return pair[0];
}


int connect (int fd, const struct sockaddr *address, socklen_t len) {
  int i;
  if (!active)
    return (int)syscall(SYS_connect, fd, address, len);
  for (i = nconns - 1; i >= 0 && conns[i].client != fd; i--)
    continue;
  fuzz_expect(i >= 0);
  if (conns[i].how == AT_ONCE)
    return 0;
  errno = conns[i].how == REFUSED ? ECONNREFUSED : EINPROGRESS;
  return -1;
}


/* Each connection has a port of its own. */
int getsockname (int fd, struct sockaddr *address, socklen_t *len) {
  struct sockaddr_in here;
  if (!active)
    return (int)syscall(SYS_getsockname, fd, address, len);
  memset(&here, 0, sizeof(here));
  here.sin_family = AF_INET;
  here.sin_port = htons((uint16_t)(1024 + fd));
  *len = sizeof(here);
  memcpy(address, &here, sizeof(here));
  return 0;
}


int poll (struct pollfd *fds, nfds_t n, int ms) {
  int64_t until = now + (int64_t)ms * 1000000;
  for (;;) {
    int ready = (int)syscall(SYS_poll, fds, n, active ? 0 : ms);
    if (!active || ready != 0 || now >= until)
      return ready;
    if (!turn())
      pass(until);
  }
}


int clock_gettime (clockid_t id, struct timespec *ts) {
  if (!active || id == CLOCK_REALTIME)
    return (int)syscall(SYS_clock_gettime, id, ts);
  now += TICK;
  ts->tv_sec = (time_t)(now / SECOND);
  ts->tv_nsec = (long)(now % SECOND);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** What the check is given
** =======================================================
*/

static void forget (void) {
  int i;
  for (i = 0; i < nconns; i++)
    hang_up(&conns[i]);
  for (i = 1; i <= CALLS; i++)
    free(plans[i].request);
  memset(plans, 0, sizeof(plans));
  memset(hows, 0, sizeof(hows));
  nconns = attempts = nplans = 0;
}


/* begin(connections): a new network; a byte says how the first, the second
** connection goes, and so on. What is given to it must be kept meanwhile. */
static int world_begin (lua_State *L) {
  size_t len, i;
  const char *list = luaL_checklstring(L, 1, &len);
  forget();
  for (i = 0; i < len && i < CONNECTIONS; i++)
    hows[i] = (unsigned char)list[i] % 8;
  active = 1;
  return 0;
}


/* answer(text, piece, ending, delay, early) -> n: plans the next call */
static int world_answer (lua_State *L) {
  struct plan *p = &plans[++nplans];
  fuzz_expect(nplans <= CALLS);
  p->text = luaL_checklstring(L, 1, &p->len);
  p->piece = (size_t)luaL_checkinteger(L, 2);
  p->ending = (int)luaL_checkinteger(L, 3);
  p->delay = (int64_t)(luaL_checknumber(L, 4) * 1e9);
  p->early = lua_toboolean(L, 5);
  lua_pushinteger(L, nplans);
  return 1;
}


/* mend(): connections work from now on */
static int world_mend (lua_State *L) {
  (void)L;
  memset(hows, LATER, sizeof(hows));
  return 0;
}


/* turn() -> could the server do anything? */
static int world_turn (lua_State *L) {
  lua_pushboolean(L, turn());
  return 1;
}


/* story(n) -> how often the call was seen, whether all of it, the bytes, the
** connection, the call before it there, how many bytes were answered */
static int world_story (lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  const struct plan *p = &plans[n];
  fuzz_expect(n >= 1 && n <= nplans);
  lua_pushinteger(L, p->seen);
  lua_pushboolean(L, p->whole);
  lua_pushlstring(L, p->request != NULL ? p->request : "", p->request_len);
  lua_pushinteger(L, p->conn);
  lua_pushinteger(L, p->before);
  lua_pushinteger(L, (lua_Integer)p->told);
  return 6;
}


/* finish(): all that was sent has been read, all is closed */
static int world_finish (lua_State *L) {
  (void)L;
  while (turn())
    continue;
  forget();
  active = 0;
  return 0;
}


/* kept(transfer) -> bytes of the body that it holds */
static int world_kept (lua_State *L) {
  struct transfer *const *at = lua_touserdata(L, 1);
  const struct transfer *t;
  fuzz_expect(at != NULL);
  t = *at;
  fuzz_expect(t == NULL || t->answer.len >= t->head);
  lua_pushinteger(L, t != NULL ? (lua_Integer)(t->answer.len - t->head) : 0);
  return 1;
}


/* descriptors() -> how many of the first ones are open */
static int world_descriptors (lua_State *L) {
  int fd, open = 0;
  for (fd = 0; fd < CONNECTIONS; fd++)
    open += fcntl(fd, F_GETFD) >= 0;
  lua_pushinteger(L, open);
  return 1;
}


static const luaL_Reg world[] = {
  {"begin", world_begin},
  {"answer", world_answer},
  {"mend", world_mend},
  {"turn", world_turn},
  {"story", world_story},
  {"finish", world_finish},
  {"kept", world_kept},
  {"descriptors", world_descriptors},
  {NULL, NULL}
};

/* }====================================================== */


/* [-0, +1] Pushes the world; made once. */
static void push_world (lua_State *L) {
  lua_getglobal(L, "world");
  if (!lua_isnil(L, -1))
    return;
  lua_pop(L, 1);
  luaL_requiref(L, "wxbot.curl", luaopen_wxbot_curl, 0);
  luaL_newlib(L, world);
  lua_pushliteral(L, "http://127.0.0.1");
  lua_setfield(L, -2, "url");
  lua_pushvalue(L, -1);
  lua_setglobal(L, "world");
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  lua_State *L = fuzz_state();
  push_world(L);
  fuzz_check(L, "curl");
  lua_pushlstring(L, (const char *)data, n);
  lua_getglobal(L, "world");
  fuzz_call(L, 2, 0);
  return 0;
}
