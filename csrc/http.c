/*
** http.c - HTTPS calls over one libcurl multi handle (wxbot.curl).
**
**   curl.client(ca_file, proxy, max_connections) -> client
**   client:request(req)   a blocking call, made of the four below
**   client:start(req)     -> transfer; sends nothing yet, never blocks
**   client:perform()      does what can be done now -> calls in flight
**   client:poll(seconds)  waits until there is something to do
**   client:sleep(seconds) waits, and serves the calls in flight meanwhile
**   transfer:done(), transfer:result(), transfer:cancel()
**
** A transfer owns its easy handle, its header list, its body and the
** answer. The client knows its transfers in flight and lets go of them
** when it is closed, so either may be collected first. The callbacks only
** append to C buffers; the caps are enforced there.
*/

#define _POSIX_C_SOURCE 200809L

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include "wx.h"

#if LIBCURL_VERSION_NUM < 0x075000
#error "wxbot needs libcurl 7.80 or newer"
#endif

#define CLIENT_CLASS "wxbot.curl.client"
#define TRANSFER_CLASS "wxbot.curl.transfer"

#define CONNECT_TIMEOUT 3.0             /* seconds */
#define TIMEOUT 10.0                    /* seconds */
#define MAX_BODY ((size_t)1 << 20)
#define MAX_HEADERS ((size_t)64 << 10)  /* all header lines of a call */
#define MAX_URL ((size_t)64 << 10)
#define MAX_CONNECTIONS 64
#define MAX_ORIGIN 280                  /* scheme://host:port */
#define SLICE 200                       /* ms; bounds a Ctrl-C that comes
                                           just before a wait begins */

#define NO_MEMORY "there is not enough memory for the answer"
#define TOO_LONG "the answer is longer than max_body allows"

enum state { FRESH, RUNNING, DONE, TAKEN };

struct client {
  CURLM *multi;                  /* NULL: closed */
  CURLSH *share;                 /* TLS sessions */
  wx_buffer ca_file, proxy;      /* with a final zero, or empty */
  struct transfer *first;        /* the calls in flight */
  CURL *idle[MAX_CONNECTIONS];   /* handles kept for later calls */
  size_t nidle;
};

struct transfer {
  enum state state;
  struct client *client;         /* NULL unless RUNNING */
  struct transfer *next, *prev;
  CURL *easy;                    /* NULL when FRESH or over */
  struct curl_slist *lines;      /* the request's headers */
  wx_buffer request, headers, body;
  size_t header_bytes;           /* seen so far, dropped ones too */
  size_t max_body;
  int headers_done;              /* what follows are trailers */
  int begun;                     /* requests that libcurl set out to send */
  double timeout, connect_timeout;
  long status;
  CURLcode rc;
  const char *code, *text;       /* code NULL: it went well */
  int sent;                      /* 0: certainly not, 1, -1: unknown */
  char origin[MAX_ORIGIN + 1];   /* what an error may name of the URL */
};


/*
** {======================================================
** What libcurl calls: no Lua in here
** =======================================================
*/

/*
** PREREQFUNCTION: connected and about to send. Once only: when a kept
** connection dies libcurl would repeat the request on a new one, though
** the first may have arrived.
*/
static int begin_request (void *arg, char *a, char *b, int c, int d) {
  struct transfer *t = arg;
  (void)a; (void)b; (void)c; (void)d;
  return ++t->begun == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}


/* Notes why a callback is about to stop the transfer; returns 0. */
static size_t stop (struct transfer *t, const char *text) {
  t->code = "limit";
  t->text = text;
  return 0;
}


/*
** HEADERFUNCTION: keeps the lines of the last header block. An interim
** answer (1xx) is dropped when the next status line comes, trailers are
** dropped at once; both count.
*/
static size_t take_header (char *data, size_t size, size_t n, void *arg) {
  struct transfer *t = arg;
  size_t len = size * n;
  if (len > MAX_HEADERS - t->header_bytes)
    return stop(t, "the answer has more than 64 KiB of headers");
  t->header_bytes += len;
  if (len >= 5 && memcmp(data, "HTTP/", 5) == 0 && t->body.len == 0) {
    t->headers.len = 0;
    t->headers_done = 0;
  }
  else if (len > 0 && (data[0] == '\r' || data[0] == '\n'))
    t->headers_done = 1;
  else if (!t->headers_done && !wx_buffer_append(&t->headers, data, len))
    return stop(t, NO_MEMORY);
  return len;
}


/* WRITEFUNCTION: bytes of the answer's body */
static size_t take_body (char *data, size_t size, size_t n, void *arg) {
  struct transfer *t = arg;
  size_t len = size * n;
  if (len > t->max_body - t->body.len)
    return stop(t, TOO_LONG);
  if (!wx_buffer_append(&t->body, data, len))
    return stop(t, NO_MEMORY);
  return len;
}

/* }====================================================== */


/*
** {======================================================
** Handles
** =======================================================
*/

static double now (void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}


/* Seconds as whole milliseconds, at least 1. */
static long milliseconds (double seconds) {
  double ms = ceil(seconds * 1e3);
  if (ms < 1)
    return 1;
  return ms < INT_MAX ? (long)ms : INT_MAX;
}


/* Sets one of the options that hold text; NULL is the default. */
static int set_text (CURL *easy, CURLoption option, const char *text) {
  return curl_easy_setopt(easy, option, text) == CURLE_OK;
}


/*
** Says where libcurl finds its own certificates. Naming a file keeps the
** parsed certificates from one connection to the next, which libcurl does
** not do with a folder.
*/
static int set_trust (CURL *easy, const char *ca_file) {
  if (ca_file != NULL && !set_text(easy, CURLOPT_CAINFO, ca_file))
    return 0;
  if (ca_file != NULL || curl_version_info(CURLVERSION_NOW)->cainfo != NULL)
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
  {CURLOPT_FOLLOWLOCATION, 0},
  {CURLOPT_PATH_AS_IS, 1},
  {CURLOPT_NETRC, CURL_NETRC_IGNORED},
  {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
  {CURLOPT_MAXAGE_CONN, 60},        /* nginx drops idle ones at 75 s */
  {CURLOPT_MAXLIFETIME_CONN, 3600}  /* then look at the certificate */
};


/* Puts a new handle under the policy. 1, or 0 when libcurl refuses. */
static int set_policy (CURL *easy, struct client *c) {
  const char *proxy = c->proxy.data != NULL ? c->proxy.data : "";
  size_t i;
  for (i = 0; i < sizeof(policy) / sizeof(policy[0]); i++) {
    if (curl_easy_setopt(easy, policy[i].option, policy[i].value)
        != CURLE_OK)
      return 0;
  }
  return set_trust(easy, c->ca_file.data)
      && set_text(easy, CURLOPT_PROXY, proxy)
      && set_text(easy, CURLOPT_NOPROXY, "")
      && curl_easy_setopt(easy, CURLOPT_SHARE, c->share) == CURLE_OK;
}


/* Ties the callbacks to a transfer. 1, or 0. */
static int set_callbacks (CURL *e, struct transfer *t) {
  return curl_easy_setopt(e, CURLOPT_PRIVATE, t) == CURLE_OK
      && curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, begin_request)
         == CURLE_OK
      && curl_easy_setopt(e, CURLOPT_PREREQDATA, t) == CURLE_OK
      && curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header)
         == CURLE_OK
      && curl_easy_setopt(e, CURLOPT_HEADERDATA, t) == CURLE_OK
      && curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK
      && curl_easy_setopt(e, CURLOPT_WRITEDATA, t) == CURLE_OK;
}


/* A handle under the policy, a kept one if there is. NULL: no memory. */
static CURL *borrow_handle (struct client *c) {
  CURL *easy;
  if (c->nidle > 0)
    return c->idle[--c->nidle];
  easy = curl_easy_init();
  if (easy != NULL && !set_policy(easy, c)) {
    curl_easy_cleanup(easy);
    return NULL;
  }
  return easy;
}


/* Takes a handle back: nothing in it points to a transfer any more. */
static void return_handle (struct client *c, CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_URL, NULL);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
  if (c->nidle < MAX_CONNECTIONS)
    c->idle[c->nidle++] = easy;
  else
    curl_easy_cleanup(easy);
}

/* }====================================================== */


/*
** {======================================================
** A transfer's end
** =======================================================
*/

/* Frees what only a call that is not over needs. */
static void drop_request (struct transfer *t) {
  curl_slist_free_all(t->lines);
  t->lines = NULL;
  wx_buffer_free(&t->request);
}


/* Takes a running transfer out of its client. */
static void leave_client (struct transfer *t) {
  struct client *c = t->client;
  curl_multi_remove_handle(c->multi, t->easy);
  return_handle(c, t->easy);
  t->easy = NULL;
  if (t->prev != NULL)
    t->prev->next = t->next;
  else
    c->first = t->next;
  if (t->next != NULL)
    t->next->prev = t->prev;
  t->next = t->prev = NULL;
  t->client = NULL;
}


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


#define LOST "the connection was lost before the answer was complete"
#define NO_HTTP "what answers there does not speak HTTP; check the port"

/* The code and the sentence for each way in which libcurl fails. */
static const struct reason {
  CURLcode rc;
  const char *code, *text;
} reasons[] = {
  {CURLE_COULDNT_RESOLVE_PROXY, "transport",
   "the name of the proxy is not known; check the proxy option"},
  {CURLE_PROXY, "transport",
   "the proxy did not let the call through; check the proxy option"},
  {CURLE_COULDNT_RESOLVE_HOST, "transport",
   "the host name is not known; check it and the network"},
  {CURLE_COULDNT_CONNECT, "transport",
   "no connection; check host, port and network"},
  {CURLE_UNSUPPORTED_PROTOCOL, "protocol", NO_HTTP},
  {CURLE_WEIRD_SERVER_REPLY, "protocol", NO_HTTP},
  {CURLE_GOT_NOTHING, "transport", LOST},
  {CURLE_SEND_ERROR, "transport", LOST},
  {CURLE_RECV_ERROR, "transport", LOST},
  {CURLE_PARTIAL_FILE, "transport", LOST},
  {CURLE_OPERATION_TIMEDOUT, "timeout", NULL},  /* see push_message */
  {CURLE_FILESIZE_EXCEEDED, "limit", TOO_LONG},
  {CURLE_BAD_CONTENT_ENCODING, "protocol",
   "the answer comes in an encoding that was not asked for"},
  {CURLE_OUT_OF_MEMORY, "limit",
   "a line of the answer is too long, or memory is short"},
  {CURLE_URL_MALFORMAT, "invalid", "the URL cannot be read"},
  {CURLE_SSL_CONNECT_ERROR, "tls",
   "the TLS handshake failed; the server must offer TLS 1.2 or newer"},
  {CURLE_SSL_CACERT_BADFILE, "tls",
   "the certificates to trust cannot be read"},
  {CURLE_PEER_FAILED_VERIFICATION, "tls", NULL}
};


/* Notes code and sentence of the failure t->rc. */
static void explain (struct transfer *t) {
  long verify = 0;
  size_t i;
  t->code = "transport";
  t->text = curl_easy_strerror(t->rc);
  for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
    if (reasons[i].rc == t->rc) {
      t->code = reasons[i].code;
      t->text = reasons[i].text;
    }
  }
  if (t->rc == CURLE_PEER_FAILED_VERIFICATION) {
    curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
    t->text = explain_certificate(verify);
  }
}


/*
** Did the request arrive? Not if nothing of it was ever written, on the
** first connection or, were libcurl to try again, on any.
*/
static int was_sent (struct transfer *t) {
  long written = 0;
  curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &written);
  if (t->begun == 0 || (t->begun == 1 && written == 0))
    return 0;
  return -1;
}


/* The common end of a running transfer; its result can be taken. */
static void end (struct transfer *t) {
  leave_client(t);
  drop_request(t);
  t->state = DONE;
}


/*
** What libcurl says, without what it met when it set out to repeat the
** request: the caller's request is the first one, which had no answer.
*/
static CURLcode first_failure (const struct transfer *t, CURLcode rc) {
  switch (rc) {
    case CURLE_COULDNT_RESOLVE_PROXY: case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: case CURLE_PROXY:
    case CURLE_ABORTED_BY_CALLBACK:
      return t->begun > 0 ? CURLE_GOT_NOTHING : rc;
    case CURLE_OK:  /* so it calls headers that break off, too */
      return t->headers_done ? rc : CURLE_PARTIAL_FILE;
    default:
      return rc;
  }
}


/* Ends a running transfer as libcurl says. */
static void finish (struct transfer *t, CURLcode rc) {
  t->rc = first_failure(t, rc);
  t->sent = was_sent(t);
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->status);
  if (t->rc != CURLE_OK && t->code == NULL)
    explain(t);
  if (t->code != NULL && strcmp(t->code, "limit") == 0 && t->status >= 200)
    t->sent = 1;  /* the server did answer */
  end(t);
}


/* Ends a running transfer for a reason of ours. */
static void abandon (struct transfer *t, const char *code,
                     const char *text) {
  t->sent = was_sent(t);
  t->code = code;
  t->text = text;
  end(t);
}


/* Does what can be done now, without waiting. */
static void perform (struct client *c) {
  int n;
  CURLMsg *msg;
  if (curl_multi_perform(c->multi, &n) != CURLM_OK) {
    while (c->first != NULL)  /* libcurl vouches for none of them */
      finish(c->first, CURLE_RECV_ERROR);
    return;
  }
  while ((msg = curl_multi_info_read(c->multi, &n)) != NULL) {
    if (msg->msg == CURLMSG_DONE) {
      CURLcode rc = msg->data.result;  /* msg dies with the removal */
      char *t = NULL;
      curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
      finish((struct transfer *)(void *)t, rc);
    }
  }
}


/*
** Performs and waits until `t` is over or, without one, until the time
** `until`. 0 when lua.c's Ctrl-C came: it has set a hook that raises as
** soon as Lua runs again.
*/
static int drive (lua_State *L, struct client *c, struct transfer *t,
                  double until) {
  lua_State *top = wx_mainthread(L);
  lua_Hook hook = lua_gethook(top);
  for (;;) {
    double left;
    long ms;
    perform(c);
    left = until - now();
    if (t != NULL ? t->state != RUNNING : left <= 0)
      return 1;
    ms = milliseconds(left);
    if (t != NULL || ms > SLICE)
      ms = SLICE;
    curl_multi_poll(c->multi, NULL, 0, (int)ms, NULL);
    if (lua_gethook(top) != hook)
      return 0;
  }
}

/* }====================================================== */


/*
** {======================================================
** Reading a request
** =======================================================
*/

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
    return "the URL must begin with https://";
  end = host + strcspn(url + host, "/?");
  if (end == host || end > MAX_ORIGIN || memchr(url, '@', end) != NULL)
    return "the URL has no usable host";
  memcpy(origin, url, end);
  origin[end] = '\0';
  return NULL;
}


/* Is it an HTTP token (RFC 9110, 5.6.2)? */
static int is_token (const char *s, size_t len) {
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


static int has_control (const char *s, size_t len) {
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


/* [-0, +0] Adds a line to the request's headers; raises without memory. */
static void add_line (lua_State *L, struct transfer *t, const char *line) {
  struct curl_slist *lines = curl_slist_append(t->lines, line);
  if (lines == NULL)
    luaL_error(L, "not enough memory");
  t->lines = lines;
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
    if (!is_token(name, nlen) || has_control(value, vlen))
      why = "a header has characters that it must not have";
    else if (is_reserved(name))
      why = "a header is one that the transport writes itself";
    else {  /* "name;" is libcurl's way to say: without a value */
      lua_pushfstring(L, vlen > 0 ? "%s: %s" : "%s;", name, value);
      add_line(L, t, lua_tostring(L, -1));
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, why == NULL ? 1 : 2);
  add_line(L, t, "Expect:");        /* these two stand for: libcurl, */
  add_line(L, t, "Content-Type:");  /* add none of your own */
  return why;
}


/* Sets the body, which libcurl does not copy; the method is then POST. */
static int set_body (CURL *e, const wx_buffer *body) {
  const char *data = body->len > 0 ? body->data : "";
  return curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
                          (curl_off_t)body->len) == CURLE_OK
      && set_text(e, CURLOPT_POSTFIELDS, data);
}


/*
** Sets method and body. HTTPGET first: it undoes what an earlier call
** left in the handle. 1, or 0.
*/
static int set_method (CURL *e, const char *method,
                       const wx_buffer *body) {
  int post = strcmp(method, "POST") == 0;
  int known = post || strcmp(method, "GET") == 0;
  if (curl_easy_setopt(e, CURLOPT_HTTPGET, 1L) != CURLE_OK)
    return 0;
  if (post || body->len > 0) {
    if (!set_body(e, body))
      return 0;
    known = post;
  }
  else if (strcmp(method, "HEAD") == 0) {
    if (curl_easy_setopt(e, CURLOPT_NOBODY, 1L) != CURLE_OK)
      return 0;
    known = 1;
  }
  return set_text(e, CURLOPT_CUSTOMREQUEST, known ? NULL : method);
}


/* Restricts the handle to the scheme of the URL. 1, or 0. */
static int set_scheme (CURL *e, const struct transfer *t) {
  int plain = strncmp(t->origin, "http:", 5) == 0;
#if LIBCURL_VERSION_NUM >= 0x075500
  return set_text(e, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
#else
  return curl_easy_setopt(e, CURLOPT_PROTOCOLS,
           plain ? (long)CURLPROTO_HTTP : (long)CURLPROTO_HTTPS)
         == CURLE_OK;
#endif
}


/* Sets what differs from call to call. 1, or 0. */
static int set_call (struct transfer *t, const char *url,
                     const char *method) {
  CURL *e = t->easy;
  return set_scheme(e, t)
      && set_text(e, CURLOPT_URL, url)
      && set_method(e, method, &t->request)
      && curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->lines) == CURLE_OK
      && curl_easy_setopt(e, CURLOPT_TIMEOUT_MS,
                          milliseconds(t->timeout)) == CURLE_OK
      && curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
                          milliseconds(t->connect_timeout)) == CURLE_OK
      && curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE,
                          (curl_off_t)t->max_body) == CURLE_OK
      && set_callbacks(e, t);
}


/* [-0, +5] nil, message, code, false, nil: a call that was not begun. */
static int refuse (lua_State *L, const char *code, const char *text) {
  wx_fail(L, code, text);
  lua_pushboolean(L, 0);
  lua_pushnil(L);
  return 5;
}


/* Reads the limits of a call; raises for what is not a number. */
static void read_limits (lua_State *L, struct transfer *t) {
  double max = get_number(L, "max_body", (double)MAX_BODY);
  luaL_argcheck(L, max >= 0 && max <= INT_MAX, 2, "bad field 'max_body'");
  t->max_body = (size_t)max;
  t->timeout = get_number(L, "timeout", TIMEOUT);
  t->connect_timeout = get_number(L, "connect_timeout", CONNECT_TIMEOUT);
}


/* [-0, +0] Copies the body; raises without memory. */
static void read_body (lua_State *L, struct transfer *t) {
  if (get_field(L, "body", LUA_TSTRING) == LUA_TSTRING) {
    size_t len;
    const char *body = lua_tolstring(L, -1, &len);
    if (!wx_buffer_append(&t->request, body, len))
      luaL_error(L, "not enough memory");
  }
  lua_pop(L, 1);
}


/* Hands a transfer that has been read to libcurl; raises without memory. */
static void launch (lua_State *L, struct client *c, struct transfer *t,
                    const char *url, const char *method) {
  t->easy = borrow_handle(c);
  if (t->easy == NULL || !set_call(t, url, method)
      || curl_multi_add_handle(c->multi, t->easy) != CURLM_OK) {
    curl_easy_cleanup(t->easy);
    t->easy = NULL;
    luaL_error(L, "libcurl could not set up the call");
  }
  t->state = RUNNING;
  t->client = c;
  t->next = c->first;
  if (c->first != NULL)
    c->first->prev = t;
  c->first = t;
}


/*
** [-0, +n] Reads the table at index 2 into a new transfer. NULL, or why
** the call is refused. URL and method stay on the stack.
*/
static const char *read_request (lua_State *L, struct transfer *t,
                                 const char **url, const char **method) {
  const char *why;
  size_t ulen, mlen = 3;
  luaL_argcheck(L, get_field(L, "url", LUA_TSTRING) == LUA_TSTRING, 2,
                "field 'url' is missing");
  *url = lua_tolstring(L, -1, &ulen);
  *method = "GET";
  if (get_field(L, "method", LUA_TSTRING) == LUA_TSTRING)
    *method = lua_tolstring(L, -1, &mlen);
  read_limits(L, t);
  read_body(L, t);
  if (get_field(L, "headers", LUA_TTABLE) == LUA_TNIL)
    lua_newtable(L);
  why = read_headers(L, t);
  if (why == NULL && !is_token(*method, mlen))
    why = "the method has characters that it must not have";
  return why != NULL ? why : read_url(*url, ulen, t->origin);
}


/*
** [-0, +n] Starts the call that the table at index 2 describes; leaves
** its transfer on the top and returns it. Without one: NULL, and the five
** values of the failure are on the top.
*/
static struct transfer *start (lua_State *L, struct client *c) {
  struct transfer *t;
  const char *url, *method, *why;
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  t = wx_newobject(L, sizeof(*t), TRANSFER_CLASS);
  why = read_request(L, t, &url, &method);
  if (why != NULL) {
    refuse(L, "invalid", why);
    return NULL;
  }
  if (t->timeout <= 0) {
    refuse(L, "timeout", "there is no time left for the call");
    return NULL;
  }
  launch(L, c, t, url, method);
  lua_pushvalue(L, 3);
  return t;
}

/* }====================================================== */


/*
** {======================================================
** Giving the result
** =======================================================
*/

/*
** [-0, +1] Adds a header to the table on the top: name in lower case (in
** place), the values of repeated ones joined by ", ".
*/
static void add_header (lua_State *L, char *line, size_t len) {
  char *value, *end = line + len;
  size_t nlen, i;
  value = memchr(line, ':', len);
  if (value == NULL || line[0] == ' ' || line[0] == '\t')
    return;
  nlen = (size_t)(value++ - line);
  for (i = 0; i < nlen; i++) {
    if (line[i] >= 'A' && line[i] <= 'Z')
      line[i] = (char)(line[i] - 'A' + 'a');
  }
  while (value < end && (*value == ' ' || *value == '\t'))
    value++;
  while (end > value && strchr(" \t\r\n", end[-1]) != NULL)
    end--;
  lua_pushlstring(L, line, nlen);
  lua_pushvalue(L, -1);
  lua_rawget(L, -3);  /* table, name, old */
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushlstring(L, value, (size_t)(end - value));
  }
  else {
    lua_pushliteral(L, ", ");
    lua_pushlstring(L, value, (size_t)(end - value));
    lua_concat(L, 3);
  }
  lua_rawset(L, -3);
}


/* [-0, +1] Pushes the table of the answer's headers. */
static void push_headers (lua_State *L, struct transfer *t) {
  char *line = t->headers.data;
  char *end = line + t->headers.len;
  lua_createtable(L, 0, 8);
  while (line < end) {
    char *eol = memchr(line, '\n', (size_t)(end - line));
    size_t len = (size_t)((eol ? eol + 1 : end) - line);
    add_header(L, line, len);
    line += len;
  }
}


/* [-0, +1] Pushes the sentence about a failure: never the URL's path. */
static void push_message (lua_State *L, struct transfer *t) {
  const char *unknown = t->sent < 0
    ? "; whether the request arrived is not known" : "";
  if (t->text == NULL) {
    double limit = t->timeout;
    if (t->begun == 0 && t->connect_timeout < limit)
      limit = t->connect_timeout;
    lua_pushfstring(L, "%s: no %s within %f s%s", t->origin,
                    t->begun == 0 ? "connection" : "answer", limit,
                    unknown);
  }
  else
    lua_pushfstring(L, "%s: %s%s", t->origin, t->text, unknown);
}


/* [-0, +3 or +5] Pushes the result of a transfer that is over, once. */
static int push_result (lua_State *L, struct transfer *t) {
  int n = 3;
  if (t->state == TAKEN)
    return refuse(L, "closed", "the result was taken before");
  if (t->code == NULL) {
    lua_pushinteger(L, (lua_Integer)t->status);
    push_headers(L, t);
    lua_pushlstring(L, t->body.len ? t->body.data : "", t->body.len);
  }
  else {
    lua_pushnil(L);
    push_message(L, t);
    lua_pushstring(L, t->code);
    if (t->sent < 0)
      lua_pushnil(L);
    else
      lua_pushboolean(L, t->sent);
    lua_pushinteger(L, (lua_Integer)t->rc);
    n = 5;
  }
  wx_buffer_free(&t->headers);
  wx_buffer_free(&t->body);
  t->state = TAKEN;
  return n;
}

/* }====================================================== */


/*
** {======================================================
** What Lua calls
** =======================================================
*/

/* The client at index 1; NULL when it is closed. */
static struct client *to_client (lua_State *L) {
  struct client *c = luaL_checkudata(L, 1, CLIENT_CLASS);
  return c->multi != NULL ? c : NULL;
}


/* [-0, +5] nil, message, "closed", false, nil */
static int fail_closed (lua_State *L) {
  return refuse(L, "closed", "the client is closed");
}


/* A time in seconds at index 2, at least 0. */
static double check_seconds (lua_State *L) {
  double seconds = luaL_checknumber(L, 2);
  luaL_argcheck(L, seconds == seconds, 2, "not a number");
  return seconds > 0 ? seconds : 0;
}


/* transfer:close(), __gc, __close: cancels it and frees what it holds */
static int transfer_close (lua_State *L) {
  struct transfer *t = luaL_checkudata(L, 1, TRANSFER_CLASS);
  if (t->state == RUNNING)
    leave_client(t);
  drop_request(t);
  wx_buffer_free(&t->headers);
  wx_buffer_free(&t->body);
  t->state = TAKEN;
  return 0;
}


/* transfer:cancel(): its result will be the failure "cancelled" */
static int transfer_cancel (lua_State *L) {
  struct transfer *t = luaL_checkudata(L, 1, TRANSFER_CLASS);
  if (t->state == RUNNING)
    abandon(t, "cancelled", "the call was cancelled");
  return 0;
}


/* transfer:done() -> is there nothing more to wait for? */
static int transfer_done (lua_State *L) {
  struct transfer *t = luaL_checkudata(L, 1, TRANSFER_CLASS);
  lua_pushboolean(L, t->state != RUNNING);
  return 1;
}


/*
** transfer:result() -> status, headers, body
**   | nil, message, code, sent, libcurl's number
** Once, when it is done.
*/
static int transfer_result (lua_State *L) {
  struct transfer *t = luaL_checkudata(L, 1, TRANSFER_CLASS);
  luaL_argcheck(L, t->state != RUNNING, 1, "the call is not done");
  return push_result(L, t);
}


/* client:start(req) -> transfer | nil, message, code, false */
static int client_start (lua_State *L) {
  struct client *c = to_client(L);
  if (c == NULL)
    return fail_closed(L);
  return start(L, c) != NULL ? 1 : 5;
}


/* client:request(req) -> as transfer:result(), after waiting for it */
static int client_request (lua_State *L) {
  struct client *c = to_client(L);
  struct transfer *t;
  if (c == NULL)
    return fail_closed(L);
  t = start(L, c);
  if (t == NULL)
    return 5;
  if (!drive(L, c, t, 0))
    abandon(t, "cancelled", "interrupted");
  return push_result(L, t);
}


/* client:perform() -> number of calls in flight | nil, message, code */
static int client_perform (lua_State *L) {
  struct client *c = to_client(L);
  struct transfer *t;
  lua_Integer n = 0;
  if (c == NULL)
    return fail_closed(L);
  perform(c);
  for (t = c->first; t != NULL; t = t->next)
    n++;
  lua_pushinteger(L, n);
  return 1;
}


/* client:poll(seconds) -> true | nil, message, code. Waits until a call
** in flight can go on, at most so long. */
static int client_poll (lua_State *L) {
  struct client *c = to_client(L);
  double seconds = check_seconds(L);
  lua_State *top = wx_mainthread(L);
  lua_Hook hook = lua_gethook(top);
  if (c == NULL)
    return fail_closed(L);
  curl_multi_poll(c->multi, NULL, 0,
                  seconds > 0 ? (int)milliseconds(seconds) : 0, NULL);
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
    return fail_closed(L);
  if (!drive(L, c, NULL, now() + seconds))
    return refuse(L, "cancelled", "interrupted");
  lua_pushboolean(L, 1);
  return 1;
}


/*
** client:close(), __gc, __close. Calls in flight end as "closed" and may
** outlive the client. Easy handles go before the share that they use.
*/
static int client_close (lua_State *L) {
  struct client *c = luaL_checkudata(L, 1, CLIENT_CLASS);
  while (c->first != NULL)
    abandon(c->first, "closed", "the client was closed during the call");
  while (c->nidle > 0)
    curl_easy_cleanup(c->idle[--c->nidle]);
  if (c->multi != NULL)
    curl_multi_cleanup(c->multi);
  c->multi = NULL;
  if (c->share != NULL)
    curl_share_cleanup(c->share);
  c->share = NULL;
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
  luaL_argcheck(L, !has_control(text, len), arg, "control characters");
  if (!wx_buffer_append(to, text, len + 1))
    luaL_error(L, "not enough memory");
}


/* curl.client([ca_file [, proxy [, max_connections]]]) -> client */
static int new_client (lua_State *L) {
  struct client *c;
  lua_Integer max = luaL_optinteger(L, 3, MAX_CONNECTIONS);
  luaL_argcheck(L, max >= 1 && max <= 65535, 3, "not from 1 to 65535");
  lua_settop(L, 3);
  c = wx_newobject(L, sizeof(*c), CLIENT_CLASS);
  copy_option(L, 1, &c->ca_file);
  copy_option(L, 2, &c->proxy);
  c->multi = curl_multi_init();
  c->share = curl_share_init();
  if (c->multi == NULL || c->share == NULL
      || curl_share_setopt(c->share, CURLSHOPT_SHARE,
                           CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK
      || curl_multi_setopt(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                           (long)max) != CURLM_OK
      || curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)max)
         != CURLM_OK)
    return luaL_error(L, "libcurl could not make a client");
  return 1;
}


/* curl.now() -> seconds of a clock that only goes forward */
static int clock_now (lua_State *L) {
  lua_pushnumber(L, now());
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
  {"perform", client_perform},
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

/* }====================================================== */


/* [-0, +1] require "wxbot.curl" */
WX_EXPORT int luaopen_wxbot_curl (lua_State *L) {
  wx_checkversion(L);
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return luaL_error(L, "libcurl could not be set up");
  wx_newclass(L, TRANSFER_CLASS, transfer_methods, transfer_close);
  wx_newclass(L, CLIENT_CLASS, client_methods, client_close);
  luaL_newlib(L, functions);
  return 1;
}
