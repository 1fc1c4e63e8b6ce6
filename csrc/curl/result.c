/*
** result.c - what a transfer ended with: why it failed, whether its request
** arrived, and the answer as Lua values.
*/

#include <stdio.h>
#include <string.h>

#include "engine.h"

#define COPIED 4096  /* bytes of an answer that are copied, not moved */


/* Why a certificate was refused; `verify` is OpenSSL's number for the
** chain, and libcurl leaves its 0 or 1 when only the name is wrong. */
static const char *explain_certificate (long verify) {
  switch (verify) {
    case 0: case 1:
      return "the certificate is for another host name";
    case 9: case 10:
      return "the certificate is not valid today; check the clock too";
    default:
      return "the certificate is not trusted; name the file of its "
             "authority in ca_file";
  }
}


#define UNREADABLE "the answer is not HTTP as it should be: " \
  "libcurl cannot read one of its headers"
#define LOST "the connection was lost before the answer was complete"

/* The code and the sentence for each way in which libcurl fails. */
static const struct reason {
  CURLcode rc;
  const char *code, *text;
} reasons[] = {
  {CURLE_COULDNT_RESOLVE_PROXY, "transport",
   "the name of the proxy is not known; check proxy"},
  {CURLE_PROXY, "transport", NULL},  /* see describe */
  {CURLE_COULDNT_RESOLVE_HOST, "transport",
   "the host name is not known; check it and the network"},
  {CURLE_COULDNT_CONNECT, "transport",
   "no connection; check host, port and network"},
  {CURLE_UNSUPPORTED_PROTOCOL, "protocol", HTTP_NONE},
  {CURLE_WEIRD_SERVER_REPLY, "protocol", HTTP_NONE},
  {CURLE_BAD_FUNCTION_ARGUMENT, "protocol", HTTP_NONE},
  {CURLE_GOT_NOTHING, "transport", LOST},
  {CURLE_SEND_ERROR, "transport", LOST},
  {CURLE_RECV_ERROR, "transport", LOST},
  {CURLE_PARTIAL_FILE, "transport", LOST},
  {CURLE_OPERATION_TIMEDOUT, "timeout", NULL},  /* see describe */
  {CURLE_BAD_CONTENT_ENCODING, "protocol", HTTP_CODED},
  {CURLE_OUT_OF_MEMORY, "limit",
   "a line of the answer is too long, or memory is short"},
  {(CURLcode)100, "limit",  /* CURLE_TOO_LARGE, since 8.6 */
   "the answer has too many headers, or one that is too long"},
  {CURLE_URL_MALFORMAT, "invalid", "the URL cannot be read"},
  {CURLE_SSL_CONNECT_ERROR, "tls",
   "the TLS handshake failed; the server must offer TLS 1.2 or newer"},
  {CURLE_SSL_CACERT_BADFILE, "tls",
   "the certificates to trust cannot be read"},
  {CURLE_PEER_FAILED_VERIFICATION, "tls", NULL}
};


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
      return get(t->begun) == 0 ? http_shortage() : NULL;
    default:
      return NULL;
  }
}


/*
** The way to a proxy, and its answer to CONNECT, fail in many words, which
** differ from one libcurl to the next: what fails before the request could
** be sent, and is nothing of TLS, is the proxy's. Its name is told apart.
*/
static CURLcode proxy_failure (struct transfer *t) {
  struct outcome *end = &t->outcome;
  long status = 0;
  if (!t->proxied || get(t->begun) > 0 || t->easy == NULL)
    return end->rc;
  curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
  if (status < 200 || status > 299)
    end->proxy_status = status;
  switch (end->rc) {
    case CURLE_COULDNT_CONNECT: case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR: case CURLE_RECV_ERROR:
    case CURLE_WEIRD_SERVER_REPLY: case CURLE_UNSUPPORTED_PROTOCOL:
      return CURLE_PROXY;
    default:
      return end->proxy_status > 0 ? CURLE_PROXY : end->rc;
  }
}


/* Notes code and sentence of the failure that libcurl told. */
static void explain (struct transfer *t) {
  struct outcome *end = &t->outcome;
  const char *shortage = find_shortage(t);
  long verify = 0;
  size_t i;
  if (shortage == NULL)
    end->rc = proxy_failure(t);
  end->code = "transport";
  end->text = curl_easy_strerror(end->rc);
  for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
    if (reasons[i].rc == end->rc) {
      end->code = reasons[i].code;
      end->text = reasons[i].text;
    }
  }
  if (t->part == HTTP_HEAD && end->text != NULL
      && strcmp(end->text, HTTP_NONE) == 0)
    end->text = UNREADABLE;
  if (shortage != NULL)
    http_stop(t, "unavailable", shortage);
  if (end->rc == CURLE_PEER_FAILED_VERIFICATION) {
    curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
    end->text = explain_certificate(verify);
  }
}


/*
** Did the request arrive? Not if nothing of it was ever written; libcurl
** counts the bytes of all its connections.
*/
int http_was_sent (struct transfer *t) {
  long written = 0;
  if (t->easy == NULL || get(t->begun) == 0)
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
      return get(t->begun) > 0 ? CURLE_GOT_NOTHING : rc;
    case CURLE_OK:  /* so it calls headers that break off, too */
      return t->part == HTTP_BODY || t->part == HTTP_DONE
             ? rc : CURLE_PARTIAL_FILE;
    default:
      return rc;
  }
}


void http_judge (struct transfer *t, CURLcode rc) {
  struct outcome *end = &t->outcome;
  end->rc = first_failure(t, rc);
  end->sent = http_was_sent(t);
  if (end->rc == CURLE_RECV_ERROR && end->code == NULL)
    http_judge_part(t);
  if (end->rc != CURLE_OK && end->code == NULL)
    explain(t);
  if (end->code != NULL && t->status >= 200
      && (strcmp(end->code, "limit") == 0
          || strcmp(end->code, "unavailable") == 0))
    end->sent = 1;  /* the server did answer */
}


/* [-0, +5] nil, message, code, false, nil: a call that was not begun. */
int http_refuse (lua_State *L, const char *code, const char *text) {
  wx_fail(L, code, text);
  lua_pushboolean(L, 0);
  lua_pushnil(L);
  return 5;
}


/*
** [-1, +0] Adds a value to what the table below has under the name on the
** top: nothing, a value, or a list of them. Returns 1 if it is a list now.
*/
static int add_value (lua_State *L, const char *value, size_t len) {
  int list;
  lua_pushvalue(L, -1);
  lua_rawget(L, -3);  /* table, name, old */
  list = !lua_isnil(L, -1);
  if (lua_isstring(L, -1)) {
    lua_createtable(L, 2, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 1);  /* table, name, list */
  }
  lua_pushlstring(L, value, len);
  if (list)
    lua_rawseti(L, -2, (int)wx_rawlen(L, -2) + 1);
  else
    lua_replace(L, -2);
  lua_rawset(L, -3);
  return list;
}


/*
** [-0, +0] Adds a header to the table on the top, its name in lower case
** (in place). Returns 1 if there are several of that name.
*/
static int add_header (lua_State *L, char *line, size_t len) {
  char *value = memchr(line, ':', len), *end = line + len;
  size_t nlen = (size_t)(value++ - line), i;
  for (i = 0; i < nlen; i++) {
    if (line[i] >= 'A' && line[i] <= 'Z')
      line[i] = (char)(line[i] - 'A' + 'a');
  }
  while (value < end && (*value == ' ' || *value == '\t'))
    value++;
  while (end > value && strchr(" \t\r\n", end[-1]) != NULL)
    end--;
  lua_pushlstring(L, line, nlen);
  return add_value(L, value, (size_t)(end - value));
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


/* [-0, +1] Pushes the table of the headers in `head` bytes of lines. */
static void push_headers (lua_State *L, char *line, size_t head) {
  char *end = line + head;
  int lists = 0;
  lua_createtable(L, 0, 8);
  while (line < end) {
    char *eol = memchr(line, '\n', (size_t)(end - line));
    size_t len = (size_t)((eol ? eol + 1 : end) - line);
    lists |= add_header(L, line, len);
    line += len;
  }
  if (lists)
    join_lists(L);
}


/* Writes a time that is over, to milliseconds. Not by "%g": a point is no
** point in every locale. */
static void write_seconds (char *text, size_t size, double seconds) {
  unsigned long ms = seconds < 4e6 ? (unsigned long)(seconds * 1e3 + 0.5)
                                   : 4000000000UL;
  int len = snprintf(text, size, "%lu.%03lu", ms / 1000, ms % 1000);
  while (text[len - 1] == '0')
    text[--len] = '\0';
  if (text[len - 1] == '.')
    text[len - 1] = '\0';
}


#define BY_PROXY " by way of the proxy"
#define MESSAGE (MAX_ORIGIN + 300)

/* Writes the sentence about a failure: never the URL's path. */
static void describe (char *to, const struct transfer *t,
                      const struct outcome *end) {
  const char *unknown = end->sent < 0
    ? "; whether the request arrived is not known" : "";
  int connected = get(t->begun) > 0;
  if (end->proxy_status == 407)
    snprintf(to, MESSAGE, "%s: the proxy answered 407: it wants a user and a "
             "password in proxy, or other ones", t->origin);
  else if (end->proxy_status > 0)
    snprintf(to, MESSAGE, "%s: the proxy answered %d; it does not let the "
             "call through", t->origin, (int)end->proxy_status);
  else if (end->rc == CURLE_PROXY)
    snprintf(to, MESSAGE, "%s: no connection" BY_PROXY "; check proxy",
             t->origin);
  else if (end->text == NULL) {
    double limit = t->timeout;
    char seconds[32];
    if (!connected && t->connect_timeout < limit)
      limit = t->connect_timeout;
    write_seconds(seconds, sizeof(seconds), limit);
    snprintf(to, MESSAGE, "%s: no %s%s within %s s%s", t->origin,
             connected ? "answer" : "connection",
             !connected && t->proxied ? BY_PROXY : "", seconds, unknown);
  }
  else
    snprintf(to, MESSAGE, "%s: %s%s", t->origin, end->text, unknown);
}


/* [-0, +3] Pushes status, headers and body, once they are out of the
** transfer. */
static int push_answer (lua_State *L, struct transfer **at) {
  char small[COPIED];
  struct transfer *t = *at;
  wx_buffer answer, *big = NULL;
  lua_Integer status;
  size_t head;
  if (t->answer.len > sizeof(small)) {
    big = wx_newbuffer(L);
    if (*at == NULL)  /* a finalizer has closed it */
      return 0;
  }
  status = (lua_Integer)t->status;
  answer = t->answer;
  head = answer.len > 0 ? t->head : 0;
  if (big != NULL) {
    *big = answer;
    memset(&t->answer, 0, sizeof(t->answer));
  }
  else {
    if (answer.len > 0)
      memcpy(small, answer.data, answer.len);
    answer.data = small;
  }
  *at = NULL;
  transfer_release(t);
  lua_pushinteger(L, status);
  push_headers(L, answer.data, head);
  lua_pushlstring(L, answer.data + head, answer.len - head);
  if (big != NULL)
    wx_buffer_free(big);
  else
    wx_wipe(small, answer.len);
  return 3;
}


int http_push_result (lua_State *L, struct transfer **at,
                      const struct outcome *how) {
  struct outcome end = *how;
  char message[MESSAGE];
  if (*at != NULL && end.code == NULL)
    return push_answer(L, at);
  if (*at == NULL)
    return 0;
  describe(message, *at, &end);
  transfer_release(*at);
  *at = NULL;
  wx_fail(L, end.code, message);
  if (end.sent < 0)
    lua_pushnil(L);
  else
    lua_pushboolean(L, end.sent);
  lua_pushinteger(L, (lua_Integer)end.rc);
  if (end.proxy_status > 0)
    lua_pushinteger(L, (lua_Integer)end.proxy_status);
  else
    lua_pushnil(L);
  return 6;
}
