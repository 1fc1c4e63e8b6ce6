/*
** torture.c - the collector at every chance, and a cruel allocator.
**
** Around each call that may allocate: two full collections with finalizers.
** Inside of it, on Lua 5.4: every block that is asked for is refused once,
** which Lua answers with a full (emergency) collection before it asks again.
** A block that grows always moves, and what is freed is filled with rubbish
** first, so that whoever looks at it sees it.
**
** For one Lua state per process. TORTURE_EVERY=n takes every n-th chance.
*/

#define WX_TORTURE_ITSELF

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "torture.h"

#define RUBBISH 0xdb

static struct {
  lua_Alloc allocate;   /* Lua's own; NULL: not looked at yet */
  int inside;           /* a call that may allocate is under way */
  int refused;          /* the block that is asked for, just now */
  unsigned long chances, every;
} state;


/* Is this block to be refused, so that Lua collects and asks again? */
static int refuses (void) {
#if LUA_VERSION_NUM >= 504
  if (state.inside && !state.refused)
    return state.refused = 1;
#endif
  return state.refused = 0;
}


static void *allocate (void *ud, void *block, size_t old, size_t size) {
  void *moved = NULL;
  if (block != NULL && size > 0 && size <= old)
    return state.allocate(ud, block, old, size);
  if (size > 0) {
    moved = refuses() ? NULL
      : state.allocate(ud, NULL, block != NULL ? 0 : old, size);
    if (moved == NULL)
      return NULL;
  }
  if (block != NULL) {
    if (moved != NULL)
      memcpy(moved, block, old);
    memset(block, RUBBISH, old);
    state.allocate(ud, block, old, 0);
  }
  return moved;
}


static void begin (lua_State *L) {
  const char *every = getenv("TORTURE_EVERY");
  void *ud;
  state.every = every != NULL ? strtoul(every, NULL, 10) : 1;
  if (state.every == 0)
    state.every = 1;
  state.allocate = lua_getallocf(L, &ud);
  lua_setallocf(L, allocate, ud);
}


/* Collects, unless this chance is one that is let go. 1: it is not. */
static int collect (lua_State *L) {
  if (state.allocate == NULL)
    begin(L);
  state.inside = 0;
  if (state.chances++ % state.every != 0)
    return 0;
  lua_gc(L, LUA_GCCOLLECT, 0);
  return 1;
}


static void before (lua_State *L) {
  state.inside = collect(L);
}


static void after (lua_State *L) {
  collect(L);
}


/* the function `name`, which returns nothing */
#define NOTHING(name, real, params, args) \
  void torture_##name params { \
    before(L); \
    real args; \
    after(L); \
  }

/* the same for one that returns a `type` */
#define RESULT(type, name, real, params, args) \
  type torture_##name params { \
    type result; \
    before(L); \
    result = real args; \
    after(L); \
    return result; \
  }

NOTHING(concat, lua_concat, (lua_State *L, int n), (L, n))
NOTHING(createtable, lua_createtable, (lua_State *L, int narr, int nrec),
        (L, narr, nrec))
NOTHING(pushcclosure, lua_pushcclosure,
        (lua_State *L, lua_CFunction f, int n), (L, f, n))
NOTHING(pushlstring, lua_pushlstring,
        (lua_State *L, const char *s, size_t n), (L, s, n))
NOTHING(pushstring, lua_pushstring, (lua_State *L, const char *s), (L, s))
NOTHING(rawset, lua_rawset, (lua_State *L, int i), (L, i))
NOTHING(setfield, lua_setfield, (lua_State *L, int i, const char *name),
        (L, i, name))
NOTHING(setfuncs, luaL_setfuncs,
        (lua_State *L, const luaL_Reg *functions, int n), (L, functions, n))
NOTHING(setmetatable, luaL_setmetatable, (lua_State *L, const char *name),
        (L, name))

#if LUA_VERSION_NUM >= 504
RESULT(int, getfield, lua_getfield,
       (lua_State *L, int i, const char *name), (L, i, name))
RESULT(void *, newuserdatauv, lua_newuserdatauv,
       (lua_State *L, size_t size, int values), (L, size, values))
#else
NOTHING(getfield, lua_getfield,
        (lua_State *L, int i, const char *name), (L, i, name))
RESULT(void *, newuserdata, lua_newuserdata, (lua_State *L, size_t size),
       (L, size))
#endif
RESULT(int, next, lua_next, (lua_State *L, int i), (L, i))
RESULT(const char *, tolstring, lua_tolstring,
       (lua_State *L, int i, size_t *n), (L, i, n))
RESULT(int, newmetatable, luaL_newmetatable,
       (lua_State *L, const char *name), (L, name))

/* What raises is not inside of anything once it has raised. */

int torture_argerror (lua_State *L, int arg, const char *message) {
  collect(L);
  return luaL_argerror(L, arg, message);
}


const char *torture_checklstring (lua_State *L, int arg, size_t *n) {
  if (lua_isstring(L, arg))
    torture_tolstring(L, arg, n);
  collect(L);
  return luaL_checklstring(L, arg, n);
}


const char *torture_optlstring (lua_State *L, int arg, const char *dflt,
                                size_t *n) {
  if (lua_isnoneornil(L, arg))
    return luaL_optlstring(L, arg, dflt, n);
  return torture_checklstring(L, arg, n);
}


void *torture_checkudata (lua_State *L, int arg, const char *name) {
  collect(L);
  return luaL_checkudata(L, arg, name);
}


const char *torture_pushfstring (lua_State *L, const char *format, ...) {
  const char *text;
  va_list args;
  va_start(args, format);
  before(L);
  text = lua_pushvfstring(L, format, args);
  after(L);
  va_end(args);
  return text;
}


int torture_error (lua_State *L, const char *format, ...) {
  va_list args;
  va_start(args, format);
  before(L);
  luaL_where(L, 1);
  lua_pushvfstring(L, format, args);
  va_end(args);
  lua_concat(L, 2);
  after(L);
  return lua_error(L);
}
