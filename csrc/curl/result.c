/*
** result.c - what a transfer ended with: whether its request arrived, what
** libcurl knows of a failure, and the answer as Lua values. The words for
** failures of libcurl's are in transport/curl_failure.lua.
*/

#include <string.h>

#include "engine.h"

#define TOO_LARGE ((CURLcode)100)  /* CURLE_TOO_LARGE, since 8.6 */


int http_failed (const struct outcome *end) {
  return end->code != NULL || end->rc != CURLE_OK;
}


/* What was short, if that is what libcurl calls by another name: it does not
** say so of a host's name or a certificate that it could not look up. NULL:
** it means what it says. */
static const char *find_shortage (const struct transfer *t) {
  const char *shortage;
  switch (t->outcome.rc) {
    case CURLE_COULDNT_RESOLVE_PROXY: case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_SSL_CACERT_BADFILE:
      shortage = http_shortage();
      return strcmp(shortage, HTTP_NO_DESCRIPTOR) == 0 ? shortage : NULL;
    case CURLE_OUT_OF_MEMORY: case CURLE_FAILED_INIT:
      return get(t->stage) == BEGUN ? NULL : http_shortage();
    default:
      return NULL;
  }
}


/* Notes what is known of the failure that libcurl told. */
static void explain (struct transfer *t) {
  struct outcome *end = &t->outcome;
  const char *shortage = find_shortage(t);
  end->text = curl_easy_strerror(end->rc);
  curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &end->verify);
  curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &end->connect_status);
  if (shortage != NULL)
    http_stop(t, "unavailable", shortage);
  else if (t->part == HTTP_HEAD
           && (end->rc == CURLE_WEIRD_SERVER_REPLY
               || end->rc == CURLE_UNSUPPORTED_PROTOCOL
               || end->rc == CURLE_BAD_FUNCTION_ARGUMENT))
    http_stop(t, "protocol", "the answer is not HTTP as it should be: "
              "libcurl cannot read one of its headers");
}


/*
** Did the request arrive? Not if nothing of it was ever written; libcurl
** counts the bytes of all its connections.
*/
int http_was_sent (struct transfer *t) {
  long written = 0;
  if (t->easy == NULL || get(t->stage) != BEGUN)
    return 0;
  curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &written);
  return written == 0 ? 0 : -1;
}


/*
** What libcurl says, without what it met when it set out to repeat the
** request: the caller's request is the first one, which had no answer.
*/
static CURLcode first_failure (struct transfer *t, CURLcode rc) {
  switch (rc) {
    case CURLE_COULDNT_RESOLVE_PROXY: case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: case CURLE_PROXY:
    case CURLE_ABORTED_BY_CALLBACK:
      return get(t->stage) == BEGUN ? CURLE_GOT_NOTHING : rc;
    case CURLE_OK:  /* so it calls headers that break off, too */
      return t->part == HTTP_BODY || t->part == HTTP_DONE
             ? rc : CURLE_PARTIAL_FILE;
    default:
      return rc;
  }
}


/* Was it an answer that we, or libcurl, would not take? The server did give
** one. */
static int is_answered (const struct transfer *t) {
  const struct outcome *end = &t->outcome;
  const char *code = end->code;
  if (t->status < 200)
    return 0;
  if (code == NULL)
    return end->rc == CURLE_OUT_OF_MEMORY || end->rc == TOO_LARGE;
  return strcmp(code, "limit") == 0 || strcmp(code, "unavailable") == 0;
}


void http_classify (struct transfer *t, CURLcode rc) {
  struct outcome *end = &t->outcome;
  end->rc = first_failure(t, rc);
  end->sent = http_was_sent(t);
  if (end->rc == CURLE_RECV_ERROR && end->code == NULL)
    http_check_part(t);
  if (end->rc != CURLE_OK && end->code == NULL)
    explain(t);
  if (is_answered(t))
    end->sent = 1;
}


/* [-0, +0] Adds a header to the table on the top, which holds under its name
** nothing, a value, or a list of them. Returns 1 if it is a list now. */
static int add_header (lua_State *L, const char *name, size_t nlen,
                       const char *value, size_t vlen) {
  int list;
  lua_pushlstring(L, name, nlen);
  lua_pushvalue(L, -1);
  lua_rawget(L, -3);  /* table, name, old */
  list = !lua_isnil(L, -1);
  if (lua_isstring(L, -1)) {
    lua_createtable(L, 2, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 1);  /* table, name, list */
  }
  lua_pushlstring(L, value, vlen);
  if (list)
    lua_rawseti(L, -2, (int)wx_rawlen(L, -2) + 1);
  else
    lua_replace(L, -2);
  lua_rawset(L, -3);
  return list;
}


/* [-1, +1] Joins the strings of a list by ", ". */
static void join (lua_State *L) {
  int list = lua_gettop(L), i, n = (int)wx_rawlen(L, list);
  luaL_Buffer joined;
  luaL_buffinit(L, &joined);
  for (i = 1; i <= n; i++) {
    if (i > 1)
      luaL_addlstring(&joined, ", ", 2);
    lua_rawgeti(L, list, i);
    luaL_addvalue(&joined);
  }
  luaL_pushresult(&joined);
  lua_replace(L, list);
}


/* [-0, +0] Joins the lists among the fields of the table on the top. All at
** the end: a great many headers of one name must not take long. */
static void join_lists (lua_State *L) {
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_istable(L, -1)) {
      join(L);
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, -4);
    }
    else
      lua_pop(L, 1);
  }
}


/* [-0, +1] Pushes the table of the headers in `head` bytes. */
static void push_headers (lua_State *L, const char *headers, size_t head) {
  size_t at = 0;
  int lists = 0;
  lua_createtable(L, 0, 8);
  while (at < head) {
    const char *name = headers + at;
    size_t nlen = strlen(name), vlen = strlen(name + nlen + 1);
    lists |= add_header(L, name, nlen, name + nlen + 1, vlen);
    at += nlen + vlen + 2;
  }
  if (lists)
    join_lists(L);
}


/* [-0, +0] Sets a number of the table on the top. */
static void set_number (lua_State *L, const char *name, long value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}


/* [-0, +1] Pushes what words are made of for a failure: nothing of the URL's
** path. */
static void push_facts (lua_State *L, struct transfer *t,
                        const struct outcome *end) {
  int begun = get(t->stage) == BEGUN;
  int connecting = t->connect_timeout < t->timeout;
  lua_createtable(L, 0, 6);
  lua_pushstring(L, t->origin);
  lua_setfield(L, -2, "origin");
  lua_pushboolean(L, begun);
  lua_setfield(L, -2, "begun");
  lua_pushnumber(L, !begun && connecting ? t->connect_timeout : t->timeout);
  lua_setfield(L, -2, "limit");
  set_number(L, "number", end->rc);
  set_number(L, "verify", end->verify);
  set_number(L, "connect_status", end->connect_status);
}


int http_push_result (lua_State *L, struct transfer *t,
                      const struct outcome *end) {
  if (!http_failed(end)) {
    size_t len = t->answer.len - t->head;
    lua_pushinteger(L, (lua_Integer)t->status);
    push_headers(L, t->answer.data, t->head);
    lua_pushlstring(L, len > 0 ? t->answer.data + t->head : "", len);
    return 3;
  }
  wx_fail(L, end->code, end->text);
  if (end->sent < 0)
    lua_pushnil(L);
  else
    lua_pushboolean(L, end->sent);
  push_facts(L, t, end);
  return 5;
}
