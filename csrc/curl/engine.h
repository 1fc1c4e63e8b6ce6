/*
** engine.h - what the files of wxbot/curl.so share: engines, their
** transfers, and who owns what.
**
**   module.c    what Lua calls
**   request.c   reads a request, puts a libcurl handle under the policy
**   engine.c    begins and ends transfers, in a thread or where it is called
**   process.c   sockets, and what a fork or an exit does to engines
**   answer.c    reads the lines of an answer: its head, between chunks
**   result.c    what a transfer ended with
**
** An engine is malloc'd and counted: held by the client, a userdata, and by
** its thread, if it has one. A transfer is malloc'd and counted as well: the
** caller's side reads the request into it and submits it, then it is the
** engine's until it comes back over, once. Meanwhile the caller reads only
** what does not change. Nothing of Lua is touched but by module.c, request.c
** (http_read) and result.c.
*/

#ifndef ENGINE_H
#define ENGINE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <curl/curl.h>

#include "wx.h"

#if LIBCURL_VERSION_NUM < 0x075000
#error "wxbot needs libcurl 7.80 or newer"
#endif

#define MAX_BODY ((size_t)1 << 20)  /* bytes of an answer, usually */
#define MAX_ORIGIN 280  /* scheme://host:port */
#define LARGE ((size_t)64 << 10)  /* an answer that takes its time in Lua */
#define MAX_UNTAKEN ((size_t)16 << 20)  /* bytes of large ones: nothing new
                                           begins before some were taken */

#define get(x) __atomic_load_n(&(x), __ATOMIC_SEQ_CST)
#define put(x, value) __atomic_store_n(&(x), (value), __ATOMIC_SEQ_CST)

/* How far a call has come: it waits for a connection, is libcurl's, and that
** has set out to send it. */
enum stage { QUEUED, GIVEN, BEGUN };

/* Which part of an answer comes next. */
enum http_part {
  HTTP_STATUS, HTTP_HEAD,
  HTTP_BODY,                           /* one that is not in chunks */
  HTTP_CHUNK_SIZE, HTTP_CHUNK, HTTP_CHUNK_END, HTTP_TRAILER,
  HTTP_DONE
};

/* What its headers say of where its body ends. */
struct http_framing {
  int old;                       /* it is of HTTP/1.0 */
  int lengths, codings;          /* how many headers tell of a length, of a
                                    coding */
  int chunked;                   /* the coding is this */
  unsigned long long length;     /* the one */
};

/* How a call ended; all zero: well. */
struct outcome {
  const char *code, *text;       /* why we ended it; NULL: libcurl did */
  int sent;                      /* 0: certainly not, 1, -1: unknown */
  CURLcode rc;
  long connect_status;           /* the proxy's answer to CONNECT; 0: none */
  long verify;                   /* OpenSSL's verdict on a certificate */
};

struct transfer {
  struct transfer *next, *prev;  /* in a list of whose it is */
  struct handle *handle;         /* the caller's; NULL: nobody waits */
  struct engine *engine;         /* while it is the engine's */
  int refs;                      /* atomic */
  int orphan;                    /* atomic: the result is not wanted */
  int stage;                     /* atomic: how far it has come */
  /* set before it is submitted */
  wx_buffer request;             /* URL, method and header lines, with a
                                    zero after each; the body */
  size_t lines_at, nlines, body_at;
  size_t max_body;
  double timeout, connect_timeout, due;
  int awaited;                   /* the caller takes it as soon as it is over,
                                    whatever else was not taken */
  char origin[MAX_ORIGIN + 1];   /* what an error may name of the URL */
  /* the engine's until it is over */
  CURL *easy;                    /* NULL unless it is inside libcurl */
  struct curl_slist *lines;
  wx_buffer answer;              /* names and values of headers, with a zero
                                    after each; the body */
  size_t head;                   /* bytes of the headers */
  size_t header_bytes, nheaders; /* seen so far, dropped ones too */
  enum http_part part;
  struct http_framing framing;
  size_t chunk_left;             /* bytes of the chunk */
  wx_buffer line;                /* a part of one between chunks */
  long status;
  struct outcome outcome;
};

struct list {
  struct transfer *first, *last;
};

struct engine {
  /* set before it is used */
  size_t max;                    /* connections */
  int threaded;
  int has_bundle;                /* libcurl has a file of authorities */
  int may_reuse;                 /* its handles serve one call after another */
  wx_buffer ca_file, proxy;      /* with a final zero, or empty */
  int pipe[2];                   /* the pipe that says: something is over */
  pthread_t thread;
  /* under `lock`, which is held for a few instructions */
  pthread_mutex_t lock;
  int refs;
  int quit, ended;               /* the thread is to end, and has */
  int sleeps;                    /* the thread is to be woken */
  int listens;                   /* the caller is */
  int notified;                    /* there is a byte in the pipe */
  int orphans;                   /* some became so */
  size_t untaken;                /* bytes of large answers */
  struct list submitted, completed;
  struct own *own;               /* sockets, by file descriptor */
  size_t nown;
  /* under `multi_lock`, which is held while libcurl works, but not while it
  ** waits for sockets */
  pthread_mutex_t multi_lock;
  CURLM *multi;
  CURLSH *share;                 /* TLS sessions */
  CURL **idle;                   /* room for `max` kept handles */
  size_t nidle, nrunning;
  struct list queue, running;
  /* of process.c */
  struct engine *next;
  int held;
  int inherited;                 /* this process was forked from its own */
};


/* --------------------------------------------------------------- engine.c */

/* Seconds of a clock that only goes forward. */
double engine_now (void);

/* Opens an engine; NULL, and why not. */
struct engine *engine_open (size_t max, int threaded, const wx_buffer *ca_file,
                            const wx_buffer *proxy, const char **why);

/* Ends it and whatever it does; waits for its thread a second at most. */
void engine_close (struct engine *e);

/* Hands over a transfer that has been read. */
void engine_submit (struct engine *e, struct transfer *t);

/* Says that nobody wants its result. Did it begin? */
int engine_orphan (struct engine *e, struct transfer *t);

/* What is over, in order: the first of them, `next` leads on. */
struct transfer *engine_take (struct engine *e);

/* A large answer is out of the way. */
void engine_taken (struct engine *e, size_t bytes);

/* From now on what is over makes the pipe readable; so it is at once when
** something is there, or `busy`. Returns whether. */
int engine_listen (struct engine *e, int busy);

/* Without a thread: does what can be done now, and if nothing is over by
** that waits at most `ms` milliseconds for the network. */
void engine_run (struct engine *e, int ms);

/* A transfer that its caller holds; NULL: no memory. */
struct transfer *transfer_new (void);

/* Makes it as good as new, with its room. NULL: the engine still has it, and
** only that. */
struct transfer *transfer_renew (struct transfer *t);

/* One holder less; the last wipes and frees it. */
void transfer_release (struct transfer *t);


/* -------------------------------------------------------------- process.c */

/* Has forks and exits know of an engine, or no more. 1, or 0. */
int process_enter (struct engine *e);
void process_leave (struct engine *e);

/* Waits while the process forks; for good when it exits. */
void process_pause (void);

/* A socket that no program inherits; < 0: errno says why not. */
int socket_open (int family, int type, int protocol);

/* Notes a socket that was opened for a transfer; 0: no memory. */
int socket_own (struct engine *e, int fd, const struct transfer *t);
void socket_close (struct engine *e, int fd);

/* The socket of the connection that a transfer has got: a new one, which gets
** that name, or the one that has it. 0: not found. */
int socket_find (struct engine *e, const struct transfer *t, int is_new,
                 uint64_t name);

/* A transfer is over; its connection may be kept. */
void socket_leave (struct engine *e, const struct transfer *t);

/* Has the socket of a transfer, or without one all of them, neither read nor
** write any more. */
void socket_cut (struct engine *e, const struct transfer *t);

/* What is short when something could not be made: HTTP_NO_DESCRIPTOR or, so
** it must be then, HTTP_NO_MEMORY. */
const char *http_shortage (void);


/* -------------------------------------------------------------- request.c */

/* [-0, +n] Reads the table at index 2 into a new transfer. NULL, or why
** the call is refused, which may be HTTP_NO_MEMORY; raises for misuse. */
const char *http_read (lua_State *L, struct transfer *t);

/* The method of a request that was read. */
const char *http_method (const struct transfer *t);

/* Is it an HTTP token (RFC 9110, 5.6.2)? */
int http_is_token (const char *s, size_t len);

/* Has it no control character, but maybe that one? */
int http_is_text (const char *s, size_t len, char control);

/* A handle under the policy, a kept one if there is, set up for the
** transfer. NULL: no memory. */
CURL *http_borrow (struct engine *e, struct transfer *t);

/* Takes a handle back: of a request it keeps no secret. */
void http_return (struct engine *e, CURL *easy);

/* Notes what the libcurl that is there has and must not be asked for. */
void http_know_libcurl (struct engine *e);


/* --------------------------------------------------------------- answer.c */

/* HEADERFUNCTION: keeps the lines of the last header block. An interim
** answer (1xx) is dropped when the next status line comes; it counts. */
size_t http_take_header (char *line, size_t size, size_t n, void *arg);

/* WRITEFUNCTION: bytes of the body, as they were sent. Without its chunks;
** their trailers are dropped, and count. */
size_t http_take_body (char *data, size_t size, size_t n, void *arg);

/* Notes why a callback is about to stop the transfer; returns 0. */
int http_stop (struct transfer *t, const char *code, const char *text);

/* Of libcurl, which reads chunks byte by byte, the end may come before a
** line's: refuses what has come of one that cannot be right any more. */
void http_check_part (struct transfer *t);


/* --------------------------------------------------------------- result.c */

#define HTTP_NO_MEMORY "there is not enough memory"
#define HTTP_NO_DESCRIPTOR "no file descriptor is left, or hardly any; " \
  "raise the limit (ulimit -n), or look for what opens so many"
#define HTTP_NO_THREAD "no thread can be started; look at the limit " \
  "(ulimit -u)"

/* Notes how a transfer ended inside libcurl, as that says. */
void http_classify (struct transfer *t, CURLcode rc);

/* Did the request arrive? 0: certainly not; -1: nobody knows. */
int http_was_sent (struct transfer *t);

/* Is it a failure? */
int http_failed (const struct outcome *end);

/* [-0, +n] Pushes the result of a transfer that is over; returns how many
** values it is, 3 or 5. */
int http_push_result (lua_State *L, struct transfer *t,
                      const struct outcome *end);

#endif
