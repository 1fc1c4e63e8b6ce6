/*
** process.c - the sockets of engines, and what a fork or an exit of the
** process does to them. Knows nothing of libcurl and never touches Lua.
*/

#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"

#define FEW 8        /* descriptors; a host's name or a file takes some */
#define PATIENCE 500 /* milliseconds that a fork or an exit waits for a round
                        of libcurl's; then connections are cut, or given up */


/* ----------------------------------------------------------------- sockets */
/* libcurl closes some of them without a word to us, and then the number may be
** that of any file: what is noted is which socket it was. */

struct own {
  ino_t socket;    /* 0: none */
  uint64_t name;   /* the connection's, once it is one */
  const struct transfer *user;  /* that may be cut off: another may take a
                                   connection before the former is collected */
};


/* Which socket a file descriptor is; 0: none. */
static ino_t identify (int fd) {
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) ? st.st_ino : 0;
}


static int is_own (const struct engine *e, size_t fd) {
  return e->own[fd].socket != 0
      && identify((int)fd) == e->own[fd].socket;
}


/* Makes room for a file descriptor. 1, or 0 without memory. */
static int grow (struct engine *e, size_t fd) {
  size_t size = fd + 64;
  struct own *own;
  if (fd < e->nown)
    return 1;
  own = realloc(e->own, size * sizeof(*own));
  if (own == NULL)
    return 0;
  memset(own + e->nown, 0, (size - e->nown) * sizeof(*own));
  e->own = own;
  e->nown = size;
  return 1;
}


/* By one call where there is a way, for another thread may be starting a
** program just then. */
int socket_open (int family, int type, int protocol) {
#ifdef SOCK_CLOEXEC
  return socket(family, type | SOCK_CLOEXEC, protocol);
#else
  int fd = socket(family, type, protocol);
  if (fd >= 0)
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  return fd;
#endif
}


int socket_own (struct engine *e, int fd, const struct transfer *t) {
  int grown;
  pthread_mutex_lock(&e->lock);
  grown = grow(e, (size_t)fd);
  if (grown) {
    e->own[fd].socket = identify(fd);
    e->own[fd].name = 0;
    e->own[fd].user = t;
  }
  pthread_mutex_unlock(&e->lock);
  return grown;
}


void socket_close (struct engine *e, int fd) {
  pthread_mutex_lock(&e->lock);
  if ((size_t)fd < e->nown)
    e->own[fd].socket = e->own[fd].name = 0;
  close(fd);
  pthread_mutex_unlock(&e->lock);
}


/* Of several that were opened for it libcurl has closed all but the one that
** was connected first. A name is of one socket only, the one that had it
** last. */
int socket_find (struct engine *e, const struct transfer *t, int is_new,
                 uint64_t name) {
  size_t fd, found = 0;
  pthread_mutex_lock(&e->lock);
  for (fd = 1; fd < e->nown; fd++) {
    struct own *own = &e->own[fd];
    if (is_new && own->name == name)
      own->name = 0;
    if (is_new ? own->user == t && is_own(e, fd) : own->name == name)
      found = fd;
  }
  if (found > 0) {
    e->own[found].name = name;
    e->own[found].user = t;
  }
  pthread_mutex_unlock(&e->lock);
  return (int)found;
}


void socket_leave (struct engine *e, const struct transfer *t) {
  size_t fd;
  pthread_mutex_lock(&e->lock);
  for (fd = 0; fd < e->nown; fd++) {
    if (e->own[fd].user == t)
      e->own[fd].user = NULL;
  }
  pthread_mutex_unlock(&e->lock);
}


/*
** Is it a connection of ours? For as long as the lock is held it remains so:
** libcurl closes by socket_close what is connected, and has only sockets that
** are not yet closed behind our back.
*/
static int is_connected (const struct engine *e, int fd) {
  struct sockaddr_storage there;
  socklen_t size = sizeof(there);
  return e->own[fd].socket != 0
      && getpeername(fd, (struct sockaddr *)&there, &size) == 0
      && is_own(e, (size_t)fd);
}


void socket_cut (struct engine *e, const struct transfer *t) {
  size_t i;
  pthread_mutex_lock(&e->lock);
  for (i = 1; i < e->nown; i++) {
    if ((t == NULL || e->own[i].user == t) && is_connected(e, (int)i))
      shutdown((int)i, SHUT_RDWR);
  }
  pthread_mutex_unlock(&e->lock);
}


const char *http_shortage (void) {
  int fds[FEW], n = 0, short_of_them = 0;
  while (n < FEW && !short_of_them) {
    fds[n] = socket_open(AF_UNIX, SOCK_DGRAM, 0);
    short_of_them = fds[n] < 0 && (errno == EMFILE || errno == ENFILE);
    n++;
  }
  while (n > 0) {
    if (fds[--n] >= 0)
      close(fds[n]);
  }
  return short_of_them ? HTTP_NO_DESCRIPTOR : HTTP_NO_MEMORY;
}


/* -------------------------------------------------------- forks and exits */
/* Before the process forks or exits each of its engines comes to where nothing
** is half done, in libcurl and in OpenSSL, whose locks a child would inherit as
** they are. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct engine *engines;
static struct engine *left;  /* by this process, which was forked */
static int pausing;          /* atomic */


static void nap (void) {
  static const struct timespec one = {0, 1000000};
  nanosleep(&one, NULL);
}


void process_pause (void) {
  while (get(pausing))
    nap();
}


/* Locks the right to run an engine, in so many milliseconds. 1, or 0. */
static int seize (struct engine *e, int ms) {
  int rc;
  while ((rc = pthread_mutex_trylock(&e->multi_lock)) != 0 && ms-- > 0)
    nap();
  return rc == 0;
}


/* In the parent, before it forks. */
static void hold (void) {
  struct engine *e;
  pthread_mutex_lock(&lock);
  put(pausing, 1);
  for (e = engines; e != NULL; e = e->next) {
    e->held = seize(e, PATIENCE);
    pthread_mutex_lock(&e->lock);
  }
}


/* In the parent, after it. */
static void release (void) {
  struct engine *e;
  for (e = engines; e != NULL; e = e->next) {
    pthread_mutex_unlock(&e->lock);
    if (e->held)
      pthread_mutex_unlock(&e->multi_lock);
  }
  put(pausing, 0);
  pthread_mutex_unlock(&lock);
}


/* In the child: closes what it has inherited, at once, for until then the
** other end would see no connection end, and a number may later be that of
** another file. Nothing but close(2): TLS would say goodbye. Memory is left
** as it is; who holds it finds that out when he looks. */
static void disinherit (void) {
  while (engines != NULL) {
    struct engine *e = engines;
    size_t fd;
    for (fd = 0; fd < e->nown; fd++) {
      if (is_own(e, fd))
        close((int)fd);
    }
    close(e->pipe[0]);
    close(e->pipe[1]);
    e->inherited = 1;
    engines = e->next;
    e->next = left;
    left = e;
  }
  put(pausing, 0);
  pthread_mutex_unlock(&lock);
}


/* At exit, before OpenSSL frees what a thread of ours may be using: their
** rounds end, and none begins any more. */
static void stop (void) {
  struct engine *e;
  pthread_mutex_lock(&lock);
  put(pausing, 1);
  for (e = engines; e != NULL; e = e->next) {
    if (e->threaded && !seize(e, PATIENCE / 10)) {
      socket_cut(e, NULL);
      seize(e, PATIENCE);
    }
  }
  pthread_mutex_unlock(&lock);
}


int process_enter (struct engine *e) {
  static int ready;
  int entered;
  pthread_mutex_lock(&lock);
  ready = ready || (pthread_atfork(hold, release, disinherit) == 0
                    && atexit(stop) == 0);
  entered = ready;
  if (entered) {
    e->next = engines;
    engines = e;
  }
  pthread_mutex_unlock(&lock);
  return entered;
}


void process_leave (struct engine *e) {
  struct engine **at = &engines;
  pthread_mutex_lock(&lock);
  while (*at != NULL && *at != e)
    at = &(*at)->next;
  if (*at != NULL)
    *at = e->next;
  pthread_mutex_unlock(&lock);
}
