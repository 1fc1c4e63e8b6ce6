/*
** lua.c - the harnesses whose checks are written in Lua: CHECK names one of
** the folder checks. What it tells of a wrong is what ends the process.
*/

#include "fuzz.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n);


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  lua_State *L = fuzz_state();
  fuzz_check(L, CHECK);
  lua_pushlstring(L, (const char *)data, n);
  fuzz_call(L, 1, 0);
  return 0;
}
