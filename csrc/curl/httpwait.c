/*
** httpwait.c - which sockets are ready: epoll where it exists, poll(2)
** elsewhere. Knows nothing of libcurl and never touches Lua.
*/

#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__) && !defined(WXBOT_USE_POLL)
#define USE_EPOLL
#include <sys/epoll.h>
#endif

#include "http.h"

#define FEW 8  /* descriptors; a host's name or a file takes some */


/* Which socket a file descriptor is; 0: none. */
static ino_t identify (int fd) {
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) ? st.st_ino : 0;
}


/* Is that number still the socket that was opened through us? */
static int is_own (const struct watch *w, int fd) {
  return w->own != 0 && identify(fd) == w->own;
}


/*
** {======================================================
** Forked children: what they inherit is their parent's. They do not wait for
** their client to be used, for until then the other end would see no
** connection end, and a number may by then be that of another file.
** =======================================================
*/

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct poller *pollers;  /* all that are open */


static void hold_pollers (void) {
  pthread_mutex_lock(&lock);
}


static void release_pollers (void) {
  pthread_mutex_unlock(&lock);
}


/* In the child. Nothing but close(2): TLS would say goodbye, and the
** registrations of epoll are shared. */
static void disinherit (void) {
  struct poller *p;
  size_t fd;
  for (p = pollers; p != NULL; p = p->next) {
    for (fd = 0; fd < p->size; fd++) {
      if (is_own(&p->watch[fd], (int)fd))
        close((int)fd);
    }
    if (p->fd >= 0)
      close(p->fd);
    p->fd = -1;
    p->inherited = 1;
  }
  pollers = NULL;
  release_pollers();
}

/* }====================================================== */


/* Makes room for the entry of a file descriptor. 1, or 0 without memory. */
static int grow (struct poller *p, size_t fd) {
  size_t size = fd + 64;
  struct watch *watch;
  hold_pollers();
  watch = realloc(p->watch, size * sizeof(*watch));
  if (watch != NULL) {
    memset(watch + p->size, 0, (size - p->size) * sizeof(*watch));
    p->watch = watch;
    p->size = size;
  }
  release_pollers();
  return watch != NULL;
}


/* The entry of a file descriptor; NULL without memory. */
static struct watch *entry (struct poller *p, int fd) {
  size_t i = (size_t)fd;
  return i < p->size || grow(p, i) ? p->watch + i : NULL;
}


/* Adds a ready socket; there is room. */
static void note (struct poller *p, int fd, int events) {
  p->ready[p->nready].fd = fd;
  p->ready[p->nready++].events = events;
}


#ifdef USE_EPOLL

/* What sockets are registered with. 1, or 0. */
static int open_epoll (struct poller *p) {
  return (p->fd = epoll_create1(EPOLL_CLOEXEC)) >= 0;
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

#else

static int open_epoll (struct poller *p) {
  (void)p;
  return 1;
}


static int set (struct poller *p, int fd, struct watch *w, int want) {
  (void)p; (void)fd;
  w->have = (unsigned char)want;
  return 1;
}

#endif


/*
** A registration for reading outlives the wish: the connection is kept and
** likely to be used again, and until then nothing comes. One that cannot be
** made is of a socket that libcurl has closed behind our back.
*/
static int update (struct poller *p, int fd, struct watch *w) {
  if (w->want == 0 && w->own != 0) {
    if (!set(p, fd, w, HTTP_READ))
      memset(w, 0, sizeof(*w));
    return 1;
  }
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
  if (is_own(w, fd))
    shutdown(fd, SHUT_RDWR);
}


/* A socket is ready for `got`; there is room to note it. */
static void tell (struct poller *p, int fd, int got, int held) {
  struct watch *w = p->watch + fd;
  got &= w->want;
  if (got != 0)
    note(p, fd, got);
  else {
    if (w->want == 0 && !held)
      spoil(fd, w);
    set(p, fd, w, w->want);
  }
}


#ifdef USE_EPOLL

/* Without a descriptor there is no socket either, and time passes. */
void http_poll (struct poller *p, int ms, int held) {
  struct epoll_event events[READY];
  int i, n = 0;
  if (p->fd >= 0)
    n = epoll_wait(p->fd, events, READY, ms);
  else
    poll(NULL, 0, ms);
  p->nready = p->at = 0;
  for (i = 0; i < n; i++) {
    int got = 0;
    if (events[i].events & EPOLLIN)
      got |= HTTP_READ;
    if (events[i].events & EPOLLOUT)
      got |= HTTP_WRITE;
    if (events[i].events & (EPOLLERR | EPOLLHUP))
      got |= HTTP_READ | HTTP_WRITE;
    tell(p, events[i].data.fd, got, held);
  }
}

#else

/* Fills `fds`, which has room for all; returns how many there are. */
static nfds_t collect (struct poller *p, struct pollfd *fds) {
  nfds_t n = 0;
  size_t i;
  for (i = 0; i < p->size; i++) {
    if (p->watch[i].have != 0) {
      fds[n].fd = (int)i;
      fds[n].revents = 0;
      fds[n].events = 0;
      if (p->watch[i].have & HTTP_READ)
        fds[n].events |= POLLIN;
      if (p->watch[i].have & HTTP_WRITE)
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
    if (events != 0 && (i >= n || (nfds_t)f->fd > from)) {
      tell(p, f->fd, events, held);
      f->revents = 0;
    }
  }
  free(fds);
}

#endif


int http_poller_open (struct poller *p) {
  static int knows_children;
  int opened;
  hold_pollers();
  knows_children = knows_children
    || pthread_atfork(hold_pollers, release_pollers, disinherit) == 0;
  opened = knows_children && open_epoll(p);
  if (opened) {
    p->next = pollers;
    pollers = p;
  }
  release_pollers();
  return opened;
}


void http_poller_close (struct poller *p) {
  struct poller **at = &pollers;
  hold_pollers();
  while (*at != NULL && *at != p)
    at = &(*at)->next;
  if (*at != NULL)
    *at = p->next;
  release_pollers();
  if (p->fd >= 0)
    close(p->fd);
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
  w->own = identify(fd);
  return 1;
}


int http_has_spoken (const struct poller *p, int fd) {
  char byte;
  return fd > 0 && (size_t)fd < p->size && is_own(&p->watch[fd], fd)
      && recv(fd, &byte, 1, MSG_PEEK) > 0;
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


const char *http_shortage (void) {
  int fds[FEW], n = 0, short_of_them = 0;
  while (n < FEW && !short_of_them) {
    fds[n] = socket(AF_UNIX, SOCK_DGRAM, 0);
    short_of_them = fds[n] < 0 && (errno == EMFILE || errno == ENFILE);
    n++;
  }
  while (n > 0) {
    if (fds[--n] >= 0)
      close(fds[n]);
  }
  return short_of_them ? HTTP_NO_DESCRIPTOR : HTTP_NO_MEMORY;
}
