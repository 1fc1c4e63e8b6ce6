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
#define MAX_URL ((size_t)64 << 10)


/* ------------------------------------- what libcurl calls: no Lua in here */

/* Adds the bytes of a text to a number that stands for all of them. */
static uint64_t mix (uint64_t n, const char *text) {
  while (*text != '\0')
    n = (n ^ (unsigned char)*text++) * 0x100000001b3;
  return n;
}


/*
** Has the other end said something before it was asked? That is no answer to
** the request, and libcurl before version 8 would take it for one. (What
** comes first on a new connection by TLS are its tickets.) A kept connection
** is shut: writing fails at once, and libcurl goes to a new one. 1, or 0: the
** transfer is to stop.
*/
static int check_silence (struct transfer *t, uint64_t name) {
  long made = 0;
  char byte;
  int fd;
  curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &made);
  fd = socket_find(t->engine, t, made > 0, name);
  if (fd == 0 || recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
    return 1;
  if (made == 0)
    shutdown(fd, SHUT_RDWR);
  else if (strncmp(t->origin, "http:", 5) == 0)
    return http_stop(t, "protocol", "an answer came before the request");
  return 1;
}


/*
** PREREQFUNCTION: connected and about to send. When a kept connection turns
** out to be dead libcurl begins again on a new one. That is right when not a
** byte was written to the first; otherwise the request may have arrived and
** must not be sent again. Who orphans it looks at the stage afterwards:
** either he sees it here, or it is seen there.
*/
static int begin_request (void *arg, char *there, char *here, int port,
                          int own_port) {
  struct transfer *t = arg;
  uint64_t ports = ((uint64_t)port << 16 | (uint64_t)own_port) + 1;
  if (http_was_sent(t) != 0)
    return CURL_PREREQFUNC_ABORT;
  put(t->stage, BEGUN);
  if (get(t->orphan))
    return CURL_PREREQFUNC_ABORT;
  t->outcome.code = NULL;  /* of an address that had no socket */
  return check_silence(t, mix(mix(ports, there), here))
         ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
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
  return fd;
}


/* CLOSESOCKETFUNCTION */
static int close_socket (void *arg, curl_socket_t fd) {
  socket_close(arg, fd);
  return 0;
}


/* ----------------------------------------------------------------- handles */

/* The functions below return 0 when libcurl has taken all that they set. */

/* What holds for every call. */
static const struct { CURLoption option; long value; } policy[] = {
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
  {CURLOPT_HTTP_TRANSFER_DECODING, 0},  /* see http_take_body */
  {CURLOPT_FOLLOWLOCATION, 0},
  {CURLOPT_PATH_AS_IS, 1},
  {CURLOPT_NETRC, CURL_NETRC_IGNORED},
  {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
  {CURLOPT_MAXAGE_CONN, 60},        /* nginx drops idle ones at 75 s */
  {CURLOPT_MAXLIFETIME_CONN, 3600}  /* then look at the certificate */
};


/* Sets the authorities to trust. Naming a file keeps the parsed certificates
** from one connection to the next, which libcurl does not do with a folder. */
static unsigned set_trust (CURL *easy, const struct engine *e) {
  const char *ca_file = e->ca_file.data;
  unsigned rc = 0;
  if (ca_file != NULL)
    rc |= curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
  if (ca_file != NULL || e->has_bundle)
    rc |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
  return rc;
}


/* Puts a new handle under the policy. Before version 7.88 TLS relied on
** signals against SIGPIPE. */
static unsigned set_policy (CURL *easy, struct engine *e) {
  const char *proxy = e->proxy.data != NULL ? e->proxy.data : "";
  long no_signal = e->threaded || LIBCURL_VERSION_NUM >= 0x075800;
  unsigned rc = set_trust(easy, e);
  size_t i;
  for (i = 0; i < sizeof(policy) / sizeof(policy[0]); i++)
    rc |= curl_easy_setopt(easy, policy[i].option, policy[i].value);
  rc |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, no_signal);
#if LIBCURL_VERSION_NUM >= 0x075500
  rc |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  rc |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                         (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  rc |= curl_easy_setopt(easy, CURLOPT_PROXY, proxy);
  rc |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  rc |= curl_easy_setopt(easy, CURLOPT_SHARE, e->share);
  rc |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, begin_request);
  rc |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_take_header);
  rc |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_take_body);
  rc |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  rc |= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  rc |= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, e);
  return rc;
}


/* Points the callbacks to a transfer. */
static unsigned set_transfer (CURL *easy, struct transfer *t) {
  unsigned rc = curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
  rc |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
  rc |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
  rc |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
  rc |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
  return rc;
}


/* Do its requests have a length even without a body (RFC 9110, 8.6)? */
static int has_length (const char *method) {
  return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0
      || strcmp(method, "PATCH") == 0;
}


/*
** Sets method and body, which libcurl does not copy. HTTPGET first: it undoes
** what an earlier call left in the handle. HEAD has no body, in neither
** direction.
*/
static unsigned set_method (CURL *easy, const struct transfer *t) {
  const char *method = http_method(t), *body = t->request.data + t->body_at;
  curl_off_t len = (curl_off_t)(t->request.len - t->body_at);
  unsigned rc = curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  rc |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
  if (strcmp(method, "HEAD") == 0)
    rc |= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  else if (len > 0 || has_length(method)) {
    rc |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, len);
    rc |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, len > 0 ? body : "");
  }
  return rc;
}


/* Makes libcurl's list of the header lines: all its elements in one block,
** which libcurl only reads. */
static unsigned set_lines (CURL *easy, struct transfer *t) {
  char *line = t->request.data + t->lines_at;
  size_t i;
  t->lines = malloc(t->nlines * sizeof(*t->lines));
  if (t->lines == NULL)
    return CURLE_OUT_OF_MEMORY;
  for (i = 0; i < t->nlines; i++) {
    t->lines[i].data = line;
    t->lines[i].next = i + 1 < t->nlines ? &t->lines[i + 1] : NULL;
    line += strlen(line) + 1;
  }
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->lines);
}


/* Milliseconds as libcurl takes them, to whom 0 is no limit. */
static long milliseconds (double seconds) {
  double ms = ceil(seconds * 1e3);
  return !(ms >= 1) ? 1 : ms < INT_MAX ? (long)ms : INT_MAX;
}


/* Sets what differs from call to call. */
static unsigned set_call (CURL *easy, struct transfer *t) {
  long left = milliseconds(t->due - engine_now());
  long connecting = milliseconds(t->connect_timeout);
  unsigned rc = set_lines(easy, t) | set_method(easy, t);
  rc |= curl_easy_setopt(easy, CURLOPT_URL, t->request.data);
  rc |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left);
  rc |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connecting);
  return rc | set_transfer(easy, t);
}


CURL *http_borrow (struct engine *e, struct transfer *t) {
  int is_new = e->nidle == 0;
  CURL *easy = is_new ? curl_easy_init() : e->idle[--e->nidle];
  if (easy == NULL)
    return NULL;
  if ((!is_new || set_policy(easy, e) == 0) && set_call(easy, t) == 0)
    return easy;
  curl_easy_cleanup(easy);
  return NULL;
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


/* ------------------------------------------------------- reading a request */

const char *http_method (const struct transfer *t) {
  return t->request.data + strlen(t->request.data) + 1;
}


/* Does what follows the host, up to `end`, name no port that there is?
** libcurl would take 0, and the port of the scheme for none after ":". */
static int is_bad_port (const char *host, const char *end) {
  const char *p = host;
  unsigned long port;
  char *stop;
  if (*p == '[' && (p = memchr(host, ']', (size_t)(end - host))) == NULL)
    return 0;
  p = memchr(p, ':', (size_t)(end - p));
  if (p == NULL)
    return 0;
  port = strtoul(p + 1, &stop, 10);
  return p[1] < '0' || p[1] > '9' || stop != end || port < 1 || port > 65535;
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


int http_is_text (const char *s, size_t len, char control) {
  size_t i;
  for (i = 0; i < len; i++) {
    if (((unsigned char)s[i] < 0x20 || s[i] == 0x7f) && s[i] != control)
      return 0;
  }
  return 1;
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
  if (got != type && got != LUA_TNIL)
    luaL_argerror(L, 2, lua_pushfstring(L, "field '%s' must be a %s, not a %s",
                        name, lua_typename(L, type), lua_typename(L, got)));
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
    if (!http_is_token(name, nlen) || !http_is_text(value, vlen, ' '))
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
  double max = get_number(L, "max_body", (double)MAX_BODY);
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
