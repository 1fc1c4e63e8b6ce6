/*
** http.c - HTTPS calls over one libcurl multi handle (wxbot.curl).
**
**   curl.client(ca_file, proxy, max_connections) -> client
**   client:request(req)       a blocking call, made of the four below
**   client:start(req [, id [, old]])  -> transfer; sends nothing yet, never
**                             blocks. `old`: one whose result was taken
**   client:step([seconds])    does what can be done now, or what fits into
**                             that time -> calls in flight, anything left?
**   client:finished()         -> id of a call that is over, once
**   client:poll(seconds)      waits until there is something to do
**   client:sleep(seconds)     waits, and serves the calls in flight
**   transfer:done(), transfer:result(), transfer:cancel()
**   curl.libcurl              the version of libcurl that was loaded
**
** A transfer owns its easy handle, its header list, its body and the
** answer. The client knows its transfers in flight and lets go of them
** when it is closed, so either may be collected first. At most
** max_connections of them are inside libcurl; the rest waits in a queue.
*/

#include <stdlib.h>
#include <string.h>

#include "http.h"

#define CLIENT_CLASS "wxbot.curl.client"
#define TRANSFER_CLASS "wxbot.curl.transfer"

#define MAX_CONNECTIONS 64
#define CLOSED "the client was closed during the call"
#define FORKED "the call goes on in the process that this one was forked from"


/*
** [-0, +0] Leaves at index 3, as the last, a new transfer or the one at
** index 4, as good as new.
*/
static struct transfer *renew (lua_State *L) {
  struct transfer *t;
  lua_settop(L, 4);
  if (lua_isnil(L, 4))
    t = wx_newobject(L, sizeof(*t), TRANSFER_CLASS);
  else {
    wx_buffer request, answer;
    t = luaL_checkudata(L, 4, TRANSFER_CLASS);
    luaL_argcheck(L, t->state == TAKEN && t->client == NULL, 4,
                  "the transfer is in use");
    request = t->request;
    answer = t->answer;
    memset(t, 0, sizeof(*t));
    t->request = request;
    t->answer = answer;
  }
  lua_replace(L, 3);
  lua_settop(L, 3);
  return t;
}


/* [-0, +5] nil, message, "closed", false, nil */
static int fail_closed (lua_State *L) {
  return http_refuse(L, "closed", "the client is closed");
}


/* Ends all calls of a list. */
static void end_all (struct http_list *list, const char *text) {
  while (list->first != NULL)
    http_abandon(list->first, "closed", text);
}


/*
** Ends all calls, which may outlive the client, and frees all but its
** options. Easy handles go before the share that they use, and the poller
** after the connections.
*/
static void shut (struct client *c, const char *text) {
  end_all(&c->running, text);
  end_all(&c->held, text);
  end_all(&c->queue, text);
  while (c->nidle > 0)
    curl_easy_cleanup(c->idle[--c->nidle]);
  http_close_lanes(c);
  if (c->share != NULL)
    curl_share_cleanup(c->share);
  c->share = NULL;
  http_poller_close(&c->poller);
  free(c->idle);
  free(c->heap);
  c->idle = NULL;
  c->heap = NULL;
  c->heap_size = 0;
  c->open = 0;
}


/*
** In a child of the process that a client was used in: its calls go on there
** and end here. What libcurl has made of them is left as it is, its memory
** too: to free it would end connections and wait for threads, which are the
** other process's. The descriptors are closed already.
*/
static void notice_fork (struct client *c) {
  if (!c->poller.inherited)
    return;
  memset(c->lanes, 0, sizeof(c->lanes));
  c->nlanes = c->lane = c->nrunning = c->connecting = c->nidle = 0;
  c->share = NULL;
  shut(c, FORKED);
}


/* The client at index 1; NULL when it is closed. */
static struct client *to_client (lua_State *L) {
  struct client *c = wx_checkself(L, CLIENT_CLASS);
  notice_fork(c);
  return c->closed ? NULL : c;
}


/* The transfer at index 1. */
static struct transfer *to_transfer (lua_State *L) {
  struct transfer *t = wx_checkself(L, TRANSFER_CLASS);
  if (t->client != NULL)
    notice_fork(t->client);
  return t;
}


/* Makes what the client works with, if it is not there. NULL, or why it
** cannot. */
static const char *open_client (struct client *c) {
  const char *why;
  if (c->open)
    return NULL;
  http_know_libcurl(c);
  c->idle = calloc(c->max, sizeof(*c->idle));
  c->share = curl_share_init();
  c->open = http_poller_open(&c->poller)
         && c->idle != NULL && c->share != NULL
         && curl_share_setopt(c->share, CURLSHOPT_SHARE,
                              CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK
         && http_open_lanes(c, c->max);
  if (c->open)
    return NULL;
  why = http_shortage();
  shut(c, why);
  return why;
}


/* Refuses a call for a reason of http_read's or open_client's. */
static void refuse (lua_State *L, const char *code, const char *why) {
  http_refuse(L, strcmp(why, HTTP_NO_MEMORY) == 0 ? "unavailable" : code,
              why);
}


/*
** [-0, +n] Starts the call that the table at index 2 describes; leaves
** its transfer on the top and returns it. Without one: NULL, and the five
** values of the failure are on the top. To read a table may run Lua, its
** metamethods or a finalizer, which may close what is at hand.
*/
static struct transfer *start (lua_State *L, struct client *c,
                               lua_Number id) {
  struct transfer *t;
  const char *why;
  luaL_checktype(L, 2, LUA_TTABLE);
  t = renew(L);
  t->id = id;
  why = http_read(L, t);
  if (to_client(L) == NULL)
    fail_closed(L);
  else if (t->state != FRESH)
    luaL_error(L, "the transfer was closed");
  else if (why != NULL)
    refuse(L, "invalid", why);
  else if (t->timeout <= 0)
    http_refuse(L, "timeout", "there is no time left for the call");
  else if ((why = open_client(c)) != NULL)
    refuse(L, "unavailable", why);
  else if (!http_queue(c, t))
    refuse(L, "unavailable", HTTP_NO_MEMORY);
  else {
    lua_pushvalue(L, 3);
    return t;
  }
  return NULL;
}


/* A time in seconds at index 2, at least 0. */
static double check_seconds (lua_State *L) {
  double seconds = luaL_checknumber(L, 2);
  luaL_argcheck(L, seconds == seconds, 2, "not a number");
  return seconds > 0 ? seconds : 0;
}


/* transfer:close(), __gc, __close: cancels it and frees what it holds */
static int transfer_close (lua_State *L) {
  struct transfer *t = to_transfer(L);
  http_detach(t);
  http_drop_request(t);
  wx_buffer_free(&t->request);
  wx_buffer_free(&t->answer);
  t->state = TAKEN;
  return 0;
}


/* Is a call neither over nor yet to begin? */
static int in_flight (const struct transfer *t) {
  return t->state == QUEUED || t->state == RUNNING;
}


/* transfer:cancel(): its result will be the failure "cancelled" */
static int transfer_cancel (lua_State *L) {
  struct transfer *t = to_transfer(L);
  if (in_flight(t))
    http_abandon(t, "cancelled", "the call was cancelled");
  return 0;
}


/* transfer:done() -> is there nothing more to wait for? */
static int transfer_done (lua_State *L) {
  struct transfer *t = to_transfer(L);
  lua_pushboolean(L, !in_flight(t));
  return 1;
}


/*
** transfer:result() -> status, headers, body
**   | nil, message, code, sent, libcurl's number
** Once, when it is done.
*/
static int transfer_result (lua_State *L) {
  struct transfer *t = to_transfer(L);
  luaL_argcheck(L, !in_flight(t), 1, "the call is not done");
  return http_push_result(L, t);
}


/* client:start(req [, id [, old]]) -> transfer | nil, message, code, false.
** An id is a number greater than 0, told by client:finished(). */
static int client_start (lua_State *L) {
  struct client *c = to_client(L);
  lua_Number id = luaL_optnumber(L, 3, 0);
  if (c == NULL)
    return fail_closed(L);
  return start(L, c, id) != NULL ? 1 : 5;
}


/* client:request(req) -> as transfer:result(), after waiting for it */
static int client_request (lua_State *L) {
  struct client *c = to_client(L);
  struct transfer *t;
  int n;
  if (c == NULL)
    return fail_closed(L);
  lua_settop(L, 2);
  t = start(L, c, 0);
  if (t == NULL)
    return 5;
  if (!http_drive(L, c, t, 0))
    http_abandon(t, "cancelled", "interrupted");
  n = http_push_result(L, t);
  wx_buffer_free(&t->request);
  wx_buffer_free(&t->answer);
  return n;
}


/*
** client:step([seconds [, looked]]) -> number of calls in flight, is
** something left that can be done now? | nil, message, code. Without a time
** all is done. Looks for ready sockets unless it was `looked` just now.
*/
static int client_step (lua_State *L) {
  struct client *c = to_client(L);
  double seconds = luaL_optnumber(L, 2, -1);
  if (c == NULL)
    return fail_closed(L);
  http_step(c, seconds < 0 ? -1 : http_now() + seconds,
            !lua_toboolean(L, 3));
  lua_pushinteger(L, (lua_Integer)c->live);
  lua_pushboolean(L, c->cut_short);
  return 2;
}


/* client:finished() -> id | nil. Tells each call once that is over. */
static int client_finished (lua_State *L) {
  struct client *c = wx_checkself(L, CLIENT_CLASS);
  struct transfer *t;
  notice_fork(c);
  t = c->done.first;
  if (t == NULL)
    return 0;
  http_detach(t);
  lua_pushnumber(L, t->id);
  return 1;
}


/* client:poll(seconds) -> true | nil, message, code. Waits until a call
** in flight can go on, at most so long. */
static int client_poll (lua_State *L) {
  struct client *c = to_client(L);
  double seconds = check_seconds(L);
  if (c == NULL)
    return fail_closed(L);
  if (!http_wait(L, c, seconds))
    return http_refuse(L, "cancelled", "interrupted");
  lua_pushboolean(L, 1);
  return 1;
}


/* client:sleep(seconds) -> true | nil, message, code */
static int client_sleep (lua_State *L) {
  struct client *c = to_client(L);
  double seconds = check_seconds(L);
  if (c == NULL)
    return fail_closed(L);
  if (!http_drive(L, c, NULL, http_now() + seconds))
    return http_refuse(L, "cancelled", "interrupted");
  lua_pushboolean(L, 1);
  return 1;
}


/* client:close(), __gc, __close. Calls in flight end as "closed". */
static int client_close (lua_State *L) {
  struct client *c = wx_checkself(L, CLIENT_CLASS);
  notice_fork(c);
  shut(c, CLOSED);
  while (c->done.first != NULL)
    http_detach(c->done.first);
  c->closed = 1;
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
  luaL_argcheck(L, !http_has_control(text, len), arg, "control characters");
  if (!wx_buffer_append(to, text, len + 1))
    luaL_error(L, "not enough memory");
}


/* curl.client([ca_file [, proxy [, max_connections]]]) -> client. If it
** cannot be opened now, each call tries again and says why not. */
static int new_client (lua_State *L) {
  struct client *c;
  lua_Integer max = luaL_optinteger(L, 3, MAX_CONNECTIONS);
  luaL_argcheck(L, max >= 1 && max <= 65535, 3, "not from 1 to 65535");
  lua_settop(L, 3);
  c = wx_newobject(L, sizeof(*c), CLIENT_CLASS);
  c->poller.fd = -1;
  c->max = (size_t)max;
  copy_option(L, 1, &c->ca_file);
  copy_option(L, 2, &c->proxy);
  open_client(c);
  return 1;
}


/* curl.now() -> seconds of a clock that only goes forward */
static int clock_now (lua_State *L) {
  lua_pushnumber(L, http_now());
  return 1;
}


static const luaL_Reg transfer_methods[] = {
  {"cancel", transfer_cancel},
  {"done", transfer_done},
  {"result", transfer_result},
  {NULL, NULL}
};


static const luaL_Reg client_methods[] = {
  {"start", client_start},
  {"step", client_step},
  {"finished", client_finished},
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


/* [-0, +1] require "wxbot.curl" */
WX_EXPORT int luaopen_wxbot_curl (lua_State *L) {
  wx_checkversion(L);
  wx_stay_loaded();
  check_libcurl(L);
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return luaL_error(L, "libcurl could not be set up");
  wx_newclass(L, TRANSFER_CLASS, transfer_methods, transfer_close);
  wx_newclass(L, CLIENT_CLASS, client_methods, client_close);
  luaL_newlib(L, functions);
  lua_pushstring(L, curl_version_info(CURLVERSION_NOW)->version);
  lua_setfield(L, -2, "libcurl");
  return 1;
}
