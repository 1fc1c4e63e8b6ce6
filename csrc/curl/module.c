/*
** module.c - HTTPS calls over libcurl (wxbot.curl): what Lua calls.
**
** A client with a thread has one from its first call on. The userdata of a
** transfer is a handle: it knows its client while it is in a list of that,
** and the client lets go of them when it is closed, so either may be
** collected first.
*/

#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <poll.h>
#include <string.h>

#include "engine.h"

#define CLIENT_CLASS "wxbot.curl.client"
#define TRANSFER_CLASS "wxbot.curl.transfer"

#define MAX_CONNECTIONS 64
#define SLICE 0.2   /* seconds; bounds a Ctrl-C that comes just before a wait
                       begins */
#define GRACE 0.1   /* seconds after which a call is over by its deadline,
                       whatever the thread is caught in */
#define CLOSED "the client was closed during the call"
#define FORKED "the call goes on in the process that this one was forked from"
#define QUEUE_DUE "no connection was free in time; see max_connections"

#define NEVER 1e300

/* TAKEN: or it was never begun. */
enum state { TAKEN, FRESH, IN_FLIGHT, DONE };

struct handles {
  struct handle *first, *last;
};

struct handle {
  struct transfer *t;            /* NULL: there is no room yet. It is first,
                                    for the fuzzer looks into it */
  enum state state;
  struct client *client;         /* NULL when in none of its lists */
  struct handles *list;
  struct handle *next, *prev;
  lua_Number id;                 /* of the caller's; 0: none */
  struct outcome end;
};

struct client {
  struct engine *e;              /* NULL: not open */
  size_t max;
  int closed, threaded;
  wx_buffer ca_file, proxy;      /* with a final zero, or empty */
  struct handles flight, done;   /* in flight; over, with an id, not told */
  size_t live;
  double due;                    /* none in flight is overdue before */
  int large;                     /* was a large answer told in this step? */
  int watched;                   /* does a host wait for the descriptor? */
  struct transfer *spare;        /* of the last call that blocked */
};


/* ------------------------------------------------------------------ handles */

/* Moves a handle to the end of a list, or to none. */
static void move (struct handle *h, struct handles *to) {
  struct handles *from = h->list;
  if (from != NULL) {
    *(h->prev != NULL ? &h->prev->next : &from->first) = h->next;
    *(h->next != NULL ? &h->next->prev : &from->last) = h->prev;
  }
  h->next = h->prev = NULL;
  if (to != NULL) {
    h->prev = to->last;
    *(to->last != NULL ? &to->last->next : &to->first) = h;
    to->last = h;
  }
  h->list = to;
}


/* Is a call over whose answer takes its time in Lua? */
static int is_large (const struct handle *h) {
  return h->state == DONE && !http_failed(&h->end)
      && h->t->answer.len > LARGE;
}


/* Takes a handle out of all that its client knows of it. */
static void detach (struct handle *h) {
  struct client *c = h->client;
  if (c == NULL)
    return;
  if (h->state == IN_FLIGHT)
    c->live--;
  else if (c->e != NULL && is_large(h))
    engine_taken(c->e, h->t->answer.len);
  move(h, NULL);
  h->client = NULL;
}


/* A call in flight is over; its result can be taken. */
static void conclude (struct client *c, struct handle *h,
                      const struct outcome *end) {
  h->end = *end;
  h->state = DONE;
  c->live--;
  move(h, &c->done);
  if (h->id <= 0)
    detach(h);
}


/* Ends a call in flight for a reason of ours. The transfer stays ours to read.
** `certain`: unless it has begun it was not sent. */
static void fail (struct client *c, struct handle *h, const char *code,
                  const char *text, int certain) {
  struct outcome end = {NULL, NULL, 0, CURLE_OK, 0, 0};
  h->t->handle = NULL;
  end.code = code;
  end.text = text;
  if (c->e->inherited || engine_orphan(c->e, h->t) || !certain)
    end.sent = -1;
  conclude(c, h, &end);
}


/* Ends all calls in flight. */
static void fail_all (struct client *c, const char *text) {
  while (c->flight.first != NULL)
    fail(c, c->flight.first, "closed", text, 1);
}


/*
** In a child of the process that a client was used in its calls go on there
** and end here. What libcurl has made of them is left as it is, its memory
** too: to free it would end connections, which are the other process's. The
** descriptors are closed already.
*/
static void notice_fork (struct client *c) {
  if (c->e == NULL || !c->e->inherited)
    return;
  fail_all(c, FORKED);
  c->due = NEVER;
  c->e = NULL;
}


/* The client at index 1; NULL when it is closed. */
static struct client *to_client (lua_State *L) {
  struct client *c = wx_checkself(L, CLIENT_CLASS);
  notice_fork(c);
  return c->closed ? NULL : c;
}


/* The transfer at index 1. */
static struct handle *to_handle (lua_State *L) {
  struct handle *h = wx_checkself(L, TRANSFER_CLASS);
  if (h->client != NULL)
    notice_fork(h->client);
  return h;
}


/* Ends the calls whose time is up: of the queue, and those whose time was up a
** while ago, which the thread does not come to. What it is caught in is a
** server that sends and sends. */
static void end_overdue (struct client *c) {
  double now = engine_now();
  struct handle *h, *next;
  if (now < c->due)
    return;
  c->due = NEVER;
  for (h = c->flight.first; h != NULL; h = next) {
    int is_queued = get(h->t->stage) == QUEUED;
    double due = h->t->due + (is_queued ? 0 : GRACE);
    next = h->next;
    if (due <= now) {
      fail(c, h, "timeout", is_queued ? QUEUE_DUE : NULL, is_queued);
      socket_cut(c->e, h->t);
      h->end.rc = CURLE_OPERATION_TIMEDOUT;
    }
    else if (due < c->due)
      c->due = due;
  }
}


/* Takes from the engine what is over. */
static void take (struct client *c) {
  struct transfer *t, *next;
  if (c->e == NULL)
    return;
  for (t = engine_take(c->e); t != NULL; t = next) {
    next = t->next;
    if (t->handle != NULL)
      conclude(c, t->handle, &t->outcome);
    else
      engine_taken(c->e, t->answer.len);
    transfer_release(t);
  }
  end_overdue(c);
}


/* [-0, +4] nil, message, code, false: a call that was not begun. */
static int refuse (lua_State *L, const char *code, const char *why) {
  int is_short = strcmp(why, HTTP_NO_MEMORY) == 0;
  wx_fail(L, is_short ? "unavailable" : code, why);
  lua_pushboolean(L, 0);
  return 4;
}


/* The same, "closed". */
static int refuse_closed (lua_State *L) {
  return refuse(L, "closed", "the client is closed");
}


/* ------------------------------------------------------------------ waiting */

/* Milliseconds of a time, at most those of a slice. */
static int slice (double seconds) {
  double ms = ceil((seconds < SLICE ? seconds : SLICE) * 1e3);
  return ms > 0 ? (int)ms : 0;
}


/* Waits at most so many seconds, and a slice, until the engine has something
** for us. */
static void idle (struct client *c, double seconds) {
  double left = c->due - engine_now();
  int ms = slice(left < seconds ? left : seconds);
  struct pollfd ready;
  if (c->e == NULL)
    poll(NULL, 0, ms);
  else if (!c->threaded)
    engine_run(c->e, ms);
  else if (!engine_listen(c->e, 0)) {
    ready.fd = c->e->pipe[0];
    ready.events = POLLIN;
    poll(&ready, 1, ms);
  }
}


/*
** Waits until `h` is over or, without one, until the time `until`. 0 when
** lua.c's Ctrl-C came: it has set a hook that raises as soon as Lua runs
** again. A host is told of what was taken meanwhile and of what comes.
*/
static int wait_until (lua_State *L, struct client *c, struct handle *h,
                       double until) {
  lua_State *top = wx_mainthread(L);
  lua_Hook hook = lua_gethook(top);
  int over = 0;
  while (!over && lua_gethook(top) == hook) {
    double left = h != NULL ? SLICE : until - engine_now();
    take(c);
    over = h != NULL ? h->state != IN_FLIGHT : left <= 0;
    if (!over && h == NULL && c->threaded)
      poll(NULL, 0, slice(left));
    else if (!over)
      idle(c, left);
  }
  if (c->watched && c->e != NULL)
    engine_listen(c->e, c->done.first != NULL);
  return over;
}


/* --------------------------------------------------------- beginning a call */

/* [-0, +0] Leaves at index 4, as the last, a new handle or the one there, as
** good as new: what is collected less often costs a step less. */
static struct handle *renew (lua_State *L) {
  struct handle *h;
  lua_settop(L, 4);
  if (lua_isnil(L, 4)) {
    h = wx_newobject(L, sizeof(*h), TRANSFER_CLASS);
    lua_replace(L, 4);
  }
  else {
    h = luaL_checkudata(L, 4, TRANSFER_CLASS);
    luaL_argcheck(L, h->state == TAKEN, 4, "the transfer is in use");
  }
  h->state = FRESH;
  return h;
}


/* Opens the client's engine, if it has none. 1, or 0 and why not. */
static int is_open (struct client *c, const char **why) {
  if (c->e == NULL)
    c->e = engine_open(c->max, c->threaded, &c->ca_file, &c->proxy, why);
  return c->e != NULL;
}


/*
** [-0, +n] Starts the call that the table at index 2 describes; leaves its
** handle on the top and returns it. Without one: NULL, and the four values
** of the failure are on the top. To read a table may run Lua, its metamethods
** or a finalizer, which may close what is at hand.
*/
static struct handle *start (lua_State *L, struct client *c, lua_Number id) {
  struct handle *h;
  const char *why;
  luaL_checktype(L, 2, LUA_TTABLE);
  h = renew(L);
  h->id = id;
  if (h->t == NULL) {
    h->t = c->spare != NULL ? c->spare : transfer_new();
    c->spare = NULL;
  }
  why = h->t != NULL ? http_read(L, h->t) : HTTP_NO_MEMORY;
  if (to_client(L) == NULL)
    refuse_closed(L);
  else if (why != NULL)
    refuse(L, "invalid", why);
  else if (h->t->timeout <= 0)
    refuse(L, "timeout", "there is no time left for the call");
  else if (!is_open(c, &why))
    refuse(L, "unavailable", why);
  else {
    h->t->due = engine_now() + h->t->timeout;
    if (h->t->due < c->due)
      c->due = h->t->due;
    h->t->awaited = id <= 0;
    h->t->handle = h;
    h->state = IN_FLIGHT;
    h->client = c;
    c->live++;
    move(h, &c->flight);
    engine_submit(c->e, h->t);
    lua_pushvalue(L, 4);
    return h;
  }
  return NULL;
}


/* A time in seconds at index 2, at least 0. */
static double check_seconds (lua_State *L) {
  double seconds = luaL_checknumber(L, 2);
  luaL_argcheck(L, seconds == seconds, 2, "not a number");
  return seconds > 0 ? seconds : 0;
}


/* ----------------------------------------------------------------- transfer */

/* Cancels a call in flight, which the thread may be caught in. */
static void cancel (struct handle *h) {
  struct client *c = h->client;
  if (c == NULL || c->e == NULL || h->state != IN_FLIGHT)
    return;
  fail(c, h, "cancelled", "the call was cancelled", 1);
  if (c->threaded)
    socket_cut(c->e, h->t);
  else
    engine_run(c->e, 0);
}


/* __gc: cancels it and frees what it holds */
static int transfer_free (lua_State *L) {
  struct handle *h = to_handle(L);
  cancel(h);
  detach(h);
  if (h->t != NULL)
    transfer_release(h->t);
  h->t = NULL;
  h->state = TAKEN;
  return 0;
}


/* transfer:cancel(), transfer:close(), __close: its result will be the failure
** "cancelled". What it holds may be in use: a finalizer can run as its result
** is pushed. */
static int transfer_cancel (lua_State *L) {
  cancel(to_handle(L));
  return 0;
}


/* transfer:done() -> is there nothing more to wait for? */
static int transfer_done (lua_State *L) {
  lua_pushboolean(L, to_handle(L)->state != IN_FLIGHT);
  return 1;
}


/* [-0, +n] Pushes the result of a call that is over, once. */
static int push_result (lua_State *L, struct handle *h) {
  int n;
  if (h->state != DONE)
    return refuse(L, "closed", "the result was taken before");
  detach(h);
  h->state = FRESH;
  n = http_push_result(L, h->t, &h->end);
  h->t = transfer_renew(h->t);
  h->state = TAKEN;
  return n;
}


/*
** transfer:result() -> status, headers, body
**   | nil, message, code, sent, facts
** Once, when it is done. Message and code are nil, or of libcurl's own words,
** where only that knows: transport/curl_failure.lua makes some of the facts.
*/
static int transfer_result (lua_State *L) {
  struct handle *h = to_handle(L);
  luaL_argcheck(L, h->state != IN_FLIGHT, 1, "the call is not done");
  return push_result(L, h);
}


/* ------------------------------------------------------------------- client */

/* client:start(req [, id [, old]]) -> transfer | nil, message, code, false.
** An id is a number greater than 0, told by client:finished(). */
static int client_start (lua_State *L) {
  struct client *c = to_client(L);
  lua_Number id = luaL_optnumber(L, 3, 0);
  if (c == NULL)
    return refuse_closed(L);
  return start(L, c, id) != NULL ? 1 : 4;
}


/* client:request(req) -> as transfer:result(), after waiting for it */
static int client_request (lua_State *L) {
  struct client *c = to_client(L);
  struct handle *h;
  int n;
  if (c == NULL)
    return refuse_closed(L);
  lua_settop(L, 2);
  h = start(L, c, 0);
  if (h == NULL)
    return 4;
  if (!wait_until(L, c, h, 0))
    fail(c, h, "cancelled", "interrupted", 1);
  n = push_result(L, h);
  if (c->spare == NULL && !c->closed) {
    c->spare = h->t;
    h->t = NULL;
  }
  return n;
}


/* client:step() -> number of calls in flight | nil, message, code */
static int client_step (lua_State *L) {
  struct client *c = to_client(L);
  if (c == NULL)
    return refuse_closed(L);
  if (c->e != NULL && !c->threaded)
    engine_run(c->e, 0);
  take(c);
  c->large = 0;
  lua_pushinteger(L, (lua_Integer)c->live);
  return 1;
}


/* client:finished() -> id | nil, is one left? Tells each call once that is
** over; those with a large answer one a step. */
static int client_finished (lua_State *L) {
  struct client *c = wx_checkself(L, CLIENT_CLASS);
  struct handle *h;
  int large;
  notice_fork(c);
  if (c->done.first == NULL)
    take(c);
  h = c->done.first;
  large = h != NULL && is_large(h);
  if (h == NULL || (large && c->large)) {
    lua_pushnil(L);
    lua_pushboolean(L, h != NULL);
    return 2;
  }
  c->large |= large;
  detach(h);
  lua_pushnumber(L, h->id);
  return 1;
}


/* client:listen([busy]) -> file descriptor | nil, message, code */
static int client_listen (lua_State *L) {
  struct client *c = to_client(L);
  const char *why;
  if (c == NULL)
    return refuse_closed(L);
  if (!is_open(c, &why))
    return refuse(L, "unavailable", why);
  c->watched = 1;
  engine_listen(c->e, lua_toboolean(L, 2) || c->done.first != NULL);
  lua_pushinteger(L, c->e->pipe[0]);
  return 1;
}


/* client:timeout() -> seconds after which a step must look whether a call is
** over by its deadline | nil */
static int client_timeout (lua_State *L) {
  struct client *c = to_client(L);
  double left = c != NULL ? c->due - engine_now() : NEVER;
  if (left >= NEVER / 2)
    return 0;
  lua_pushnumber(L, left > 0 ? left : 0);
  return 1;
}


/* client:poll(seconds) -> true | nil, message, code */
static int client_poll (lua_State *L) {
  struct client *c = to_client(L);
  double seconds = check_seconds(L);
  lua_State *top = wx_mainthread(L);
  lua_Hook hook = lua_gethook(top);
  if (c == NULL)
    return refuse_closed(L);
  if (c->done.first == NULL)
    idle(c, seconds);
  if (lua_gethook(top) != hook)
    return refuse(L, "cancelled", "interrupted");
  lua_pushboolean(L, 1);
  return 1;
}


/* client:sleep(seconds) -> true | nil, message, code */
static int client_sleep (lua_State *L) {
  struct client *c = to_client(L);
  double seconds = check_seconds(L);
  if (c == NULL)
    return refuse_closed(L);
  if (!wait_until(L, c, NULL, engine_now() + seconds))
    return refuse(L, "cancelled", "interrupted");
  lua_pushboolean(L, 1);
  return 1;
}


/* client:close(), __gc, __close. Calls in flight end as "closed". */
static int client_close (lua_State *L) {
  struct client *c = wx_checkself(L, CLIENT_CLASS);
  struct engine *e;
  notice_fork(c);
  take(c);
  fail_all(c, CLOSED);
  while (c->done.first != NULL)
    detach(c->done.first);
  if (c->spare != NULL)
    transfer_release(c->spare);
  c->spare = NULL;
  e = c->e;
  c->e = NULL;
  c->closed = 1;
  if (e != NULL)
    engine_close(e);
  wx_buffer_free(&c->ca_file);
  wx_buffer_free(&c->proxy);
  return 0;
}


/* Copies the string or nil at `arg`, with its final zero. */
static void copy_option (lua_State *L, int arg, wx_buffer *to) {
  size_t len;
  const char *text = luaL_optlstring(L, arg, NULL, &len);
  if (text == NULL)
    return;
  luaL_argcheck(L, http_is_text(text, len, ' '), arg, "control characters");
  if (!wx_buffer_append(to, text, len + 1))
    luaL_error(L, "not enough memory");
}


/* curl.client([ca_file [, proxy [, max_connections [, threaded]]]])
** -> client. What it needs is made by its first call. */
static int new_client (lua_State *L) {
  struct client *c;
  lua_Integer max = luaL_optinteger(L, 3, MAX_CONNECTIONS);
  luaL_argcheck(L, max >= 1 && max <= 65535, 3, "not from 1 to 65535");
  lua_settop(L, 4);
  c = wx_newobject(L, sizeof(*c), CLIENT_CLASS);
  c->max = (size_t)max;
  c->due = NEVER;
  c->threaded = lua_toboolean(L, 4);
  copy_option(L, 1, &c->ca_file);
  copy_option(L, 2, &c->proxy);
  return 1;
}

/* curl.now() -> seconds of a clock that only goes forward */
static int clock_now (lua_State *L) {
  lua_pushnumber(L, engine_now());
  return 1;
}


static const luaL_Reg transfer_methods[] = {
  {"cancel", transfer_cancel},
  {"close", transfer_cancel},
  {"done", transfer_done},
  {"result", transfer_result},
  {NULL, NULL}
};


static const luaL_Reg client_methods[] = {
  {"start", client_start},
  {"step", client_step},
  {"finished", client_finished},
  {"listen", client_listen},
  {"timeout", client_timeout},
  {"poll", client_poll},
  {"sleep", client_sleep},
  {"request", client_request},
  {NULL, NULL}
};


static const luaL_Reg functions[] = {
  {"client", new_client},
  {"now", clock_now},
  {NULL, NULL}
};


/* [-0, +0] Raises when libcurl is older than the one that this was built
** for: what was asked for by its headers may not be there. */
static void check_libcurl (lua_State *L) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  if (info->version_num >> 8 < LIBCURL_VERSION_NUM >> 8)
    luaL_error(L, "wxbot was built for libcurl %s, and libcurl %s was loaded",
               LIBCURL_VERSION, info->version);
}


/* Before version 7.84 libcurl must not be set up by two threads at once. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode is_set_up;

static void set_up (void) {
  is_set_up = curl_global_init(CURL_GLOBAL_DEFAULT);
}


/* [-0, +1] require "wxbot.curl" */
WX_EXPORT int luaopen_wxbot_curl (lua_State *L) {
  wx_checkversion(L);
  wx_stay_loaded();
  check_libcurl(L);
  pthread_once(&once, set_up);
  if (is_set_up != CURLE_OK)
    return luaL_error(L, "libcurl could not be set up");
  wx_newclass(L, TRANSFER_CLASS, transfer_methods, transfer_free);
  wx_newclass(L, CLIENT_CLASS, client_methods, client_close);
  luaL_newlib(L, functions);
  lua_pushstring(L, curl_version_info(CURLVERSION_NOW)->version);
  lua_setfield(L, -2, "libcurl");
  return 1;
}
