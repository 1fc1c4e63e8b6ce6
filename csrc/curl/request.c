/*
** request.c - reads the table that describes a call, and sets up the
** libcurl handle that makes it.
*/

#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine.h"

#define CONNECT_TIMEOUT 3.0             /* seconds */
#define TIMEOUT 10.0                    /* seconds */
#define ROOM 256                        /* for common header lines */
#define ANSWER 1536                     /* bytes of a common one */
#define MAX_URL ((size_t)64 << 10)


/*
** {======================================================
** What libcurl calls: no Lua in here
** =======================================================
*/

/* A number for the two ends of a connection. */
static uint64_t name_connection (const char *there, const char *here,
                                 int port, int own_port) {
  const char *texts[2];
  uint64_t n = ((uint64_t)port << 16 | (uint64_t)own_port) + 1;
  size_t i;
  texts[0] = there;
  texts[1] = here;
  for (i = 0; i < 2; i++) {
    const char *p = texts[i] != NULL ? texts[i] : "";
    while (*p != '\0')
      n = (n ^ (unsigned char)*p++) * 0x100000001b3;
  }
  return n;
}


/*
** Has the other end said something before it was asked? That is no answer to
** the request, and libcurl before version 8 would take it for one. (What
** comes first on a new connection by TLS are its tickets.) A kept connection
** is shut: writing fails at once, and libcurl goes to a new one. 1, or 0: the
** transfer is to stop.
*/
static int check_silence (struct transfer *t, uint64_t name, int own_port) {
  long made = 0;
  char byte;
  int fd;
  curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &made);
  fd = socket_find(t->engine, t, made > 0 ? t->fd : 0, name, own_port);
  t->fd = fd;
  if (fd == 0 || recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
    return 1;
  if (made == 0)
    socket_cut(t->engine, t);
  else if (strncmp(t->origin, "http:", 5) == 0)
    return http_stop(t, "protocol", "an answer came before the request");
  return 1;
}


/*
** PREREQFUNCTION: connected and about to send. When a kept connection turns
** out to be dead libcurl begins again on a new one. That is right when not a
** byte was written to the first; otherwise the request may have arrived and
** must not be sent again. Who orphans it looks at `begun` afterwards: either
** he sees it here, or it is seen there.
*/
static int begin_request (void *arg, char *there, char *here, int port,
                          int own_port) {
  struct transfer *t = arg;
  int again = get(t->begun) > 0;
  if (again && http_was_sent(t) != 0)
    return CURL_PREREQFUNC_ABORT;
  put(t->begun, 1);
  if (get(t->orphan))
    return CURL_PREREQFUNC_ABORT;
  t->outcome.code = NULL;  /* of an address that had no socket */
  return check_silence(t, name_connection(there, here, port, own_port),
                       own_port)
         ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}


int http_stop (struct transfer *t, const char *code, const char *text) {
  t->outcome.code = code;
  t->outcome.text = text;
  return 0;
}


int http_keep (struct transfer *t, const char *data, size_t len) {
  return (t->answer.data != NULL || wx_buffer_reserve(&t->answer, ANSWER))
      && wx_buffer_append(&t->answer, data, len);
}


size_t http_room (const struct transfer *t) {
  return t->max_body - (t->answer.len - t->head);
}


int http_add_body (struct transfer *t, const char *data, size_t len) {
  if (len > http_room(t))
    return http_stop(t, "limit", HTTP_TOO_LONG);
  if (!http_keep(t, data, len))
    return http_stop(t, "unavailable", HTTP_NO_MEMORY);
  return 1;
}


/* WRITEFUNCTION: bytes of the answer's body, as they were sent */
static size_t take_body (char *data, size_t size, size_t n, void *arg) {
  struct transfer *t = arg;
  size_t len = size * n;
  if (t->framing.chunked ? http_take_chunks(t, data, len)
                         : http_add_body(t, data, len))
    return len;
  return 0;
}


/* OPENSOCKETFUNCTION: the programs that this one starts inherit no
** connection. */
static curl_socket_t open_socket (void *arg, curlsocktype purpose,
                                  struct curl_sockaddr *address) {
  struct transfer *t = arg;
  int fd = socket_open(address->family, address->socktype,
                       address->protocol);
  (void)purpose;
  if (fd < 0) {
    if (errno == EMFILE || errno == ENFILE)
      http_stop(t, "unavailable", HTTP_NO_DESCRIPTOR);
    return CURL_SOCKET_BAD;
  }
  if (!socket_own(t->engine, fd, t)) {
    http_stop(t, "unavailable", HTTP_NO_MEMORY);
    close(fd);
    return CURL_SOCKET_BAD;
  }
  t->fd = fd;
  return fd;
}


/* CLOSESOCKETFUNCTION */
static int close_socket (void *arg, curl_socket_t fd) {
  socket_close(arg, fd);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** Handles
** =======================================================
*/

/* Sets one of the options that hold text; NULL is the default. */
static int set_text (CURL *easy, CURLoption option, const char *text) {
  return curl_easy_setopt(easy, option, text) == CURLE_OK;
}


/*
** Says where libcurl finds its own certificates. Naming a file keeps the
** parsed certificates from one connection to the next, which libcurl does
** not do with a folder.
*/
static int set_trust (CURL *easy, const struct engine *e) {
  const char *ca_file = e->ca_file.data;
  if (ca_file != NULL && !set_text(easy, CURLOPT_CAINFO, ca_file))
    return 0;
  if (ca_file != NULL || e->has_bundle)
    return set_text(easy, CURLOPT_CAPATH, NULL);
  return 1;
}


/* What holds for every call. */
static const struct { CURLoption option; long value; } policy[] = {
#if LIBCURL_VERSION_NUM >= 0x075800
  {CURLOPT_NOSIGNAL, 1},  /* before, TLS relied on it against SIGPIPE */
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  {CURLOPT_QUICK_EXIT, 1},  /* a stuck resolver must not hold us */
#endif
  {CURLOPT_SSL_VERIFYPEER, 1},
  {CURLOPT_SSL_VERIFYHOST, 2},
  {CURLOPT_PROXY_SSL_VERIFYPEER, 1},
  {CURLOPT_PROXY_SSL_VERIFYHOST, 2},
  {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
  {CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
  {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
  {CURLOPT_HTTP09_ALLOWED, 0},
  {CURLOPT_HTTP_TRANSFER_DECODING, 0},  /* see http_take_chunks */
  {CURLOPT_FOLLOWLOCATION, 0},
  {CURLOPT_PATH_AS_IS, 1},
  {CURLOPT_NETRC, CURL_NETRC_IGNORED},
  {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
  {CURLOPT_MAXAGE_CONN, 60},        /* nginx drops idle ones at 75 s */
  {CURLOPT_MAXLIFETIME_CONN, 3600}  /* then look at the certificate */
};


/* Restricts a handle to what read_url lets through. 1, or 0. */
static int set_protocols (CURL *e) {
#if LIBCURL_VERSION_NUM >= 0x075500
  return set_text(e, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  return curl_easy_setopt(e, CURLOPT_PROTOCOLS,
           (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
}


/* The callbacks, which are the same for every call. */
static const struct { CURLoption option; void (*fn) (void); } callbacks[] = {
  {CURLOPT_PREREQFUNCTION, (void (*) (void))begin_request},
  {CURLOPT_HEADERFUNCTION, (void (*) (void))http_take_header},
  {CURLOPT_WRITEFUNCTION, (void (*) (void))take_body},
  {CURLOPT_OPENSOCKETFUNCTION, (void (*) (void))open_socket},
  {CURLOPT_CLOSESOCKETFUNCTION, (void (*) (void))close_socket}
};


/* Puts a new handle under the policy. 1, or 0 when libcurl refuses. */
static int set_policy (CURL *easy, struct engine *e) {
  const char *proxy = e->proxy.data != NULL ? e->proxy.data : "";
  CURLcode rc = CURLE_OK;
  size_t i;
  for (i = 0; rc == CURLE_OK && i < sizeof(policy) / sizeof(policy[0]); i++)
    rc = curl_easy_setopt(easy, policy[i].option, policy[i].value);
  for (i = 0; rc == CURLE_OK
              && i < sizeof(callbacks) / sizeof(callbacks[0]); i++)
    rc = curl_easy_setopt(easy, callbacks[i].option, callbacks[i].fn);
  return rc == CURLE_OK
      && (!e->threaded
          || curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK)
      && set_trust(easy, e)
      && set_protocols(easy)
      && set_text(easy, CURLOPT_PROXY, proxy)
      && set_text(easy, CURLOPT_NOPROXY, "")
      && curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, e) == CURLE_OK
      && curl_easy_setopt(easy, CURLOPT_SHARE, e->share) == CURLE_OK;
}


/* Points the callbacks to a transfer. 1, or 0. */
static int set_transfer (CURL *easy, struct transfer *t) {
  static const CURLoption data[] = {
    CURLOPT_PRIVATE, CURLOPT_OPENSOCKETDATA, CURLOPT_PREREQDATA,
    CURLOPT_HEADERDATA, CURLOPT_WRITEDATA
  };
  size_t i;
  for (i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
    if (curl_easy_setopt(easy, data[i], t) != CURLE_OK)
      return 0;
  }
  return 1;
}


/* Sets the body, which libcurl does not copy; the method is then POST. */
static int set_body (CURL *e, const struct transfer *t) {
  const char *data = t->request.data + t->body_at;
  curl_off_t len = (curl_off_t)(t->request.len - t->body_at);
  return curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, len) == CURLE_OK
      && set_text(e, CURLOPT_POSTFIELDS, len > 0 ? data : "");
}


/* Do its requests have a length even without a body (RFC 9110, 8.6)? */
static int has_length (const char *method) {
  return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0
      || strcmp(method, "PATCH") == 0;
}


/*
** Sets method and body. HTTPGET first: it undoes what an earlier call
** left in the handle. HEAD has no body, in neither direction. 1, or 0.
*/
static int set_method (CURL *e, const char *method,
                       const struct transfer *t) {
  int post = strcmp(method, "POST") == 0;
  int head = strcmp(method, "HEAD") == 0;
  int known = post || head || strcmp(method, "GET") == 0;
  if (curl_easy_setopt(e, CURLOPT_HTTPGET, 1L) != CURLE_OK)
    return 0;
  if (head) {
    if (curl_easy_setopt(e, CURLOPT_NOBODY, 1L) != CURLE_OK)
      return 0;
  }
  else if (has_length(method) || t->request.len > t->body_at) {
    if (!set_body(e, t))
      return 0;
    known = post;
  }
  return set_text(e, CURLOPT_CUSTOMREQUEST, known ? NULL : method);
}


/*
** Makes libcurl's list of the header lines: all its elements in one block,
** which libcurl only reads. 1, or 0 without memory.
*/
static int set_lines (struct transfer *t) {
  char *line = t->request.data + t->lines_at;
  size_t i;
  t->lines = malloc(t->nlines * sizeof(*t->lines));
  if (t->lines == NULL)
    return 0;
  for (i = 0; i < t->nlines; i++) {
    t->lines[i].data = line;
    t->lines[i].next = i + 1 < t->nlines ? &t->lines[i + 1] : NULL;
    line += strlen(line) + 1;
  }
  return curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->lines)
         == CURLE_OK;
}


/* Milliseconds as libcurl takes them, to whom 0 is no limit. */
static long milliseconds (double seconds) {
  double ms = ceil(seconds * 1e3);
  return !(ms >= 1) ? 1 : ms < INT_MAX ? (long)ms : INT_MAX;
}


/* Sets what differs from call to call. 1, or 0. */
static int set_call (struct transfer *t) {
  CURL *e = t->easy;
  long left = milliseconds(t->due - engine_now());
  return set_lines(t)
      && set_text(e, CURLOPT_URL, t->request.data)
      && set_method(e, http_method(t), t)
      && curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, left) == CURLE_OK
      && curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
                          milliseconds(t->connect_timeout)) == CURLE_OK
      && set_transfer(e, t);
}


CURL *http_borrow (struct engine *e, struct transfer *t) {
  if (e->nidle > 0)
    t->easy = e->idle[--e->nidle];
  else {
    t->easy = curl_easy_init();
    if (t->easy == NULL || !set_policy(t->easy, e)) {
      curl_easy_cleanup(t->easy);
      return t->easy = NULL;
    }
  }
  if (!set_call(t)) {
    http_return(e, t->easy);
    t->easy = NULL;
  }
  return t->easy;
}


void http_return (struct engine *e, CURL *easy) {
  if (!e->may_reuse || e->nidle == e->max) {
    curl_easy_cleanup(easy);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_URL, NULL);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
  e->idle[e->nidle++] = easy;
}


/*
** From 7.83.0 to 8.1.0 libcurl looks for the header that a line which begins
** with a blank goes on with, and if that line is an answer's first one, in
** memory that the call before on this handle has freed.
*/
void http_know_libcurl (struct engine *e) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  e->has_bundle = info->cainfo != NULL;
  e->may_reuse = info->version_num < 0x075300
              || info->version_num > 0x080100;
}

/* }====================================================== */


/*
** {======================================================
** Reading a request
** =======================================================
*/

const char *http_method (const struct transfer *t) {
  return t->request.data + strlen(t->request.data) + 1;
}


/* Does what follows the host, up to `end`, name no port that there is?
** libcurl would take 0, and the port of the scheme for none after ":". */
static int is_bad_port (const char *host, const char *end) {
  const char *p = host;
  unsigned long port = 0;
  if (*p == '[') {
    while (p < end && *p != ']')
      p++;
  }
  p = memchr(p, ':', (size_t)(end - p));
  if (p == NULL)
    return 0;
  for (p++; p < end && *p >= '0' && *p <= '9' && port <= 65535; p++)
    port = port * 10 + (unsigned long)(*p - '0');
  return p < end || port < 1 || port > 65535;
}


/*
** Checks a URL and copies "scheme://host:port" out of it. NULL, or why it
** is refused. ASCII without blanks, no user, no fragment: libcurl would
** take these and change the request.
*/
static const char *read_url (const char *url, size_t len, char *origin) {
  size_t i, host, end;
  if (len > MAX_URL)
    return "the URL is too long";
  for (i = 0; i < len; i++) {
    unsigned char ch = (unsigned char)url[i];
    if (ch <= 0x20 || ch >= 0x7f || ch == '\\' || ch == '#')
      return "the URL has characters that it must not have";
  }
  if (strncmp(url, "https://", 8) == 0)
    host = 8;
  else if (strncmp(url, "http://", 7) == 0)
    host = 7;
  else
    return "the URL must begin with https:// or http://";
  end = host + strcspn(url + host, "/?");
  if (end == host || end > MAX_ORIGIN || memchr(url, '@', end) != NULL
      || is_bad_port(url + host, url + end))
    return "the URL has no usable host";
  memcpy(origin, url, end);
  origin[end] = '\0';
  return NULL;
}


int http_is_token (const char *s, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    char ch = s[i];
    int ok = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
          || (ch >= '0' && ch <= '9')
          || (ch != '\0' && strchr("!#$%&'*+-.^_`|~", ch) != NULL);
    if (!ok)
      return 0;
  }
  return len > 0;
}


int http_has_control (const char *s, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
      return 1;
  }
  return 0;
}


/* Headers that libcurl writes itself; a second one would contradict. */
static int is_reserved (const char *name) {
  return curl_strequal(name, "Content-Length")
      || curl_strequal(name, "Transfer-Encoding")
      || curl_strequal(name, "Expect");
}


/* Adds bytes to the request; 0 without memory. */
static int add (struct transfer *t, const char *data, size_t n) {
  return wx_buffer_append(&t->request, data, n);
}


/* Adds a header line: name, colon and value; 0 without memory. "name;" is
** libcurl's way to say: without a value; "name:", also with blanks after it:
** add none of your own. */
static int add_line (struct transfer *t, const char *name,
                     const char *colon, const char *value) {
  t->nlines++;
  return add(t, name, strlen(name))
      && add(t, colon, strlen(colon))
      && add(t, value, strlen(value) + 1);
}


/* Adds a header of the request; 0 without memory. Blanks around a value do
** not count (RFC 9110, 5.5). */
static int add_header (struct transfer *t, const char *name,
                       const char *value) {
  value += strspn(value, " ");
  return add_line(t, name, value[0] != '\0' ? ": " : ";", value);
}


/* [-0, +1] Pushes req[name] if it is of that type or nil; raises if not.
** Returns its type. */
static int get_field (lua_State *L, const char *name, int type) {
  int got;
  lua_getfield(L, 2, name);
  got = lua_type(L, -1);
  if (got != type && got != LUA_TNIL) {
    lua_pushfstring(L, "field '%s' must be a %s, not a %s", name,
                    lua_typename(L, type), lua_typename(L, got));
    luaL_argerror(L, 2, lua_tostring(L, -1));
  }
  return got;
}


/* [-0, +0] A number among the request's fields. */
static double get_number (lua_State *L, const char *name, double dflt) {
  double value = dflt;
  if (get_field(L, name, LUA_TNUMBER) == LUA_TNUMBER)
    value = lua_tonumber(L, -1);
  lua_pop(L, 1);
  if (value != value)
    luaL_argerror(L, 2, "a limit is not a number");
  return value;
}


/* [-1, +0] Reads the table of headers on the top. NULL, or why it is
** refused. */
static const char *read_headers (lua_State *L, struct transfer *t) {
  const char *why = NULL;
  lua_pushnil(L);
  while (why == NULL && lua_next(L, -2)) {
    size_t nlen, vlen;
    const char *name, *value;
    if (lua_type(L, -2) != LUA_TSTRING || !lua_isstring(L, -1))
      luaL_argerror(L, 2, "headers must be strings named by strings");
    name = lua_tolstring(L, -2, &nlen);
    value = lua_tolstring(L, -1, &vlen);
    if (!http_is_token(name, nlen) || http_has_control(value, vlen))
      why = "a header has characters that it must not have";
    else if (is_reserved(name))
      why = "a header is one that the transport writes itself";
    else if (!add_header(t, name, value))
      why = HTTP_NO_MEMORY;
    lua_pop(L, 1);
  }
  lua_pop(L, why == NULL ? 1 : 2);
  if (why == NULL && !(add_line(t, "Expect", ":", "")
                       && add_line(t, "Content-Type", ":", "")))
    why = HTTP_NO_MEMORY;
  return why;
}


/* Reads the limits of a call; raises for what is not a number. */
static void read_limits (lua_State *L, struct transfer *t) {
  double max = get_number(L, "max_body", (double)HTTP_MAX_BODY);
  luaL_argcheck(L, max >= 0 && max <= INT_MAX, 2, "bad field 'max_body'");
  t->max_body = (size_t)max;
  t->timeout = get_number(L, "timeout", TIMEOUT);
  t->connect_timeout = get_number(L, "connect_timeout", CONNECT_TIMEOUT);
}


const char *http_read (lua_State *L, struct transfer *t) {
  const char *why, *url, *body, *method = "GET";
  size_t ulen, blen = 0, mlen = 3;
  luaL_argcheck(L, get_field(L, "url", LUA_TSTRING) == LUA_TSTRING, 2,
                "field 'url' is missing");
  url = lua_tolstring(L, -1, &ulen);
  if (get_field(L, "method", LUA_TSTRING) == LUA_TSTRING)
    method = lua_tolstring(L, -1, &mlen);
  read_limits(L, t);
  get_field(L, "body", LUA_TSTRING);
  body = lua_tolstring(L, -1, &blen);
  if (get_field(L, "headers", LUA_TTABLE) == LUA_TNIL)
    lua_newtable(L);
  why = read_url(url, ulen, t->origin);
  if (why == NULL && !http_is_token(method, mlen))
    why = "the method has characters that it must not have";
  if (why == NULL && blen > 0 && strcmp(method, "HEAD") == 0)
    why = "a HEAD request has no body";
  if (why != NULL)
    return why;
  if (!wx_buffer_reserve(&t->request, ulen + mlen + blen + ROOM)
      || !add(t, url, ulen + 1) || !add(t, method, mlen + 1))
    return HTTP_NO_MEMORY;
  t->lines_at = t->request.len;
  why = read_headers(L, t);
  t->body_at = t->request.len;
  return why != NULL || add(t, body, blen) ? why : HTTP_NO_MEMORY;
}

/* }====================================================== */
