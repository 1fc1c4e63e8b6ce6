/*
** ctgrind.c - marks secrets for valgrind's memcheck: what it calls undefined
** it follows, and it complains where a branch or an address depends on it.
**
**   secret(text) -> text   its bytes are secret from here on
**   public(text) -> text   no longer
**   errors() -> number     complaints so far
**   watched() -> boolean   does this run under valgrind?
**   early(a, b), unpad(text)   wrong on purpose: what must be found
*/

#include <stddef.h>

#include <lauxlib.h>
#include <lua.h>
#include <valgrind/memcheck.h>

int luaopen_ctgrind (lua_State *L);


static int secret (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  (void)VALGRIND_MAKE_MEM_UNDEFINED(text, n);
  return 1;
}


static int public (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  (void)VALGRIND_MAKE_MEM_DEFINED(text, n);
  return 1;
}


static int errors (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)VALGRIND_COUNT_ERRORS);
  return 1;
}


static int watched (lua_State *L) {
  lua_pushboolean(L, RUNNING_ON_VALGRIND > 0);
  return 1;
}


/* Compares up to the first difference. */
static int early (lua_State *L) {
  size_t n, i;
  const char *a = luaL_checklstring(L, 1, &n);
  const char *b = luaL_checkstring(L, 2);
  for (i = 0; i < n && a[i] == b[i]; i++) ;
  lua_pushboolean(L, i == n);
  return 1;
}


/* Looks at no more padding than there is. */
static int unpad (lua_State *L) {
  size_t n, i, pad;
  const char *text = luaL_checklstring(L, 1, &n);
  int bad = 0;
  pad = (unsigned char)text[n - 1];
  for (i = 0; i < pad && i < n; i++)
    bad |= text[n - 1 - i] ^ text[n - 1];
  (void)VALGRIND_MAKE_MEM_DEFINED(&bad, sizeof(bad));
  lua_pushboolean(L, bad == 0);
  return 1;
}


static const luaL_Reg functions[] = {
  {"secret", secret},
  {"public", public},
  {"errors", errors},
  {"watched", watched},
  {"early", early},
  {"unpad", unpad},
  {NULL, NULL}
};


int luaopen_ctgrind (lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
