/*
** base64.c - base64 and base64url: the input as bytes and as a text, both
** compared with OpenSSL's.
*/

#include <stdlib.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n);


static void encodes (lua_State *L, const void *data, size_t n, int url) {
  size_t len;
  char *text = fuzz_encode(data, n, url, &len);
  fuzz_function(L, url ? "base64url_encode" : "base64_encode");
  lua_pushlstring(L, data, n);
  fuzz_call(L, 1, 1);
  fuzz_expect(fuzz_is(L, -1, text, len));
  fuzz_function(L, url ? "base64url_decode" : "base64_decode");
  lua_pushvalue(L, -2);
  fuzz_call(L, 1, 1);
  fuzz_expect(fuzz_is(L, -1, data, n));
  free(text);
}


/* What is the one text for some bytes is decoded, all else refused. */
static void decodes (lua_State *L, const void *data, size_t n, int url) {
  size_t len;
  unsigned char *bytes = fuzz_decode(data, n, url, &len);
  fuzz_function(L, url ? "base64url_decode" : "base64_decode");
  lua_pushlstring(L, data, n);
  fuzz_call(L, 1, 1);
  if (bytes != NULL)
    fuzz_expect(fuzz_is(L, -1, bytes, len));
  else
    fuzz_expect(lua_isnil(L, -1));
  free(bytes);
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  lua_State *L = fuzz_state();
  int url;
  for (url = 0; url <= 1; url++) {
    encodes(L, data, n, url);
    decodes(L, data, n, url);
  }
  return 0;
}
