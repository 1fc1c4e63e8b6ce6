/*
** network.c - has libcurl work on the sockets that are ready, and waits for
** some: by epoll, where what a call costs does not grow with the calls that
** wait beside it, elsewhere by libcurl's own means.
*/

#ifndef _GNU_SOURCE
#define _GNU_SOURCE  /* eventfd */
#endif

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"

#if defined(__linux__) && !defined(WXBOT_USE_POLL)

#include <sys/epoll.h>
#include <sys/eventfd.h>

/* SOCKETFUNCTION: what libcurl waits for at a socket. It does not say when it
** has closed one, and then the number may be that of another. */
static int watch (CURL *easy, curl_socket_t fd, int what, void *arg,
                  void *unused) {
  struct engine *e = arg;
  struct epoll_event event;
  (void)easy; (void)unused;
  memset(&event, 0, sizeof(event));
  event.data.fd = fd;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
    event.events |= EPOLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
    event.events |= EPOLLOUT;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(e->epoll, EPOLL_CTL_DEL, fd, &event);
    return 0;
  }
  return epoll_ctl(e->epoll, EPOLL_CTL_MOD, fd, &event) == 0
      || (errno == ENOENT
          && epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &event) == 0) ? 0 : -1;
}


/* TIMERFUNCTION: when libcurl wants to be called, whatever happens */
static int set_timer (CURLM *multi, long ms, void *arg) {
  struct engine *e = arg;
  (void)multi;
  e->timer = ms < 0 ? NEVER : ms == 0 ? 0 : engine_now() + (double)ms / 1e3;
  return 0;
}


int network_open (struct engine *e) {
  struct epoll_event event;
  e->epoll = epoll_create1(EPOLL_CLOEXEC);
  e->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  e->timer = NEVER;
  memset(&event, 0, sizeof(event));
  event.events = EPOLLIN;
  event.data.fd = e->wake;
  return e->epoll >= 0 && e->wake >= 0
      && epoll_ctl(e->epoll, EPOLL_CTL_ADD, e->wake, &event) == 0
      && curl_multi_setopt(e->multi, CURLMOPT_SOCKETFUNCTION, watch)
         == CURLM_OK
      && curl_multi_setopt(e->multi, CURLMOPT_SOCKETDATA, e) == CURLM_OK
      && curl_multi_setopt(e->multi, CURLMOPT_TIMERFUNCTION, set_timer)
         == CURLM_OK
      && curl_multi_setopt(e->multi, CURLMOPT_TIMERDATA, e) == CURLM_OK;
}


void network_close (struct engine *e) {
  if (e->epoll >= 0)
    close(e->epoll);
  if (e->wake >= 0)
    close(e->wake);
  e->epoll = e->wake = -1;
}


void network_wake (struct engine *e) {
  static const uint64_t one = 1;
  (void)!write(e->wake, &one, sizeof(one));
}


/* Adds what libcurl finds wrong to what it found before. */
static void act (struct engine *e, curl_socket_t fd, int events,
                 CURLMcode *worst) {
  int n;
  CURLMcode rc = curl_multi_socket_action(e->multi, fd, events, &n);
  if (rc != CURLM_OK && rc != CURLM_BAD_SOCKET)
    *worst = rc;
}


CURLMcode network_act (struct engine *e) {
  CURLMcode rc = CURLM_OK;
  int i, events;
  for (i = 0; i < e->nready; i++) {
    events = 0;
    if (e->ready[i].events & EPOLLIN)
      events |= CURL_CSELECT_IN;
    if (e->ready[i].events & EPOLLOUT)
      events |= CURL_CSELECT_OUT;
    if (e->ready[i].events & (EPOLLERR | EPOLLHUP))
      events |= CURL_CSELECT_IN | CURL_CSELECT_OUT;
    act(e, e->ready[i].fd, events, &rc);
  }
  e->nready = 0;
  if (e->timer <= engine_now()) {
    e->timer = NEVER;
    act(e, CURL_SOCKET_TIMEOUT, 0, &rc);
  }
  return rc;
}


double network_due (const struct engine *e) {
  return e->timer;
}


void network_wait (struct engine *e, int ms) {
  struct epoll_event events[READY];
  uint64_t count;
  int i, n = epoll_wait(e->epoll, events, READY, ms);
  for (i = 0; i < n; i++) {
    if (events[i].data.fd == e->wake) {
      (void)!read(e->wake, &count, sizeof(count));
      continue;
    }
    e->ready[e->nready].fd = events[i].data.fd;
    e->ready[e->nready++].events = events[i].events;
  }
}

#else

/* It says of a multi handle that cannot be woken, for want of a descriptor,
** only when that is tried. */
int network_open (struct engine *e) {
  return curl_multi_wakeup(e->multi) == CURLM_OK;
}


void network_close (struct engine *e) {
  (void)e;
}


void network_wake (struct engine *e) {
  curl_multi_wakeup(e->multi);
}


CURLMcode network_act (struct engine *e) {
  int n;
  return curl_multi_perform(e->multi, &n);
}


double network_due (const struct engine *e) {
  (void)e;
  return NEVER;
}


void network_wait (struct engine *e, int ms) {
  if (ms > 0 && curl_multi_poll(e->multi, NULL, 0, ms, NULL) != CURLM_OK)
    poll(NULL, 0, ms < 50 ? ms : 50);
}

#endif
