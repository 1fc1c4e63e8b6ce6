/*
** once.c - preloaded behind the sanitizers' runtime: what a watched Lua
** starts is not watched in its turn. A shell has other things to do.
*/

#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>

static void forget (void) __attribute__((constructor));

static void forget (void) {
  unsetenv("LD_PRELOAD");
}
