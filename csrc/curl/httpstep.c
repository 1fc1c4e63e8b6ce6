/*
** httpstep.c - begins, drives and ends transfers, bit by bit.
**
** All driving goes through http_step, which does one small thing after
** another, some of each kind in turn, and stops when its time is up. There
** the next step goes on: nobody starves.
*/

#define _POSIX_C_SOURCE 200809L

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "http.h"

#define SLICE 0.2  /* seconds; bounds a Ctrl-C that comes just before a
                      wait begins */


double http_now (void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}


/*
** {======================================================
** Where a client keeps its transfers
** =======================================================
*/

/* Moves a transfer to the end of a list, or to none. */
static void move (struct transfer *t, struct http_list *to) {
  struct http_list *from = t->list;
  if (from != NULL) {
    *(t->prev != NULL ? &t->prev->next : &from->first) = t->next;
    *(t->next != NULL ? &t->next->prev : &from->last) = t->prev;
  }
  t->next = t->prev = NULL;
  if (to != NULL) {
    t->prev = to->last;
    *(to->last != NULL ? &to->last->next : &to->first) = t;
    to->last = t;
  }
  t->list = to;
}


/* Puts a transfer at a place of the heap, counted from 1. */
static void put (struct client *c, size_t place, struct transfer *t) {
  c->heap[place - 1] = t;
  t->place = place;
}


/* Finds a transfer its place in the heap, from where it is now. */
static void sift (struct client *c, struct transfer *t) {
  size_t i = t->place;
  while (i > 1 && c->heap[i / 2 - 1]->due > t->due) {
    put(c, i, c->heap[i / 2 - 1]);
    i /= 2;
  }
  for (;;) {
    size_t child = 2 * i;
    if (child < c->nheap && c->heap[child]->due < c->heap[child - 1]->due)
      child++;
    if (child > c->nheap || c->heap[child - 1]->due >= t->due)
      break;
    put(c, i, c->heap[child - 1]);
    i = child;
  }
  put(c, i, t);
}


/* Adds a transfer to the heap; 0 without memory. */
static int heap_add (struct client *c, struct transfer *t) {
  if (c->nheap == c->heap_size) {
    size_t size = c->heap_size * 2 + 16;
    struct transfer **heap = realloc(c->heap, size * sizeof(*heap));
    if (heap == NULL)
      return 0;
    c->heap = heap;
    c->heap_size = size;
  }
  put(c, ++c->nheap, t);
  sift(c, t);
  return 1;
}


/* Takes a transfer out of the heap. */
static void heap_remove (struct client *c, struct transfer *t) {
  size_t place = t->place;
  struct transfer *last = c->heap[--c->nheap];
  t->place = 0;
  if (last != t) {
    put(c, place, last);
    sift(c, last);
  }
}


static void set_due (struct client *c, struct transfer *t, double due) {
  t->due = due;
  sift(c, t);
}

/* }====================================================== */


/*
** {======================================================
** Lanes
** =======================================================
*/

/* SOCKETFUNCTION: what libcurl wants to know about a socket */
static int watch (CURL *easy, curl_socket_t fd, int what, void *arg,
                  void *unused) {
  struct lane *lane = arg;
  struct client *c = lane->client;
  int want = 0;
  (void)easy; (void)unused;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
    want |= HTTP_READ;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
    want |= HTTP_WRITE;
  return http_watch(&c->poller, fd, want, (size_t)(lane - c->lanes))
         ? 0 : -1;
}


/* TIMERFUNCTION: when libcurl wants to be called, whatever happens */
static int set_timer (CURLM *multi, long ms, void *arg) {
  struct lane *lane = arg;
  (void)multi;
  lane->timer = ms < 0 ? -1 : ms == 0 ? 0 : http_now() + (double)ms / 1e3;
  return 0;
}


/* Makes the multi handle of a lane; 0 when libcurl refuses. */
static int open_lane (struct lane *lane) {
  CURLM *m = curl_multi_init();
  long max = (long)lane->max;
  if (m != NULL
      && curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, watch) == CURLM_OK
      && curl_multi_setopt(m, CURLMOPT_SOCKETDATA, lane) == CURLM_OK
      && curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, set_timer)
         == CURLM_OK
      && curl_multi_setopt(m, CURLMOPT_TIMERDATA, lane) == CURLM_OK
      && curl_multi_setopt(m, CURLMOPT_MAX_TOTAL_CONNECTIONS, max)
         == CURLM_OK
      && curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, max) == CURLM_OK) {
    lane->multi = m;
    return 1;
  }
  curl_multi_cleanup(m);
  return 0;
}


int http_open_lanes (struct client *c, size_t max) {
  size_t i, each = (max + LANES - 1) / LANES;
  if (each < LANE)
    each = LANE;
  for (i = 0; max > 0; i++) {
    c->lanes[i].client = c;
    c->lanes[i].max = max < each ? max : each;
    c->lanes[i].timer = -1;
    max -= c->lanes[i].max;
  }
  c->nlanes = i;
  return open_lane(&c->lanes[0]);
}


void http_close_lanes (struct client *c) {
  size_t i;
  for (i = 0; i < c->nlanes; i++) {
    curl_multi_cleanup(c->lanes[i].multi);
    c->lanes[i].multi = NULL;
  }
  c->nlanes = 0;
}

/* }====================================================== */


/*
** {======================================================
** Beginning and ending
** =======================================================
*/

int http_queue (struct client *c, struct transfer *t) {
  t->due = t->ends = http_now() + t->timeout;
  if (!heap_add(c, t))
    return 0;
  t->state = QUEUED;
  t->client = c;
  t->proxied = c->proxy.len > 1;  /* its zero */
  move(t, &c->queue);
  c->live++;
  return 1;
}


void http_detach (struct transfer *t) {
  struct client *c = t->client;
  if (c == NULL)
    return;
  if (t->easy != NULL) {
    curl_multi_remove_handle(t->lane->multi, t->easy);
    http_return(c, t->easy);
    t->easy = NULL;
    c->lane = (size_t)(t->lane - c->lanes);
    t->lane->running--;
    c->nrunning--;
    if (t->begun == 0)
      c->connecting--;
  }
  if (t->place != 0) {
    heap_remove(c, t);
    c->live--;
  }
  move(t, NULL);
  t->client = NULL;
}


/* The common end of a transfer in flight; its result can be taken. */
static void end (struct transfer *t) {
  struct client *c = t->client;
  http_detach(t);
  http_drop_request(t);
  t->state = DONE;
  if (t->id > 0) {
    t->client = c;
    move(t, &c->done);
  }
}


void http_abandon (struct transfer *t, const char *code,
                   const char *text) {
  if (t->client->poller.inherited)
    t->easy = NULL;
  t->sent = t->client->poller.inherited ? -1 : http_was_sent(t);
  t->code = code;
  t->text = text;
  end(t);
}


/* Ends a running transfer as libcurl says. */
static void finish (struct transfer *t, CURLcode rc) {
  http_judge(t, rc);
  end(t);
}


/* The lane for a call: where one ended last, for a connection may be free
** there. NULL when libcurl refuses. */
static struct lane *choose_lane (struct client *c) {
  struct lane *lane = &c->lanes[c->lane];
  size_t i;
  for (i = 0; lane->running >= lane->max && i < c->nlanes; i++)
    lane = &c->lanes[i];
  c->lane = (size_t)(lane - c->lanes);
  return lane->multi != NULL || open_lane(lane) ? lane : NULL;
}


/* Hands a queued transfer to libcurl; there is room for it. */
static void launch (struct client *c, struct transfer *t) {
  double connected = c->now + t->connect_timeout;
  t->lane = choose_lane(c);
  if (t->lane == NULL || http_borrow(c, t) == NULL) {
    http_abandon(t, "unavailable", http_shortage());
    return;
  }
  t->lane->running++;
  c->nrunning++;
  c->connecting++;
  t->state = RUNNING;
  move(t, &c->running);
  if (curl_multi_add_handle(t->lane->multi, t->easy) != CURLM_OK)
    http_abandon(t, "unavailable", http_shortage());
  else if (connected < t->ends)
    set_due(c, t, connected);
}

/* }====================================================== */


/*
** {======================================================
** Small things to do; each returns whether there was one
** =======================================================
*/

/* Ends those calls of a list that libcurl, which has lost their lane, does
** not vouch for any more. */
static void lose (struct lane *lane, struct http_list *list) {
  struct transfer *t = list->first;
  while (t != NULL) {
    struct transfer *next = t->next;
    if (t->lane == lane)
      finish(t, CURLE_RECV_ERROR);
    t = next;
  }
}


/* Lets libcurl work on a socket, or on what waits for its time. */
static void act (struct lane *lane, curl_socket_t fd, int events) {
  struct client *c = lane->client;
  CURLMcode rc;
  int n;
  c->pieces = 0;
  rc = curl_multi_socket_action(lane->multi, fd, events, &n);
  lane->acted = 1;
  if (rc != CURLM_OK && rc != CURLM_BAD_SOCKET) {
    lose(lane, &c->running);
    lose(lane, &c->held);
  }
}


int http_hold (struct transfer *t) {
  struct client *c = t->client;
  if (c->until < 0 || c->pieces++ == 0 || http_now() < c->until)
    return 0;
  move(t, &c->held);
  return 1;
}


/* Takes the piece that was held longest; libcurl will then want a turn to
** read on. */
static int release_one (struct client *c) {
  struct transfer *t = c->held.first;
  CURLcode rc;
  if (t == NULL)
    return 0;
  move(t, &c->running);
  c->pieces = 0;
  rc = curl_easy_pause(t->easy, CURLPAUSE_CONT);
  if (rc != CURLE_OK)
    finish(t, rc);
  return 1;
}


/* Ends a transfer whose time is up. */
static int expire_one (struct client *c) {
  struct transfer *t = c->nheap > 0 ? c->heap[0] : NULL;
  if (t == NULL || t->due > c->now)
    return 0;
  if (t->due < t->ends && t->begun > 0)
    set_due(c, t, t->ends);  /* it did connect in time */
  else {
    t->rc = CURLE_OPERATION_TIMEDOUT;
    http_abandon(t, "timeout", t->state == RUNNING ? NULL
      : "no connection was free in time; see max_connections");
  }
  return 1;
}


/* Gives libcurl the turn that it wants in a lane, if its time has come. */
static int take_turn (struct lane *lane) {
  if (lane->timer < 0 || lane->timer > lane->client->now)
    return 0;
  lane->timer = -1;
  act(lane, CURL_SOCKET_TIMEOUT, 0);
  return 1;
}


static int timer_one (struct client *c) {
  size_t i;
  for (i = 0; i < c->nlanes; i++) {
    if (take_turn(&c->lanes[i]))
      return 1;
  }
  return 0;
}


/* Looks for ready sockets, unless there are some. */
static void look (struct client *c, int ms) {
  if (c->poller.at < c->poller.nready)
    return;
  http_poll(&c->poller, ms, c->held.first != NULL);
  c->may_poll = c->poller.nready == READY;
}


/* Serves a socket. When all that were ready have been served it looks for
** others, unless this step has seen that there are no more. */
static int serve_one (struct client *c) {
  size_t lane;
  int fd, events;
  if (!http_ready(&c->poller, &fd, &events, &lane)) {
    if (!c->may_poll)
      return 0;
    look(c, 0);
    if (!http_ready(&c->poller, &fd, &events, &lane))
      return 0;
  }
  act(&c->lanes[lane], fd,
      (events & HTTP_READ ? CURL_CSELECT_IN : 0)
      | (events & HTTP_WRITE ? CURL_CSELECT_OUT : 0));
  return 1;
}


/* Ends a transfer that libcurl has done with. */
static int harvest_one (struct client *c) {
  size_t i;
  for (i = 0; i < c->nlanes; i++) {
    struct lane *lane = &c->lanes[i];
    int n;
    CURLMsg *msg = lane->acted ? curl_multi_info_read(lane->multi, &n)
                               : NULL;
    if (msg != NULL && msg->msg == CURLMSG_DONE) {
      CURLcode rc = msg->data.result;  /* msg dies with the removal */
      char *t = NULL;
      curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
      finish((struct transfer *)(void *)t, rc);
      return 1;
    }
    lane->acted = 0;
  }
  return 0;
}


/* May another call begin? */
static int may_start (const struct client *c) {
  return c->queue.first != NULL && c->nrunning < c->max
      && c->connecting < (size_t)(c->cut_short ? BEHIND : CONNECTING);
}


/* Begins a call, as far as it goes without waiting: libcurl begins all that
** were added since its last turn in one go, which would be too long. */
static int start_one (struct client *c) {
  struct transfer *t = c->queue.first;
  if (!may_start(c))
    return 0;
  launch(c, t);
  if (t->state == RUNNING)
    take_turn(t->lane);
  return 1;
}


static int (*const turns[]) (struct client *) = {
  expire_one, serve_one, harvest_one, start_one, release_one, timer_one
};

#define TURNS (sizeof(turns) / sizeof(turns[0]))
#define BATCH 8  /* things of a kind, before the next kind has its turn */

/* }====================================================== */


/*
** Does one small thing; 0 when there is none. It stays with one kind of
** work for a while: in a tick now and then everything has left the caches,
** and to fetch what a kind needs costs more than one of its things.
*/
static int do_one (struct client *c) {
  size_t i;
  for (i = 0; i <= TURNS; i++) {
    if (c->left > 0 && turns[c->turn](c)) {
      c->left--;
      return 1;
    }
    c->turn = (unsigned)((c->turn + 1) % TURNS);
    c->left = BATCH;
  }
  return 0;
}


void http_step (struct client *c, double until, int poll) {
  int up = 0;
  c->may_poll = poll;
  if (poll)  /* first: a call must not begin on a connection gone bad */
    look(c, 0);
  c->until = until;
  c->now = http_now();
  while (!up && do_one(c)) {
    c->now = http_now();
    up = until >= 0 && c->now >= until;
  }
  c->cut_short = up;
}


/* Waits at most so many seconds until there is something to do. */
static void idle (struct client *c, double seconds) {
  double until = http_now(), ms;
  size_t i;
  until += seconds < SLICE ? seconds : SLICE;
  if (c->nheap > 0 && c->heap[0]->due < until)
    until = c->heap[0]->due;
  for (i = 0; i < c->nlanes; i++) {
    if (c->lanes[i].timer >= 0 && c->lanes[i].timer < until)
      until = c->lanes[i].timer;
  }
  ms = ceil((until - http_now()) * 1e3);
  if (c->cut_short || may_start(c))
    ms = 0;
  look(c, ms > 0 ? (int)ms : 0);
}


int http_wait (lua_State *L, struct client *c, double seconds) {
  lua_State *top = wx_mainthread(L);
  lua_Hook hook = lua_gethook(top);
  idle(c, seconds);
  return lua_gethook(top) == hook;
}


/* Steps are cut short: others' calls may have no end of things to do. */
int http_drive (lua_State *L, struct client *c, struct transfer *t,
                double until) {
  lua_State *top = wx_mainthread(L);
  lua_Hook hook = lua_gethook(top);
  int poll = 1;
  for (;; poll = 0) {
    double left = SLICE;
    http_step(c, http_now() + SLICE, poll);
    if (t != NULL ? t->state == DONE : (left = until - http_now()) <= 0)
      return 1;
    if (lua_gethook(top) == hook)
      idle(c, left);
    if (lua_gethook(top) != hook)
      return 0;
  }
}
