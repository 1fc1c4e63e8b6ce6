/*
** tsan.c - a host with two threads, each with a Lua state of its own, whose
** calls go on at the same time: what ThreadSanitizer watches.
**
**   tsan SERVER.lua CALLS.lua
**
** SERVER.lua returns the URL of a server and what stops it. CALLS.lua is run
** by each thread with its number and that URL. The memory of a state is
** limited, and touched by the thread that has it alone.
*/

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#define THREADS 2
#define LIMIT ((size_t)64 << 20)

struct host {
  pthread_t thread;  /* itself says which, when it runs */
  int number, failed;
  size_t used;
  const char *calls, *url;
};


static void *allocate (void *arg, void *block, size_t old, size_t size) {
  struct host *host = arg;
  void *new_block;
  if (!pthread_equal(pthread_self(), host->thread)) {
    fputs("tsan: another thread touches Lua's memory\n", stderr);
    abort();
  }
  if (block == NULL)
    old = 0;
  if (size == 0) {
    free(block);
    host->used -= old;
    return NULL;
  }
  if (host->used - old + size > LIMIT)
    return NULL;
  new_block = realloc(block, size);
  if (new_block != NULL)
    host->used += size - old;
  return new_block;
}


static void *run (void *arg) {
  struct host *host = arg;
  lua_State *L;
  host->thread = pthread_self();
  L = lua_newstate(allocate, host);
  if (L == NULL)
    exit(EXIT_FAILURE);
  luaL_openlibs(L);
  host->failed = luaL_loadfile(L, host->calls) != 0;
  if (!host->failed) {
    lua_pushinteger(L, host->number);
    lua_pushstring(L, host->url);
    host->failed = lua_pcall(L, 2, 0, 0) != 0;
  }
  if (host->failed)
    fprintf(stderr, "tsan: %s\n", lua_tostring(L, -1));
  lua_close(L);
  return NULL;
}


int main (int argc, char **argv) {
  static struct host hosts[THREADS];
  pthread_t threads[THREADS];
  lua_State *L = luaL_newstate();
  int i, failed = 0;
  if (argc < 3 || L == NULL)
    return EXIT_FAILURE;
  luaL_openlibs(L);
  if (luaL_loadfile(L, argv[1]) != 0 || lua_pcall(L, 0, 2, 0) != 0) {
    fprintf(stderr, "tsan: %s\n", lua_tostring(L, -1));
    return EXIT_FAILURE;
  }
  for (i = 0; i < THREADS; i++) {
    hosts[i].number = i + 1;
    hosts[i].calls = argv[2];
    hosts[i].url = lua_tostring(L, -2);
    if (pthread_create(&threads[i], NULL, run, &hosts[i]) != 0)
      return EXIT_FAILURE;
  }
  for (i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    failed |= hosts[i].failed;
  }
  failed |= lua_pcall(L, 0, 0, 0) != 0;
  lua_close(L);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
