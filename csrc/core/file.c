/*
** file.c - what Lua's io cannot do: telling what a file is, files and folders
** that are ours alone, locks, and waiting until what was written is on the
** disk.
*/

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE  /* flock */
#endif
#define _POSIX_C_SOURCE 200809L  /* fileno, O_CLOEXEC */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "core.h"


/* The descriptor of the file of Lua's io at index 1; raises when it is none,
** or closed. */
static int check_file (lua_State *L) {
  FILE *file = wx_checkfile(L, 1);
  luaL_argcheck(L, file != NULL, 1, "the file is closed");
  return fileno(file);
}


/* The result of a system call: true, or nil, message, "system". */
static int result_of (lua_State *L, int failed) {
  if (failed)
    return wx_fail(L, "system", strerror(errno));
  lua_pushboolean(L, 1);
  return 1;
}


/* nil, message, "kind" */
static int fail_kind (lua_State *L) {
  return wx_fail(L, "kind", "it is no regular file");
}


/* file_regular(path) -> true: there is a regular file, which is not opened: to
** open a FIFO waits for whoever writes to it. Else nil, message and "kind";
** "system", for a folder too. */
static int file_regular (lua_State *L) {
  struct stat there;
  int failed = stat(luaL_checkstring(L, 1), &there) != 0;
  if (!failed && S_ISDIR(there.st_mode)) {
    errno = EISDIR;
    failed = 1;
  }
  if (failed || S_ISREG(there.st_mode))
    return result_of(L, failed);
  return fail_kind(L);
}


/* file_make(path) -> true: there is such a file; a new one is ours alone */
static int file_make (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd >= 0)
    close(fd);
  return result_of(L, fd < 0 && errno != EEXIST);
}


/* folder_make(path) -> true: there is such a folder; a new one is ours alone */
static int folder_make (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  return result_of(L, mkdir(path, 0700) != 0 && errno != EEXIST);
}


/* Locks a file; while another has it, tries again for that many milliseconds.
** It never waits inside flock: who has it may have been stopped. */
static int lock_within (int fd, lua_Integer milliseconds) {
  const struct timespec pause = {0, 1000000};
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if ((errno != EWOULDBLOCK && errno != EINTR) || milliseconds-- <= 0)
      return -1;
    nanosleep(&pause, NULL);
  }
  return 0;
}


/* file_lock(file, path[, milliseconds = 0]) -> true: nobody else has it locked
** until it is unlocked or closed. Else nil, message and "busy": somebody still
** has; "moved": there is another one at that path by now, and this one is
** locked; "kind": it is no regular file; "system". */
static int file_lock (lua_State *L) {
  struct stat opened, there;
  int fd = check_file(L);
  const char *path = luaL_checkstring(L, 2);
  lua_Integer milliseconds = luaL_optinteger(L, 3, 0);
  if (fstat(fd, &opened) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
    return result_of(L, 1);
  if (!S_ISREG(opened.st_mode))
    return fail_kind(L);
  if (lock_within(fd, milliseconds) != 0) {
    if (errno == EWOULDBLOCK)
      return wx_fail(L, "busy", "another process uses it");
    return result_of(L, 1);
  }
  if (stat(path, &there) != 0 || there.st_ino != opened.st_ino
      || there.st_dev != opened.st_dev)
    return wx_fail(L, "moved", "it was replaced meanwhile");
  return result_of(L, 0);
}


/* file_unlock(file) -> true: others can lock it */
static int file_unlock (lua_State *L) {
  return result_of(L, flock(check_file(L), LOCK_UN) != 0);
}


/* file_close_to_others(file) -> true: it is ours alone from now on, as a new
** one of file_make is */
static int file_close_to_others (lua_State *L) {
  return result_of(L, fchmod(check_file(L), 0600) != 0);
}


/* file_sync(file) -> true: what was written to it is on the disk */
static int file_sync (lua_State *L) {
  return result_of(L, fsync(check_file(L)) != 0);
}


static const luaL_Reg functions[] = {
  {"file_regular", file_regular},
  {"file_make", file_make},
  {"folder_make", folder_make},
  {"file_lock", file_lock},
  {"file_unlock", file_unlock},
  {"file_close_to_others", file_close_to_others},
  {"file_sync", file_sync},
  {NULL, NULL}
};


void wx_open_file (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
