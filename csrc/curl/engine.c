/*
** engine.c - begins and ends transfers over one multi handle of libcurl: in
** a thread of its own, or, without one, where engine_run is called.
**
** What is submitted and what is over stand in two lists, each taken whole
** under a mutex. All that is libcurl's is done in rounds, by whoever runs it.
*/

#ifndef _GNU_SOURCE
#define _GNU_SOURCE  /* SCHED_BATCH, pipe2 */
#endif

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"

#define STACK ((size_t)512 << 10)  /* of a thread; some systems give less than
                                      TLS and a host's name may take */
#define KEPT 4096      /* bytes of a buffer kept for a later call */
#define LONGEST 60000  /* milliseconds between two rounds */
#define CLOSING 20     /* looks at whether a thread has ended, */
#define LOOK 50        /* of so many milliseconds each */
#define CUT 2          /* looks, after which its connections are cut */


double engine_now (void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}


/* ----------------------------------------------------- lists and transfers */

/* Adds to the end of a list. */
static void list_add (struct list *list, struct transfer *t) {
  t->next = NULL;
  t->prev = list->last;
  *(list->last != NULL ? &list->last->next : &list->first) = t;
  list->last = t;
}


/* Takes out of a list. */
static void list_remove (struct list *list, struct transfer *t) {
  *(t->prev != NULL ? &t->prev->next : &list->first) = t->next;
  *(t->next != NULL ? &t->next->prev : &list->last) = t->prev;
  t->next = t->prev = NULL;
}


/* Takes all of a list; returns the first. */
static struct transfer *take_all (struct list *list) {
  struct transfer *first = list->first;
  list->first = list->last = NULL;
  return first;
}


/* Wipes a buffer; keeps its room for a later call unless it is large. */
static void empty (wx_buffer *buf) {
  if (buf->size > KEPT)
    wx_buffer_free(buf);
  wx_wipe(buf->data, buf->len);
  buf->len = 0;
}


/* Drops what only a call that is not over needs. */
static void drop_request (struct transfer *t) {
  free(t->lines);
  t->lines = NULL;
  empty(&t->request);
  wx_buffer_free(&t->line);
}


struct transfer *transfer_new (void) {
  struct transfer *t = calloc(1, sizeof(*t));
  if (t != NULL)
    t->refs = 1;
  return t;
}


void transfer_release (struct transfer *t) {
  if (__atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  drop_request(t);
  wx_buffer_free(&t->request);
  wx_buffer_free(&t->answer);
  free(t);
}


/* What a thread has allocated another should not free, for that may wait for
** the former: so its room is used again. */
struct transfer *transfer_renew (struct transfer *t) {
  wx_buffer request, answer;
  if (get(t->refs) > 1) {
    transfer_release(t);
    return NULL;
  }
  drop_request(t);
  empty(&t->answer);
  request = t->request;
  answer = t->answer;
  memset(t, 0, sizeof(*t));
  t->request = request;
  t->answer = answer;
  t->refs = 1;
  return t;
}


/* ----------------------------------------------------------------- a round */
/* Begins what can begin, has libcurl do what it can, ends what is over. The
** caller runs the engine. */

/* Takes a transfer from libcurl or out of the queue; what it ended with is
** known, or nobody asks. */
static void end (struct engine *e, struct transfer *t) {
  list_remove(t->easy != NULL ? &e->running : &e->queue, t);
  if (t->easy != NULL) {
    curl_multi_remove_handle(e->multi, t->easy);
    http_return(e, t->easy);
    t->easy = NULL;
    e->nrunning--;
    socket_leave(e, t);
  }
  drop_request(t);
  if (http_failed(&t->outcome) || get(t->orphan)) {
    empty(&t->answer);  /* nobody will read it */
    t->head = 0;
  }
  pthread_mutex_lock(&e->lock);
  if (t->answer.len > LARGE)
    e->untaken += t->answer.len;
  list_add(&e->completed, t);
  pthread_mutex_unlock(&e->lock);
}


/* Ends a transfer of the queue. */
static void refuse (struct engine *e, struct transfer *t, const char *code,
                    const char *text) {
  http_stop(t, code, text);
  end(e, t);
}


/* Ends those of a list that nobody waits for any more. */
static void end_orphans (struct engine *e, const struct list *list) {
  struct transfer *t, *next;
  for (t = list->first; t != NULL; t = next) {
    next = t->next;
    if (get(t->orphan))
      end(e, t);
  }
}


/* Takes what was submitted. Returns whether new calls may begin. */
static int take_submissions (struct engine *e) {
  struct transfer *t, *next;
  int room, orphans;
  pthread_mutex_lock(&e->lock);
  next = take_all(&e->submitted);
  orphans = e->orphans;
  e->orphans = e->sleeps = 0;
  room = e->untaken < MAX_UNTAKEN;
  pthread_mutex_unlock(&e->lock);
  while ((t = next) != NULL) {
    next = t->next;
    list_add(&e->queue, t);
  }
  if (orphans) {
    end_orphans(e, &e->queue);
    end_orphans(e, &e->running);
  }
  return room;
}


/* The next of the queue that may begin; NULL: none may. Without room only one
** whose caller does nothing else until it is over. */
static struct transfer *next_of (const struct engine *e, int room) {
  struct transfer *t = e->nrunning < e->max ? e->queue.first : NULL;
  while (t != NULL && !room && !t->awaited)
    t = t->next;
  return t;
}


/* Hands a transfer of the queue to libcurl. */
static void begin (struct engine *e, struct transfer *t) {
  CURL *easy = http_borrow(e, t);
  put(t->stage, GIVEN);
  if (easy == NULL) {
    refuse(e, t, "unavailable", http_shortage());
    return;
  }
  list_remove(&e->queue, t);
  list_add(&e->running, t);
  t->easy = easy;
  e->nrunning++;
  if (curl_multi_add_handle(e->multi, easy) != CURLM_OK)
    refuse(e, t, "unavailable", http_shortage());
}


/* Ends what libcurl has done with. */
static void collect (struct engine *e) {
  CURLMsg *msg;
  int n;
  while ((msg = curl_multi_info_read(e->multi, &n)) != NULL) {
    CURLcode rc = msg->data.result;  /* msg dies with the removal */
    void *arg = NULL;
    curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&arg);
    if (msg->msg == CURLMSG_DONE) {
      http_classify(arg, rc);
      end(e, arg);
    }
  }
}


/* Makes the caller's pipe readable. Under the lock. */
static void notify (struct engine *e) {
  if (!e->notified)
    e->notified = write(e->pipe[1], "", 1) == 1;
  e->listens = 0;
}


/* Empties it, unless somebody else has. Under the lock. */
static void drain (struct engine *e) {
  char byte;
  if (e->notified && read(e->pipe[0], &byte, 1) <= 1)
    e->notified = 0;
}


/* Tells of what is over. 1: something is to be done at once; -1: the engine is
** to end; 0: from now on a thread is to be woken. */
static int fall_asleep (struct engine *e) {
  int next, over;
  pthread_mutex_lock(&e->lock);
  over = e->completed.first != NULL;
  if (over && e->listens)
    notify(e);
  next = e->submitted.first != NULL || e->orphans
      || next_of(e, e->untaken < MAX_UNTAKEN) != NULL
      || (over && !e->threaded);
  if (e->quit)
    next = -1;
  e->sleeps = next == 0;
  pthread_mutex_unlock(&e->lock);
  return next;
}


/* Returns the milliseconds until the next round, at most so many; < 0: there is
** to be none. */
static int round_of (struct engine *e, int ms) {
  int room = take_submissions(e), running, next;
  struct transfer *t;
  CURLMcode rc;
  while ((t = next_of(e, room)) != NULL)
    begin(e, t);
  rc = curl_multi_perform(e->multi, &running);
  collect(e);
  while (rc != CURLM_OK && (t = e->running.first) != NULL) {
    http_classify(t, CURLE_RECV_ERROR);  /* libcurl is lost */
    end(e, t);
  }
  next = fall_asleep(e);
  return next == 0 ? ms : next < 0 ? -1 : 0;
}


/* Waits at most so many milliseconds for the network, or to be woken. */
static void poll_ready (struct engine *e, int ms) {
  if (ms > 0 && curl_multi_poll(e->multi, NULL, 0, ms, NULL) != CURLM_OK)
    poll(NULL, 0, ms < 50 ? ms : 50);
}


void engine_run (struct engine *e, int ms) {
  pthread_mutex_lock(&e->multi_lock);
  ms = round_of(e, ms);
  pthread_mutex_unlock(&e->multi_lock);
  poll_ready(e, ms);
}


/* ---------------------------------------- beginning and ending of an engine */

/* Releases a transfer and those behind it. */
static void drop (struct transfer *t) {
  while (t != NULL) {
    struct transfer *next = t->next;
    transfer_release(t);
    t = next;
  }
}


/* Ends all connections. Easy handles go before the share that they use. */
static void shut (struct engine *e) {
  while (e->running.first != NULL)
    end(e, e->running.first);
  while (e->nidle > 0)
    curl_easy_cleanup(e->idle[--e->nidle]);
  curl_multi_cleanup(e->multi);
  curl_share_cleanup(e->share);
  e->multi = NULL;
  e->share = NULL;
  drop(take_all(&e->queue));
  drop(engine_take(e));
}


/* One holder less; the last frees it. */
static void engine_release (struct engine *e) {
  int refs;
  pthread_mutex_lock(&e->lock);
  refs = --e->refs;
  pthread_mutex_unlock(&e->lock);
  if (refs > 0)
    return;
  process_leave(e);
  drop(take_all(&e->submitted));
  if (e->pipe[0] >= 0) {
    close(e->pipe[0]);
    close(e->pipe[1]);
  }
  pthread_mutex_destroy(&e->lock);
  pthread_mutex_destroy(&e->multi_lock);
  wx_buffer_free(&e->ca_file);
  wx_buffer_free(&e->proxy);
  free(e->own);
  free(e->idle);
  free(e);
}


/* Has a frame of the host's not be cut short when the network wakes this
** thread. */
static void stand_back (void) {
#ifdef SCHED_BATCH
  struct sched_param param = {0};
  pthread_setschedparam(pthread_self(), SCHED_BATCH, &param);
#endif
}


/* The thread. */
static void *serve (void *arg) {
  struct engine *e = arg;
  int ms;
  stand_back();
  do {
    process_pause();
    pthread_mutex_lock(&e->multi_lock);
    ms = round_of(e, LONGEST);
    if (ms < 0)
      shut(e);
    pthread_mutex_unlock(&e->multi_lock);
    poll_ready(e, ms);
  } while (ms >= 0);
  pthread_mutex_lock(&e->lock);
  e->ended = 1;
  notify(e);
  pthread_mutex_unlock(&e->lock);
  engine_release(e);
  return NULL;
}


/* Starts the thread. Signals are the host's: none of them is taken there.
** 1, or 0. */
static int start (struct engine *e) {
  pthread_attr_t attr;
  sigset_t all, before;
  int rc = pthread_attr_init(&attr);
  if (rc != 0)
    return 0;
  e->refs++;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  rc = pthread_attr_setstacksize(&attr, STACK);
  if (rc == 0)
    rc = pthread_create(&e->thread, &attr, serve, e);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attr);
  if (rc != 0)
    e->refs--;
  return rc == 0;
}


/* Opens the pipe, whose ends no program inherits. 1, or 0. */
static int open_pipe (int ends[2]) {
#ifdef __linux__
  return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0;
#else
  int i;
  if (pipe(ends) != 0)
    return 0;
  for (i = 0; i < 2; i++) {
    fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    fcntl(ends[i], F_SETFL, O_NONBLOCK);
  }
  return 1;
#endif
}


/* Makes what is libcurl's. 1, or 0. */
static int open_multi (struct engine *e) {
  long max = (long)e->max;
  http_know_libcurl(e);
  e->share = curl_share_init();
  e->multi = curl_multi_init();
  return e->share != NULL && e->multi != NULL
      && curl_share_setopt(e->share, CURLSHOPT_SHARE,
                           CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK
      && curl_multi_setopt(e->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, max)
         == CURLM_OK
      && curl_multi_setopt(e->multi, CURLMOPT_MAXCONNECTS, max) == CURLM_OK
      /* That it lacks a descriptor to be woken by, it says when it is. */
      && curl_multi_wakeup(e->multi) == CURLM_OK;
}


struct engine *engine_open (size_t max, int threaded,
                            const wx_buffer *ca_file, const wx_buffer *proxy,
                            const char **why) {
  struct engine *e = calloc(1, sizeof(*e));
  *why = HTTP_NO_MEMORY;
  if (e == NULL)
    return NULL;
  e->refs = 1;
  e->max = max;
  e->threaded = threaded;
  e->pipe[0] = e->pipe[1] = -1;
  e->idle = calloc(max, sizeof(*e->idle));
  pthread_mutex_init(&e->lock, NULL);
  pthread_mutex_init(&e->multi_lock, NULL);
  *why = NULL;
  if (e->idle == NULL
      || !wx_buffer_append(&e->ca_file, ca_file->data, ca_file->len)
      || !wx_buffer_append(&e->proxy, proxy->data, proxy->len)
      || !open_pipe(e->pipe) || !open_multi(e) || !process_enter(e))
    *why = http_shortage();
  else if (threaded && !start(e))
    *why = HTTP_NO_THREAD;
  if (*why == NULL)
    return e;
  shut(e);
  engine_release(e);
  return NULL;
}


/* Unlocks; wakes the thread if it sleeps. It cannot end meanwhile, for only
** engine_close makes it. */
static void unlock_and_wake (struct engine *e) {
  int wake = e->threaded && e->sleeps;
  e->sleeps = 0;
  pthread_mutex_unlock(&e->lock);
  if (wake)
    curl_multi_wakeup(e->multi);
}


/* Waits until the thread has ended. It does when libcurl returns to us; for
** as long as a server keeps that busy it does not, and connections are cut.
** 1, or 0 after a second. */
static int join (struct engine *e) {
  struct pollfd ready;
  int i, ended = 0;
  ready.fd = e->pipe[0];
  ready.events = POLLIN;
  for (i = 0; i < CLOSING && !ended; i++) {
    if (i == CUT)
      socket_cut(e, NULL);
    pthread_mutex_lock(&e->lock);
    ended = e->ended;
    drain(e);
    pthread_mutex_unlock(&e->lock);
    if (!ended)
      poll(&ready, 1, LOOK);
  }
  return ended && pthread_join(e->thread, NULL) == 0;
}


void engine_close (struct engine *e) {
  pthread_mutex_lock(&e->lock);
  e->quit = 1;
  if (e->threaded && e->sleeps)
    curl_multi_wakeup(e->multi);  /* once unlocked the thread may free it */
  pthread_mutex_unlock(&e->lock);
  if (!e->threaded) {
    pthread_mutex_lock(&e->multi_lock);
    shut(e);
    pthread_mutex_unlock(&e->multi_lock);
  }
  else if (!join(e))
    pthread_detach(e->thread);
  engine_release(e);
}


/* -------------------------------------------------------- the caller's side */

void engine_submit (struct engine *e, struct transfer *t) {
  t->engine = e;
  t->refs++;
  pthread_mutex_lock(&e->lock);
  list_add(&e->submitted, t);
  unlock_and_wake(e);
}


int engine_orphan (struct engine *e, struct transfer *t) {
  put(t->orphan, 1);
  pthread_mutex_lock(&e->lock);
  e->orphans = 1;
  unlock_and_wake(e);
  return get(t->stage) == BEGUN;
}


struct transfer *engine_take (struct engine *e) {
  struct transfer *over;
  pthread_mutex_lock(&e->lock);
  over = take_all(&e->completed);
  e->listens = 0;
  drain(e);
  pthread_mutex_unlock(&e->lock);
  return over;
}


void engine_taken (struct engine *e, size_t bytes) {
  if (bytes <= LARGE)
    return;
  pthread_mutex_lock(&e->lock);
  e->untaken -= bytes < e->untaken ? bytes : e->untaken;
  unlock_and_wake(e);
}


int engine_listen (struct engine *e, int busy) {
  pthread_mutex_lock(&e->lock);
  busy = busy || e->completed.first != NULL;
  e->listens = 1;
  if (busy)
    notify(e);
  pthread_mutex_unlock(&e->lock);
  return busy;
}
