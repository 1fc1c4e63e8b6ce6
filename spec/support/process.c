/*
** process.c - what specs do to processes that Lua cannot: spec.process.
**
**   process.fork()             -> pid of the child; 0 in it
**   process.exit(code)         _exit: nothing is closed, freed or flushed
**   process.wait(pid, seconds) -> status of a child that ended by itself;
**                              nil: it was killed, by us when it took longer
**   process.close(fd)          close(2)
**   process.limit(n)           descriptors that may be open from now on
**   process.readable(fd, seconds) -> is it, by then?
**   process.read(fd)           takes what is there, some of it
*/

#define _POSIX_C_SOURCE 200809L

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <lua.h>
#include <lauxlib.h>

int luaopen_spec_process (lua_State *L);


static int process_fork (lua_State *L) {
  pid_t pid = fork();
  if (pid < 0)
    return luaL_error(L, "the process could not fork");
  lua_pushinteger(L, (lua_Integer)pid);
  return 1;
}


static int process_exit (lua_State *L) {
  _exit((int)luaL_checkinteger(L, 1));
}


static int process_wait (lua_State *L) {
  static const struct timespec pause = {0, 2000000};
  pid_t pid = (pid_t)luaL_checkinteger(L, 1);
  double looks = luaL_checknumber(L, 2) / 0.002;
  int status = 0, got;
  while ((got = waitpid(pid, &status, WNOHANG)) == 0 && looks-- > 0)
    nanosleep(&pause, NULL);
  if (got == 0) {
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
  }
  if (got != pid || !WIFEXITED(status))
    return 0;
  lua_pushinteger(L, WEXITSTATUS(status));
  return 1;
}


static int process_close (lua_State *L) {
  close((int)luaL_checkinteger(L, 1));
  return 0;
}


static int process_limit (lua_State *L) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = (rlim_t)luaL_checkinteger(L, 1);
  lua_pushboolean(L, setrlimit(RLIMIT_NOFILE, &limit) == 0);
  return 1;
}


static int process_readable (lua_State *L) {
  struct pollfd look;
  look.fd = (int)luaL_checkinteger(L, 1);
  look.events = POLLIN;
  lua_pushboolean(L, poll(&look, 1, (int)(luaL_checknumber(L, 2) * 1e3)) > 0);
  return 1;
}


static int process_read (lua_State *L) {
  char bytes[64];
  lua_pushboolean(L, read((int)luaL_checkinteger(L, 1), bytes, sizeof(bytes))
                     > 0);
  return 1;
}


static const luaL_Reg functions[] = {
  {"fork", process_fork},
  {"exit", process_exit},
  {"wait", process_wait},
  {"close", process_close},
  {"limit", process_limit},
  {"readable", process_readable},
  {"read", process_read},
  {NULL, NULL}
};


int luaopen_spec_process (lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
