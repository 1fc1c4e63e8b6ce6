/*
** http.h - what the files of wxbot/curl.so share: the client, its
** transfers, and who does what with them.
**
**   http.c      what Lua calls
**   httpreq.c   reads a request, puts a libcurl handle under the policy
**   httphead.c  reads the lines of an answer: its head, between chunks
**   httpstep.c  begins, drives and ends transfers, bit by bit
**   httpwait.c  which sockets are ready, and what a forked child does
**   httpend.c   what a transfer ended with
*/

#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>
#include <sys/types.h>
#include <curl/curl.h>

#include "wx.h"

#if LIBCURL_VERSION_NUM < 0x075000
#error "wxbot needs libcurl 7.80 or newer"
#endif

#define HTTP_MAX_BODY ((size_t)1 << 20)  /* bytes of an answer, usually */
#define MAX_ORIGIN 280  /* scheme://host:port */
#define READY 32        /* sockets asked for at once */
#define LANES 32        /* multi handles of a client, at most */
#define LANE 16         /* connections of each, at least */
#define CONNECTING 64   /* calls that may be without connection at a time */
#define BEHIND 8        /* so many, when a step could not do all there was:
                           more would wait for us beyond their time */

#define HTTP_READ 1     /* what a socket is waited for, or is ready for */
#define HTTP_WRITE 2

/*
** Sockets and what they are waited for. With epoll a socket stays
** registered while its connection is idle (`have`), so that a call on a
** kept connection needs no system call but those that carry it.
*/
struct watch {
  ino_t own;                 /* which socket was opened through us; 0: none.
                                libcurl closes some behind our back, and
                                then the number may be that of any file */
  unsigned char want, have;  /* HTTP_READ | HTTP_WRITE */
  unsigned char lane;        /* whose socket it is */
};

struct poller {
  struct poller *next;       /* of all that are open */
  int inherited;             /* it was opened by the process that this one
                                was forked from; closed here */
  int fd;                    /* of epoll; -1: closed */
  struct watch *watch;       /* by file descriptor */
  size_t size;
  struct { int fd, events; } ready[READY];
  size_t nready, at;         /* those before `at` are dealt with */
};

enum http_state {
  FRESH,    /* not begun */
  QUEUED,   /* waits for its turn: certainly not sent */
  RUNNING,  /* inside libcurl */
  DONE,     /* its result can be taken */
  TAKEN
};

struct http_list {
  struct transfer *first, *last;
};

/*
** A multi handle. What libcurl does for one call, and once a second for all
** of them, grows with the connections of its handle, so that many of them
** are shared out among several.
*/
struct lane {
  CURLM *multi;                  /* made when it is first needed */
  struct client *client;
  size_t running, max;
  double timer;                  /* when libcurl wants a turn; < 0: never */
  int acted;                     /* calls may have ended */
};

struct client {
  int open;                      /* what follows up to `share` is there */
  int closed;                    /* by the caller, for good */
  int has_bundle;                /* libcurl has a file of authorities */
  int may_reuse;                 /* its handles serve one call after another */
  CURLSH *share;                 /* TLS sessions */
  struct lane lanes[LANES];
  size_t nlanes, lane;           /* their number, the one in use last */
  wx_buffer ca_file, proxy;      /* with a final zero, or empty */
  struct http_list queue, running;
  struct http_list held;         /* running, but paused: see http_hold */
  struct http_list done;         /* those with an id, until they are told */
  size_t live, nrunning, max;    /* queued and running; running; limit */
  size_t connecting;             /* running, and not connected yet */
  CURL **idle;                   /* room for `max` kept handles */
  size_t nidle;
  struct transfer **heap;        /* queued and running, by `due` */
  size_t nheap, heap_size;
  struct poller poller;
  double now;                    /* the time that the step goes by */
  double until;                  /* when it is to end; < 0: no such time */
  size_t pieces;                 /* of answers taken by its last action */
  unsigned turn, left;           /* which kind of work the next step goes
                                    on with, and for how many things */
  int may_poll;                  /* this step may look for ready sockets */
  int cut_short;                 /* the last step left something undone */
};

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
  double length;                 /* the one */
};

struct transfer {
  enum http_state state;
  struct client *client;         /* NULL when in none of its lists */
  struct http_list *list;
  struct transfer *next, *prev;
  lua_Number id;                 /* of the caller's; 0: none */
  struct lane *lane;             /* while it is RUNNING */
  CURL *easy;                    /* NULL unless RUNNING */
  wx_buffer request;             /* URL, method and header lines, with a
                                    zero after each; the body */
  size_t lines_at, nlines, body_at;
  struct curl_slist *lines;      /* made of it while it is RUNNING */
  wx_buffer answer;              /* header lines, then the body */
  size_t head;                   /* bytes of the header lines */
  size_t header_bytes, nheaders; /* seen so far, dropped ones too */
  size_t max_body;
  enum http_part part;
  struct http_framing framing;
  size_t chunk_left;             /* bytes of the chunk */
  wx_buffer line;                /* a part of one between chunks */
  int fd;                        /* the socket opened last for it; 0: none */
  int begun;                     /* requests that libcurl set out to send */
  double timeout, connect_timeout;
  double due, ends;              /* next and last deadline */
  size_t place;                  /* in the heap, from 1; 0: not there */
  long status;
  CURLcode rc;
  const char *code, *text;       /* code NULL: it went well */
  int proxied;                   /* it goes by a proxy */
  long proxy_status;             /* the proxy's answer to CONNECT; 0: none */
  int sent;                      /* 0: certainly not, 1, -1: unknown */
  char origin[MAX_ORIGIN + 1];   /* what an error may name of the URL */
};


/* {====== httpreq.c ====== */

/* [-0, +n] Reads the table at index 2 into a new transfer. NULL, or why
** the call is refused, which may be HTTP_NO_MEMORY; raises for misuse. */
const char *http_read (lua_State *L, struct transfer *t);

/* The method of a request that was read. */
const char *http_method (const struct transfer *t);

/* Is it an HTTP token (RFC 9110, 5.6.2)? */
int http_is_token (const char *s, size_t len);

/* Does it hold a control character? */
int http_has_control (const char *s, size_t len);

/* A handle under the policy, a kept one if there is, set up for the
** transfer. NULL: no memory. */
CURL *http_borrow (struct client *c, struct transfer *t);

/* Takes a handle back: nothing in it points to a transfer any more. */
void http_return (struct client *c, CURL *easy);

/* Notes what the libcurl that is there has and must not be asked for. */
void http_know_libcurl (struct client *c);

/* Drops what only a call that is not over needs. */
void http_drop_request (struct transfer *t);

/* Wipes a buffer; keeps its room for a later call unless it is large. */
void http_empty (wx_buffer *buf);

/* Adds to what is kept of the answer; 0 without memory. The first bytes
** make room for a common answer. */
int http_keep (struct transfer *t, const char *data, size_t len);

/* How many bytes the body may still have. */
size_t http_room (const struct transfer *t);

/* Adds bytes to the body; 0: the transfer is to stop. */
int http_add_body (struct transfer *t, const char *data, size_t len);

/* Notes why a callback is about to stop the transfer; returns 0. */
int http_stop (struct transfer *t, const char *code, const char *text);

/* }====================== */

/* {====== httphead.c ====== */

/* HEADERFUNCTION: keeps the lines of the last header block. An interim
** answer (1xx) is dropped when the next status line comes; it counts. */
size_t http_take_header (char *line, size_t size, size_t n, void *arg);

/* Takes bytes of a body in chunks; their trailers are dropped, and count.
** 0: the transfer is to stop. */
int http_take_chunks (struct transfer *t, const char *data, size_t len);

/* Of libcurl, which reads chunks byte by byte, the end may come before a
** line's: refuses what has come of one that cannot be right any more. */
void http_judge_part (struct transfer *t);

/* }====================== */

/* {====== httpstep.c ====== */

/* Seconds of a clock that only goes forward. */
double http_now (void);

/* Puts a transfer that has been read into the queue; 0 without memory. */
int http_queue (struct client *c, struct transfer *t);

/* Does what can be done now, until the time `until` (< 0: all of it; at
** least one thing is done). `poll`: look for ready sockets first. */
void http_step (struct client *c, double until, int poll);

/* Waits at most so many seconds until there is something to do. 0 when
** lua.c's Ctrl-C came: it has set a hook that raises as soon as Lua runs
** again. */
int http_wait (lua_State *L, struct client *c, double seconds);

/* Steps and waits until `t` is over or, without one, until the time
** `until`. 0: as http_wait. */
int http_drive (lua_State *L, struct client *c, struct transfer *t,
                double until);

/* A piece of a body has come: is it to be held, with all that follows,
** because the step's time is up? Then a later step takes it. One action of
** libcurl reads on as long as there is something, megabytes if need be; the
** first piece of each is taken, so that every step gets somewhere. */
int http_hold (struct transfer *t);

/* Ends a queued or running transfer for a reason of ours. */
void http_abandon (struct transfer *t, const char *code, const char *text);

/* Takes a transfer out of all that its client knows of it. */
void http_detach (struct transfer *t);

/* Makes the lanes for `max` connections, the first one at once; 0 when
** libcurl refuses. */
int http_open_lanes (struct client *c, size_t max);

/* Frees the lanes and their connections. */
void http_close_lanes (struct client *c);

/* }====================== */

/* {====== httpwait.c ====== */

/* Opens, frees. 1, or 0. In a child that is forked meanwhile it is
** `inherited`, and all of it closed. */
int http_poller_open (struct poller *p);
void http_poller_close (struct poller *p);

/* Says what a socket is waited for, 0: nothing, and whose it is. 0 without
** memory. */
int http_watch (struct poller *p, int fd, int want, size_t lane);

/* Notes that a socket was opened through us. 0: no memory. */
int http_own (struct poller *p, int fd);

/* Is it one of these, and has the other end sent something already? */
int http_has_spoken (const struct poller *p, int fd);

/* Forgets a socket that is about to be closed. */
void http_forget (struct poller *p, int fd);

/* Looks for ready sockets, at most `ms` milliseconds. `held`: there may be
** calls that are paused, whose sockets look like idle ones. */
void http_poll (struct poller *p, int ms, int held);

/* What is short when something could not be made: HTTP_NO_DESCRIPTOR or, so
** it must be then, HTTP_NO_MEMORY. */
const char *http_shortage (void);

/* The next ready socket and whose it is; 0: there is none. */
int http_ready (struct poller *p, int *fd, int *events, size_t *lane);

/* }====================== */

/* {====== httpend.c ====== */

#define HTTP_NO_MEMORY "there is not enough memory"
#define HTTP_NO_DESCRIPTOR "no file descriptor is left, or hardly any; " \
  "raise the limit (ulimit -n), or look for what opens so many"
#define HTTP_NONE "what answers there does not speak HTTP; check the port"
#define HTTP_CODED "the answer comes in an encoding that was not asked for"
#define HTTP_TOO_LONG "the answer is longer than max_body allows"

/* Notes how a running transfer ended, as libcurl says. */
void http_judge (struct transfer *t, CURLcode rc);

/* Did the request arrive? 0: certainly not; -1: nobody knows. */
int http_was_sent (struct transfer *t);

/* [-0, +5] nil, message, code, false, nil: a call that was not begun. */
int http_refuse (lua_State *L, const char *code, const char *text);

/* [-0, +n] Pushes the result of a transfer that is over, once. Returns how
** many values on the top it is, 3 or 5. */
int http_push_result (lua_State *L, struct transfer *t);

/* }====================== */

#endif
