/*
** json.c - the strict look at a JSON text. What it accepts is UTF-8, is
** accepted once more unchanged, and lua-cjson, where it is installed,
** decodes it. What it refuses is refused with one code.
*/

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n);


/* [-0, +1] Pushes the decoder, or nil if there is none; looked for once. */
static void push_decoder (lua_State *L) {
  static int looked = 0;
  if (!looked) {
    looked = 1;
    luaL_openlibs(L);
    if (luaL_dostring(L, "return require('cjson').decode") == LUA_OK)
      lua_setglobal(L, "decode");
    lua_settop(L, 0);
  }
  lua_getglobal(L, "decode");
}


/* [-0, +3] Looks at the text at index 1. */
static void check (lua_State *L, int index) {
  fuzz_function(L, "json_check");
  lua_pushvalue(L, index);
  fuzz_call(L, 1, 3);
}


static void accepted (lua_State *L) {
  lua_settop(L, 2);
  check(L, 2);
  fuzz_expect(lua_rawequal(L, 2, 3));
  fuzz_function(L, "utf8_valid");
  lua_pushvalue(L, 2);
  fuzz_call(L, 1, 1);
  fuzz_expect(lua_toboolean(L, -1));
  push_decoder(L);
  if (!lua_isnil(L, -1)) {
    lua_pushvalue(L, 2);
    fuzz_call(L, 1, 1);
  }
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  lua_State *L = fuzz_state();
  push_decoder(L);
  lua_settop(L, 0);
  lua_pushlstring(L, (const char *)data, n);
  check(L, 1);
  if (lua_isnil(L, 2))
    fuzz_expect(fuzz_is(L, 4, "json", 4));
  else
    accepted(L);
  return 0;
}
