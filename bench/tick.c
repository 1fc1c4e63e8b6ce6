/*
** tick.c - plain libcurl in a game's tick, as a C program would do it:
** curl_multi_socket_action over epoll, socket by socket until the budget is
** spent; a call that has finished begins anew. What the figures of
** bench/tick.lua are ratios to.
**
**   tick WAITING SECONDS BUDGET URL [CA_FILE]
**
** Built with -DENGINE, as tick_engine, it takes turns with the engine of
** csrc/curl/ instead: the floor of what any language can do over that thread.
**
** Prints "CALLS SECONDS P50 P99 MAX", the last three in microseconds of a
** step, after two seconds in which connections are made.
*/

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include <curl/curl.h>

#ifdef ENGINE
#include "engine.h"
#endif

#define HZ 60
#define BODY 450
#define MAX_STEPS 100000

static char body[BODY + 1];
static size_t size;
static long finished;


static double now (void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}


static void fail (const char *what) {
  fprintf(stderr, "tick: %s\n", what);
  exit(1);
}


#ifdef ENGINE

static struct engine *engine;
static struct transfer *over;  /* what a step did not come to */
static const char *url_of;


static void submit (struct transfer *t) {
  static const char head[] = "POST\0Content-Type: application/json\0Expect:";
  size_t len = strlen(url_of) + 1;
  if (t == NULL || !wx_buffer_append(&t->request, url_of, len)
      || !wx_buffer_append(&t->request, head, sizeof(head))
      || !wx_buffer_append(&t->request, body, BODY))
    fail("no memory");
  t->lines_at = len + sizeof("POST");
  t->nlines = 2;
  t->body_at = len + sizeof(head);
  t->max_body = MAX_BODY;
  t->timeout = t->connect_timeout = 30;
  t->due = now() + 30;
  memcpy(t->origin, url_of, sizeof("https:"));
  engine_submit(engine, t);
}


static void set_up (const char *url, const char *ca) {
  wx_buffer ca_file = {NULL, 0, 0}, proxy = {NULL, 0, 0};
  const char *why;
  size_t i;
  if (ca != NULL)
    wx_buffer_append(&ca_file, ca, strlen(ca) + 1);
  engine = engine_open(size, 1, &ca_file, &proxy, &why);
  if (engine == NULL)
    fail(why);
  url_of = url;
  for (i = 0; i < size; i++)
    submit(transfer_new());
}


/* One step: what is over begins anew, until the time is up. */
static void step (double ends) {
  static char answer[MAX_BODY + 4096];
  struct transfer *t;
  if (over == NULL)
    over = engine_take(engine);
  while ((t = over) != NULL && now() < ends) {
    over = t->next;
    if (http_failed(&t->outcome))
      fail(t->outcome.text);
    memcpy(answer, t->answer.data, t->answer.len);
    engine_taken(engine, t->answer.len);
    transfer_release(t);
    finished++;
    submit(transfer_renew(t));
  }
}

#else

static CURLM *multi;
static int epoll;
static double timer = -1;
static CURL **waiting;  /* a ring of handles to begin */
static size_t first, count;


static size_t take (char *data, size_t n, size_t m, void *arg) {
  static char answer[65536];
  (void)arg;
  memcpy(answer, data, n * m < sizeof(answer) ? n * m : sizeof(answer));
  return n * m;
}


static int on_socket (CURL *e, curl_socket_t fd, int what, void *a,
                      void *known) {
  struct epoll_event event;
  (void)e; (void)a;
  memset(&event, 0, sizeof(event));
  event.data.fd = fd;
  if (what & CURL_POLL_IN)
    event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT)
    event.events |= EPOLLOUT;
  if (what == CURL_POLL_REMOVE)
    epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
  else if (known == NULL) {
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    curl_multi_assign(multi, fd, &epoll);
  }
  else
    epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
  return 0;
}


static int on_timer (CURLM *m, long ms, void *arg) {
  (void)m; (void)arg;
  timer = ms < 0 ? -1 : now() + (double)ms / 1e3;
  return 0;
}


static CURL *handle (const char *url, const char *ca,
                     struct curl_slist *headers) {
  CURL *e = curl_easy_init();
  if (e == NULL)
    fail("no memory");
  curl_easy_setopt(e, CURLOPT_URL, url);
  curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)BODY);
  curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, 30000L);
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take);
  if (ca != NULL) {
    curl_easy_setopt(e, CURLOPT_CAINFO, ca);
    curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
  }
  return e;
}


static void harvest (void) {
  int n;
  CURLMsg *msg;
  while ((msg = curl_multi_info_read(multi, &n)) != NULL) {
    CURL *e = msg->easy_handle;
    if (msg->data.result != CURLE_OK)
      fail(curl_easy_strerror(msg->data.result));
    curl_multi_remove_handle(multi, e);
    waiting[(first + count++) % size] = e;
    finished++;
  }
}


/* One step: what can be done now, until the time is up. */
static void step (double ends) {
  struct epoll_event events[64];
  int i, n, running;
  do {
    n = epoll_wait(epoll, events, 16, 0);
    for (i = 0; i < n && now() < ends; i++) {
      int mask = 0;
      if (events[i].events & EPOLLIN)
        mask |= CURL_CSELECT_IN;
      if (events[i].events & EPOLLOUT)
        mask |= CURL_CSELECT_OUT;
      if (events[i].events & (EPOLLERR | EPOLLHUP))
        mask |= CURL_CSELECT_ERR;
      curl_multi_socket_action(multi, events[i].data.fd, mask, &running);
      harvest();
    }
    for (i = 0; (i < 16 || n == 0) && count > 0 && now() < ends; i++) {
      curl_multi_add_handle(multi, waiting[first]);
      first = (first + 1) % size;
      count--;
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
      harvest();
    }
    if (timer >= 0 && timer <= now()) {
      timer = -1;
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
      harvest();
    }
  } while ((n > 0 || count > 0) && now() < ends);
}


static void set_up (const char *url, const char *ca) {
  struct curl_slist *headers;
  size_t i;
  headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  multi = curl_multi_init();
  epoll = epoll_create1(EPOLL_CLOEXEC);
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)size);
  waiting = calloc(size, sizeof(*waiting));
  if (waiting == NULL)
    fail("no memory");
  for (i = 0; i < size; i++)
    waiting[count++] = handle(url, ca, headers);
}

#endif


static int compare (const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}


static void sleep_until (double time) {
  double left = time - now();
  struct timespec ts;
  if (left <= 0)
    return;
  ts.tv_sec = (time_t)left;
  ts.tv_nsec = (long)((left - (double)ts.tv_sec) * 1e9);
  nanosleep(&ts, NULL);
}


int main (int argc, char **argv) {
  static double spent[MAX_STEPS];
  double began, begun, seconds, budget, tick;
  size_t n = 0;
  if (argc < 5)
    fail("WAITING SECONDS BUDGET URL [CA_FILE]");
  size = (size_t)atol(argv[1]);
  seconds = atof(argv[2]);
  budget = atof(argv[3]);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  memset(body, 'x', BODY);
  set_up(argv[4], argc > 5 ? argv[5] : NULL);
  for (began = now(); now() < began + 2; sleep_until(now() + 0.001))
    step(now() + 0.02);
  finished = 0;
  begun = tick = now();
  while (now() < begun + seconds && n < MAX_STEPS) {
    double start = now();
    step(start + budget);
    spent[n++] = now() - start;
    tick += 1.0 / HZ;
    sleep_until(tick);
  }
  seconds = now() - begun;
  qsort(spent, n, sizeof(*spent), compare);
  printf("%ld %.6f %.0f %.0f %.0f\n", finished, seconds, spent[n / 2] * 1e6,
         spent[n * 99 / 100] * 1e6, spent[n - 1] * 1e6);
  return 0;
}
