/*
** httpwait.c - which sockets are ready: epoll where it exists, poll(2)
** elsewhere. Knows nothing of libcurl and never touches Lua.
*/

#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__linux__) && !defined(WXBOT_USE_POLL)
#define USE_EPOLL
#include <sys/epoll.h>
#else
#include <poll.h>
#endif

#include "http.h"


/* The entry of a file descriptor; NULL without memory. */
static struct watch *entry (struct poller *p, int fd) {
  size_t i = (size_t)fd;
  if (i >= p->size) {
    size_t size = i + 64;
    struct watch *watch = realloc(p->watch, size * sizeof(*watch));
    if (watch == NULL)
      return NULL;
    memset(watch + p->size, 0, (size - p->size) * sizeof(*watch));
    p->watch = watch;
    p->size = size;
  }
  return p->watch + i;
}


/* Adds a ready socket; there is room. */
static void note (struct poller *p, int fd, int events) {
  p->ready[p->nready].fd = fd;
  p->ready[p->nready++].events = events;
}


#ifdef USE_EPOLL

int http_poller_open (struct poller *p) {
  p->fd = epoll_create1(EPOLL_CLOEXEC);
  return p->fd >= 0;
}


static void close_poller (struct poller *p) {
  close(p->fd);
}


/* Registers a socket for `want`, or not at all. 1, or 0. */
static int set (struct poller *p, int fd, struct watch *w, int want) {
  struct epoll_event event;
  int op = w->have == 0 ? EPOLL_CTL_ADD
         : want != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
  if (w->have == want)
    return 1;
  memset(&event, 0, sizeof(event));
  event.data.fd = fd;
  if (want & HTTP_READ)
    event.events |= EPOLLIN;
  if (want & HTTP_WRITE)
    event.events |= EPOLLOUT;
  w->have = (unsigned char)want;
  if (epoll_ctl(p->fd, op, fd, &event) == 0 || want == 0)
    return 1;
  /* A number that was closed behind our back, and is in use again. */
  op = errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  return epoll_ctl(p->fd, op, fd, &event) == 0;
}


/*
** A registration for reading may outlive the wish: the connection is kept
** and likely to be used again, and until then nothing comes.
*/
static int update (struct poller *p, int fd, struct watch *w) {
  if (w->want == 0 && w->own)
    return 1;
  if ((w->want & ~w->have) != 0 || (w->have & ~w->want & HTTP_WRITE) != 0
      || w->want == 0)
    return set(p, fd, w, w->want);
  return 1;
}


/*
** Nobody waits for this socket, and something has come. On an idle
** connection nothing was to: what came is no answer to what will be asked
** there, and libcurl before version 8 would take it for one. Now writing to
** it fails at once, and the next call goes to a new connection.
*/
static void spoil (int fd, const struct watch *w) {
  if (w->own)
    shutdown(fd, SHUT_RDWR);
}


void http_poll (struct poller *p, int ms, int held) {
  struct epoll_event events[READY];
  int i, n = epoll_wait(p->fd, events, READY, ms);
  p->nready = p->at = 0;
  for (i = 0; i < n; i++) {
    int fd = events[i].data.fd, got = 0;
    struct watch *w = p->watch + fd;
    if (events[i].events & EPOLLIN)
      got |= HTTP_READ;
    if (events[i].events & EPOLLOUT)
      got |= HTTP_WRITE;
    if (events[i].events & (EPOLLERR | EPOLLHUP))
      got |= HTTP_READ | HTTP_WRITE;
    got &= w->want;
    if (got != 0)
      note(p, fd, got);
    else {
      if (w->want == 0 && !held)
        spoil(fd, w);
      set(p, fd, w, w->want);
    }
  }
}

#else

int http_poller_open (struct poller *p) {
  p->fd = -1;
  return 1;
}


static void close_poller (struct poller *p) {
  (void)p;
}


static int set (struct poller *p, int fd, struct watch *w, int want) {
  (void)p; (void)fd; (void)w; (void)want;
  return 1;
}


static int update (struct poller *p, int fd, struct watch *w) {
  (void)p; (void)fd; (void)w;
  return 1;
}


/* Fills `fds`, which has room for all; returns how many there are. */
static nfds_t collect (struct poller *p, struct pollfd *fds) {
  nfds_t n = 0;
  size_t i;
  for (i = 0; i < p->size; i++) {
    if (p->watch[i].want != 0) {
      fds[n].fd = (int)i;
      fds[n].revents = 0;
      fds[n].events = 0;
      if (p->watch[i].want & HTTP_READ)
        fds[n].events |= POLLIN;
      if (p->watch[i].want & HTTP_WRITE)
        fds[n].events |= POLLOUT;
      n++;
    }
  }
  return n;
}


/* Without memory nothing is ready, and the wait is a short one. */
void http_poll (struct poller *p, int ms, int held) {
  struct pollfd *fds = malloc((p->size + 1) * sizeof(*fds));
  nfds_t i, n = fds != NULL ? collect(p, fds) : 0;
  int got = poll(fds, n, ms);
  (void)held;  /* idle sockets are not looked at */
  /* Where the last look ended, so that all get their turn. */
  nfds_t from = n > 0 && p->nready > 0
    ? (nfds_t)p->ready[p->nready - 1].fd : 0;
  p->nready = p->at = 0;
  for (i = 0; got > 0 && i < 2 * n && p->nready < READY; i++) {
    struct pollfd *f = fds + i % n;
    int events = (f->revents & POLLIN ? HTTP_READ : 0)
               | (f->revents & POLLOUT ? HTTP_WRITE : 0);
    if (f->revents & (POLLERR | POLLHUP | POLLNVAL))
      events = HTTP_READ | HTTP_WRITE;
    events &= p->watch[f->fd].want;
    if (events != 0 && (i >= n || (nfds_t)f->fd > from)) {
      note(p, f->fd, events);
      f->revents = 0;
    }
  }
  free(fds);
}

#endif


void http_poller_close (struct poller *p) {
  if (p->fd >= 0)
    close_poller(p);
  free(p->watch);
  memset(p, 0, sizeof(*p));
  p->fd = -1;
}


int http_watch (struct poller *p, int fd, int want, size_t lane) {
  struct watch *w = entry(p, fd);
  if (w == NULL)
    return 0;
  w->lane = (unsigned char)lane;
  w->want = (unsigned char)want;
  return update(p, fd, w);
}


int http_own (struct poller *p, int fd) {
  struct watch *w = entry(p, fd);
  if (w == NULL)
    return 0;
  w->own = 1;
  return 1;
}


void http_forget (struct poller *p, int fd) {
  struct watch *w = entry(p, fd);
  size_t i;
  if (w != NULL) {
    set(p, fd, w, 0);
    memset(w, 0, sizeof(*w));
  }
  for (i = p->at; i < p->nready; i++) {  /* the number may return */
    if (p->ready[i].fd == fd)
      p->ready[i].events = 0;
  }
}


int http_ready (struct poller *p, int *fd, int *events, size_t *lane) {
  while (p->at < p->nready) {
    *fd = p->ready[p->at].fd;
    *events = p->ready[p->at++].events & p->watch[*fd].want;
    *lane = p->watch[*fd].lane;
    if (*events != 0)
      return 1;
  }
  return 0;
}
