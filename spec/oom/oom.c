/*
** Makes every allocation of a scenario fail once: Lua's and OpenSSL's.
**
**   oom SCENARIO.lua...
**
** A scenario returns a function that does its work and returns true, or
** nil and an error; it raises the string "wrong" where a result is wrong.
** After a warm-up it is run again and again with allocation 1, 2, 3 ...
** failing, until it completes without meeting a failure. Each time it must end
** in an error or succeed, leave nothing behind at OpenSSL, and succeed when it
** is run once more.
**
** Lua answers a failed allocation with a full collection and one more try, so
** there are three ways to fail: once, twice in a row, and from there on.
*/

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#define FOREVER (-1L)
#define MAX_POINTS 200000L
#define SLACK 4096 /* bytes that Lua's tables may have grown by */

static struct {
  long left;     /* allocations until the first failure; -1: none */
  long failures; /* how many fail then, or FOREVER */
  long fired;    /* how many have failed */
  long crypto;   /* blocks that OpenSSL holds */
} state = { -1, 0, 0, 0 };

/* Whether this allocation is one that fails. */
static int fails (void) {
  if (state.left < 0)
    return 0;
  if (state.left > 0) {
    state.left--;
    return 0;
  }
  if (state.failures != FOREVER && state.fired >= state.failures)
    return 0;
  state.fired++;
  return 1;
}

static void *lua_allocate (void *ud, void *block, size_t old, size_t size) {
  (void)ud;
  if (size == 0) {
    free(block);
    return NULL;
  }
  if ((block == NULL || size > old) && fails())
    return NULL;
  return realloc(block, size);
}

static void *crypto_malloc (size_t size, const char *file, int line) {
  void *block;
  (void)file;
  (void)line;
  if (fails())
    return NULL;
  block = malloc(size);
  state.crypto += block != NULL;
  return block;
}

static void crypto_free (void *block, const char *file, int line) {
  (void)file;
  (void)line;
  state.crypto -= block != NULL;
  free(block);
}

static void *crypto_realloc (void *block, size_t size, const char *file,
                             int line) {
  if (block == NULL)
    return crypto_malloc(size, file, line);
  if (size == 0) {
    crypto_free(block, file, line);
    return NULL;
  }
  return fails() ? NULL : realloc(block, size);
}

/* Runs the scenario at stack index 1: 1 success, 0 an error, -1 wrong. */
static int attempt (lua_State *L, long point, long failures) {
  int status, result = 0;
  state.fired = 0;
  state.failures = failures;
  lua_pushvalue(L, 1);
  state.left = point;
  status = lua_pcall(L, 0, 2, 0);
  state.left = -1;
  if (status == LUA_OK)
    result = lua_toboolean(L, -2);
  else if (lua_type(L, -1) == LUA_TSTRING
           && strstr(lua_tostring(L, -1), "wrong") != NULL)
    result = -1;
  if (result < 0 || (result == 0 && state.fired == 0))
    fprintf(stderr, "  %s\n", luaL_tolstring(L, -1, NULL));
  lua_settop(L, 1);
  return result;
}

static size_t bytes_of (lua_State *L) {
  lua_gc(L, LUA_GCCOLLECT);
  lua_gc(L, LUA_GCCOLLECT);
  ERR_clear_error();
  return (size_t)lua_gc(L, LUA_GCCOUNT) * 1024
    + (size_t)lua_gc(L, LUA_GCCOUNTB);
}

/* One point of failure; how many things were wrong with it. */
static int point_is_wrong (lua_State *L, long point, long failures) {
  size_t bytes = bytes_of(L);
  long crypto = state.crypto;
  int wrong = attempt(L, point, failures) < 0;
  long fired = state.fired;
  if (attempt(L, -1, 0) != 1) {
    fprintf(stderr, "  unusable after point %ld\n", point);
    wrong = 1;
  }
  if (bytes_of(L) > bytes + SLACK || state.crypto > crypto) {
    fprintf(stderr, "  point %ld left %ld bytes, %ld blocks of OpenSSL\n",
            point, (long)(bytes_of(L) - bytes), state.crypto - crypto);
    wrong = 1;
  }
  state.fired = fired;
  return wrong;
}

/* All points of the scenario at index 1, for one way to fail. */
static long torture (lua_State *L, const char *name, long failures) {
  long point, wrong = 0;
  for (point = 0; point < MAX_POINTS; point++) {
    wrong += point_is_wrong(L, point, failures);
    if (state.fired == 0)
      break;
  }
  printf("%-28s %8ld points, %s: %ld wrong\n", name, point,
         failures == 1 ? "once" : failures == 2 ? "twice" : "from there on",
         wrong);
  fflush(stdout);
  return wrong + (point == MAX_POINTS);
}

static long scenario (const char *path) {
  static const long ways[] = { 1, 2, FOREVER };
  long wrong = 0;
  size_t i;
  lua_State *L = lua_newstate(lua_allocate, NULL);
  if (L == NULL)
    return 1;
  luaL_openlibs(L);
  if (luaL_loadfile(L, path) != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK
      || attempt(L, -1, 0) != 1 || attempt(L, -1, 0) != 1) {
    fprintf(stderr, "%s does not run: %s\n", path,
            luaL_tolstring(L, -1, NULL));
    wrong = 1;
  }
  for (i = 0; wrong == 0 && i < sizeof ways / sizeof *ways; i++)
    wrong += torture(L, path, ways[i]);
  lua_close(L);
  return wrong;
}

int main (int argc, char **argv) {
  long wrong = 0;
  int i;
  if (!CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free)) {
    fprintf(stderr, "OpenSSL has allocated already\n");
    return 2;
  }
  for (i = 1; i < argc; i++)
    wrong += scenario(argv[i]);
  return wrong != 0;
}
