/*
** Makes every allocation of a scenario fail once: those of Lua, OpenSSL and
** libcurl, and those that csrc makes itself (alloc.h).
**
**   oom [-joff] SCENARIO.lua...
**
** A scenario returns a function that does its work and returns true, or
** nil and an error; it raises the string "wrong" where a result is wrong.
** What it returns besides is called at the end.
** After a warm-up it is run again and again with allocation 1, 2, 3 ...
** failing, each time in a process of its own, until it completes without
** meeting a failure. Each time it must end in an error or succeed, leave
** nothing behind (bytes of Lua, blocks of the others, descriptors), and
** succeed when it is run once more.
**
** Lua 5.4 answers a failed allocation with a full collection and one more
** try, so there are three ways to fail: once, twice in a row, and from there
** on.
**
** LuaJIT, with its compiler on, crashes at some points where compiled code is
** refused memory; on the stack are then compiled code and LuaJIT alone. There
** all but Lua's own allocations fail; with -joff, which turns the compiler
** off, Lua's fail too. POINT=n in the environment: that one only.
*/

#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#if LUA_VERSION_NUM == 501
#include <luajit.h>
#endif
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#define FOREVER (-1L)
#define MAX_POINTS 200000L
#define MAX_WRONG 20   /* then this scenario is left */
#define SLACK 4096     /* bytes that Lua's tables may have grown by */
#define TRACES 65536   /* and what LuaJIT may have compiled */
#define WARM 100       /* runs after which it has compiled much */
#define PATIENCE 60    /* seconds for one point */
#define CROWD 12       /* processes at a time */

enum { CRYPTO, CURL_OWN, OURS, OWNERS };

static const char *const owner_names[] = { "OpenSSL", "libcurl", "csrc" };

static struct {
  long left;            /* allocations until the first failure; -1: none */
  long failures;        /* how many fail then, or FOREVER */
  long fired;           /* how many have failed */
  long blocks[OWNERS];  /* that are held */
  long slack;           /* bytes of Lua that may be left behind */
  int lua_spared;       /* Lua's allocations do not fail */
} state = { -1, 0, 0, { 0, 0, 0 }, SLACK, 0 };


/*
** {======================================================
** Allocators
** =======================================================
*/

/* Held for what is counted: the thread of a loop allocates as well. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;


/* Whether this allocation is one that fails. */
static int fails (void) {
  int failed = 0;
  pthread_mutex_lock(&lock);
  if (state.left > 0)
    state.left--;
  else if (state.left == 0)
    failed = state.failures == FOREVER || state.fired < state.failures;
  state.fired += failed;
  pthread_mutex_unlock(&lock);
  return failed;
}


/* Notes that there is one block more, or less, unless it is none. */
static void note (int owner, const void *block, long change) {
  pthread_mutex_lock(&lock);
  state.blocks[owner] += block != NULL ? change : 0;
  pthread_mutex_unlock(&lock);
}


static void *lua_allocate (void *ud, void *block, size_t old, size_t size) {
  (void)ud;
  if (size == 0) {
    free(block);
    return NULL;
  }
  if (!state.lua_spared && (block == NULL || size > old) && fails())
    return NULL;
  return realloc(block, size);
}


static void *count (int owner, void *block) {
  note(owner, block, 1);
  return block;
}


static void *owned_malloc (int owner, size_t size) {
  return fails() ? NULL : count(owner, malloc(size));
}


static void *owned_calloc (int owner, size_t n, size_t size) {
  return fails() ? NULL : count(owner, calloc(n, size));
}


static void owned_free (int owner, void *block) {
  note(owner, block, -1);
  free(block);
}


static void *owned_realloc (int owner, void *block, size_t size) {
  if (block == NULL)
    return owned_malloc(owner, size);
  return fails() ? NULL : realloc(block, size);
}


static void *crypto_malloc (size_t size, const char *file, int line) {
  (void)file; (void)line;
  return owned_malloc(CRYPTO, size);
}


static void crypto_free (void *block, const char *file, int line) {
  (void)file; (void)line;
  owned_free(CRYPTO, block);
}


static void *crypto_realloc (void *block, size_t size, const char *file,
                             int line) {
  (void)file; (void)line;
  if (block != NULL && size == 0) {
    owned_free(CRYPTO, block);
    return NULL;
  }
  return owned_realloc(CRYPTO, block, size);
}


static void *curl_malloc (size_t size) {
  return owned_malloc(CURL_OWN, size);
}


static void *curl_calloc (size_t n, size_t size) {
  return owned_calloc(CURL_OWN, n, size);
}


static void *curl_realloc (void *block, size_t size) {
  return owned_realloc(CURL_OWN, block, size);
}


static char *curl_strdup (const char *text) {
  return fails() ? NULL : count(CURL_OWN, strdup(text));
}


static void curl_own_free (void *block) {
  owned_free(CURL_OWN, block);
}


void *oom_malloc (size_t size);
void *oom_calloc (size_t n, size_t size);
void *oom_realloc (void *block, size_t size);
void oom_free (void *block);


void *oom_malloc (size_t size) {
  return owned_malloc(OURS, size);
}


void *oom_calloc (size_t n, size_t size) {
  return owned_calloc(OURS, n, size);
}


void *oom_realloc (void *block, size_t size) {
  return owned_realloc(OURS, block, size);
}


void oom_free (void *block) {
  owned_free(OURS, block);
}

/* }====================================================== */


/*
** {======================================================
** Points
** =======================================================
*/

/* Says what is on the top, whatever it is; for a table, its `message`. */
static void say (lua_State *L) {
  if (lua_istable(L, -1))
    lua_getfield(L, -1, "message");
  if (lua_isstring(L, -1))
    fprintf(stderr, "  %s\n", lua_tostring(L, -1));
  else
    fprintf(stderr, "  a %s\n", luaL_typename(L, -1));
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
  if (status == 0)
    result = lua_toboolean(L, -2);
  else if (lua_type(L, -1) == LUA_TSTRING
           && strstr(lua_tostring(L, -1), "wrong") != NULL)
    result = -1;
  if (result < 0 || (result == 0 && state.fired == 0))
    say(L);
  lua_settop(L, 1);
  return result;
}


static long descriptors (void) {
  DIR *folder = opendir("/proc/self/fd");
  long n = 0;
  if (folder == NULL)
    return 0;
  while (readdir(folder) != NULL)
    n++;
  closedir(folder);
  return n;
}


/* What there is of everything, when nothing is in use. */
struct holdings {
  long bytes, descriptors, blocks[OWNERS];
};


/*
** OpenSSL's queue of errors keeps a block with each of its places that has
** once had a text: every place is given one, so that there are always as many.
*/
static void fill_errors (void) {
  int i;
  for (i = 0; i < ERR_NUM_ERRORS; i++)
    ERR_raise_data(ERR_LIB_USER, ERR_R_MALLOC_FAILURE, "a text");
  ERR_clear_error();
}


static struct holdings holdings (lua_State *L) {
  struct holdings h;
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
  fill_errors();
  h.bytes = lua_gc(L, LUA_GCCOUNT, 0) * 1024L + lua_gc(L, LUA_GCCOUNTB, 0);
  h.descriptors = descriptors();
  memcpy(h.blocks, state.blocks, sizeof(h.blocks));
  return h;
}


/* Is there more than there was? Says what. */
static int has_grown (const struct holdings *was, const struct holdings *is) {
  int i, grown = is->bytes > was->bytes + state.slack
              || is->descriptors > was->descriptors;
  if (grown)
    fprintf(stderr, "  left behind: %ld bytes of Lua, %ld descriptors\n",
            is->bytes - was->bytes, is->descriptors - was->descriptors);
  for (i = 0; i < OWNERS; i++) {
    if (is->blocks[i] > was->blocks[i]) {
      fprintf(stderr, "  left behind: %ld blocks of %s\n",
              is->blocks[i] - was->blocks[i], owner_names[i]);
      grown = 1;
    }
  }
  return grown;
}


enum { GOOD, WRONG, OVER };


/*
** A process that was forked seeds OpenSSL's generators anew, once: that is as
** cold as its first use.
*/
static void warm_generators (void) {
  unsigned char byte;
  RAND_bytes(&byte, 1);
  RAND_priv_bytes(&byte, 1);
}


/* One point of failure. OVER: the scenario met none. */
static int try_point (lua_State *L, long point, long failures) {
  struct holdings was = holdings(L), is;
  int wrong = attempt(L, point, failures) < 0;
  long fired = state.fired;
  if (attempt(L, -1, 0) != 1) {
    fprintf(stderr, "  unusable afterwards\n");
    wrong = 1;
  }
  is = holdings(L);
  if (has_grown(&was, &is))
    wrong = 1;
  return wrong ? WRONG : fired == 0 ? OVER : GOOD;
}


/* The processes at work, each with its point. */
struct crowd {
  struct { pid_t pid; long point; } at_work[CROWD];
  int n;
  long over;   /* the first point that was OVER; -1: none yet */
  long wrong;
};


/* Starts a process for one point. */
static void begin (struct crowd *crowd, lua_State *L, long point,
                   long failures) {
  pid_t pid;
  fflush(NULL);
  pid = fork();
  if (pid == 0) {
    int result;
    alarm(PATIENCE);
    warm_generators();
    result = try_point(L, point, failures);
    fflush(NULL);
    _exit(result);
  }
  if (pid < 0)
    crowd->wrong++;
  else {
    crowd->at_work[crowd->n].pid = pid;
    crowd->at_work[crowd->n++].point = point;
  }
}


/* Waits for one of them. One that crashed is WRONG. */
static void reap (struct crowd *crowd) {
  int status = 0, result, i = 0;
  pid_t pid = wait(&status);
  long point;
  while (i < crowd->n - 1 && crowd->at_work[i].pid != pid)
    i++;
  point = crowd->at_work[i].point;
  crowd->at_work[i] = crowd->at_work[--crowd->n];
  result = WIFEXITED(status) ? WEXITSTATUS(status) : WRONG;
  if (WIFSIGNALED(status))
    fprintf(stderr, "  ended by signal %d\n", WTERMSIG(status));
  if (result == OVER && (crowd->over < 0 || point < crowd->over))
    crowd->over = point;
  if (result != OVER && result != GOOD) {
    fprintf(stderr, "wrong at point %ld\n", point);
    crowd->wrong++;
  }
}


/* All points of the scenario at index 1, for one way to fail. */
static long torture (lua_State *L, const char *name, long failures) {
  struct crowd crowd = { .over = -1 };
  const char *only = getenv("POINT");
  long point = only != NULL ? atol(only) : 0;
  for (; crowd.over < 0 && point < MAX_POINTS
                  && crowd.wrong < MAX_WRONG; point++) {
    begin(&crowd, L, point, failures);
    if (crowd.n == CROWD)
      reap(&crowd);
    if (only != NULL)
      break;
  }
  while (crowd.n > 0)
    reap(&crowd);
  printf("%-28s %8ld points, %s: %ld wrong\n", name,
         crowd.over < 0 ? point : crowd.over,
         failures == 1 ? "once" : failures == 2 ? "twice" : "from there on",
         crowd.wrong);
  fflush(stdout);
  return crowd.wrong + (point == MAX_POINTS);
}

/* }====================================================== */


static long scenario (const char *path, int compiler) {
  static const long ways[] = { 1, 2, FOREVER };
  long wrong = 0;
  size_t i;
  lua_State *L = lua_newstate(lua_allocate, NULL);
  if (L == NULL)
    return 1;
  luaL_openlibs(L);
#ifdef LUAJIT_VERSION
  if (!compiler)
    luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
#endif
  if (luaL_loadfile(L, path) != 0 || lua_pcall(L, 0, 2, 0) != 0) {
    fprintf(stderr, "%s does not load\n", path);
    say(L);
    lua_close(L);
    return 1;
  }
  lua_setfield(L, LUA_REGISTRYINDEX, "oom.end");
  for (i = 0; wrong == 0 && i < (compiler ? WARM : 2); i++)
    wrong += attempt(L, -1, 0) != 1;
  if (wrong != 0)
    fprintf(stderr, "%s does not run\n", path);
  for (i = 0; wrong == 0 && i < sizeof(ways) / sizeof(ways[0]); i++)
    wrong += torture(L, path, ways[i]);
  lua_getfield(L, LUA_REGISTRYINDEX, "oom.end");
  if (!lua_isnil(L, -1) && lua_pcall(L, 0, 0, 0) != 0)
    say(L);
  lua_close(L);
  return wrong;
}


int main (int argc, char **argv) {
  long wrong = 0;
  int i = 1, compiler = LUA_VERSION_NUM == 501;
  if (!CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free)
      || curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_malloc,
           curl_own_free, curl_realloc, curl_strdup, curl_calloc)
         != CURLE_OK) {
    fprintf(stderr, "OpenSSL or libcurl cannot be given allocators\n");
    return 2;
  }
  if (argc > 1 && strcmp(argv[1], "-joff") == 0) {
    compiler = 0;
    i++;
  }
  state.lua_spared = compiler;
  state.slack += compiler ? TRACES : 0;
  for (; i < argc; i++)
    wrong += scenario(argv[i], compiler);
  return wrong != 0;
}
