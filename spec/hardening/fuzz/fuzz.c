/* fuzz.c - what the harnesses share. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>
#include <openssl/evp.h>

#include "fuzz.h"

extern int luaopen_wxbot_core (lua_State *L);


void fuzz_fail (const char *file, int line, const char *what) {
  fprintf(stderr, "%s:%d: expected %s\n", file, line, what);
  abort();
}


/*
** {======================================================
** What libFuzzer is told of Lua code: it counts the branches of C itself.
** =======================================================
*/

#define COUNTERS ((size_t)1 << 14)

__attribute__((section("__libfuzzer_extra_counters")))
static uint8_t counters[COUNTERS];

static size_t place = 0;  /* where the last event was */


/* The same number for the same text in every run (FNV-1a). */
static size_t hash (const char *text) {
  uint32_t h = 2166136261u;
  for (; *text != '\0'; text++)
    h = (h ^ (unsigned char)*text) * 16777619u;
  return h;
}


/* A new line counts together with the one before it, as a branch does. A
** call counts too: it tells which conditions within a line were looked at. */
static void reached (lua_State *L, lua_Debug *ar) {
  static const char *source = NULL;
  static size_t file = 0;
  size_t here = place * 31 + 1;
  uint8_t *counter;
  if (ar->event == LUA_HOOKLINE) {
    lua_getinfo(L, "S", ar);
    if (ar->source != source) {
      source = ar->source;
      file = hash(source);
    }
    here = file + (size_t)ar->currentline * 2654435761u;
  }
  counter = &counters[(place / 2 ^ here) >> 4 & (COUNTERS - 1)];
  *counter = (uint8_t)(*counter + (*counter < UINT8_MAX));
  place = here;
}

/* }====================================================== */


/* [-0, +0] Lua finds the modules of the checkout, and C where it is. */
static void prepare (lua_State *L) {
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_pushliteral(L, "./?.lua;lua/?.lua;lua/?/init.lua;");
  lua_getfield(L, -2, "path");
  lua_concat(L, 2);
  lua_setfield(L, -2, "path");
  luaL_requiref(L, "wxbot.core", luaopen_wxbot_core, 0);
  lua_setglobal(L, "core");
}


static lua_State *state = NULL;

/* What is still allocated when this has run at the end has leaked. */
static void close_state (void) {
  lua_sethook(state, NULL, 0, 0);
  lua_close(state);
}


lua_State *fuzz_state (void) {
  if (state == NULL) {
    state = luaL_newstate();
    fuzz_expect(state != NULL && atexit(close_state) == 0);
    prepare(state);
  }
  lua_settop(state, 0);
  return state;
}


void fuzz_check (lua_State *L, const char *name) {
  lua_getglobal(L, "check");
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_getglobal(L, "require");
    lua_pushfstring(L, "spec.hardening.fuzz.checks.%s", name);
    fuzz_call(L, 1, 1);
    lua_pushvalue(L, -1);
    lua_setglobal(L, "check");
    lua_sethook(L, reached, LUA_MASKLINE | LUA_MASKCALL, 0);
  }
  place = 0;
}


void fuzz_function (lua_State *L, const char *name) {
  lua_getglobal(L, "core");
  lua_getfield(L, -1, name);
  lua_remove(L, -2);
}


void fuzz_method (lua_State *L, int index, const char *name) {
  index = lua_absindex(L, index);
  lua_getfield(L, index, name);
  lua_pushvalue(L, index);
}


/* Where in Lua it happened. */
static int traced (lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}


void fuzz_call (lua_State *L, int n, int results) {
  int base = lua_gettop(L) - n;
  lua_pushcfunction(L, traced);
  lua_insert(L, base);
  if (lua_pcall(L, n, results, base) != LUA_OK)
    fuzz_fail("lua", 0, lua_tostring(L, -1));
  lua_remove(L, base);
}


int fuzz_is (lua_State *L, int index, const void *data, size_t n) {
  size_t len;
  const char *s;
  if (lua_type(L, index) != LUA_TSTRING)
    return 0;
  s = lua_tolstring(L, index, &len);
  return len == n && (n == 0 || memcmp(s, data, n) == 0);
}


void *fuzz_room (size_t n) {
  void *room = malloc(n > 0 ? n : 1);
  fuzz_expect(room != NULL);
  return room;
}


/* Puts `to` where `from` is. */
static void swap (char *text, size_t n, char from, char to) {
  size_t i;
  for (i = 0; i < n; i++) {
    if (text[i] == from)
      text[i] = to;
  }
}


char *fuzz_encode (const void *data, size_t n, int url, size_t *len) {
  char *text = fuzz_room((n / 3 + 1) * 4 + 1);
  *len = (size_t)EVP_EncodeBlock((unsigned char *)text, data, (int)n);
  if (url) {
    while (*len > 0 && text[*len - 1] == '=')
      (*len)--;
    swap(text, *len, '+', '-');
    swap(text, *len, '/', '_');
  }
  return text;
}


/* The text with padding and in the alphabet that OpenSSL reads. */
static char *padded (const char *text, size_t n, int url, size_t *len) {
  char *copy = fuzz_room(n + 3);
  if (n > 0)
    memcpy(copy, text, n);
  *len = n;
  if (url) {
    swap(copy, n, '-', '+');
    swap(copy, n, '_', '/');
    while (*len % 4 != 0)
      copy[(*len)++] = '=';
  }
  return copy;
}


unsigned char *fuzz_decode (const char *text, size_t n, int url,
                            size_t *len) {
  size_t copy_len, back_len;
  char *back, *copy;
  unsigned char *out = fuzz_room(n + 3);
  int got, same;
  *len = 0;
  if (n == 0)
    return out;
  if (n % 4 == 1) {  /* three padding characters would be too many */
    free(out);
    return NULL;
  }
  copy = padded(text, n, url, &copy_len);
  got = EVP_DecodeBlock(out, (unsigned char *)copy, (int)copy_len);
  if (got > 0) {
    *len = (size_t)got - (copy[copy_len - 1] == '=')
         - (copy[copy_len - 1] == '=' && copy[copy_len - 2] == '=');
  }
  back = fuzz_encode(out, *len, url, &back_len);
  same = got > 0 && back_len == n && memcmp(back, text, n) == 0;
  free(back);
  free(copy);
  if (!same) {
    free(out);
    return NULL;
  }
  return out;
}
