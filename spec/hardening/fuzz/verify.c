/*
** verify.c - verification of tokens. The input is a token as it is; it is
** also header and payload of one that gets the right signature here, so
** that what lies behind the signature is reached; and a payload to sign.
** A second strict verifier, on OpenSSL alone, says what must come out.
*/

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "fuzz.h"

#define MAC_SIZE 32

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n);


/* [-0, +1] Pushes the key; made once. */
static void push_key (lua_State *L) {
  lua_getglobal(L, "key");
  if (!lua_isnil(L, -1))
    return;
  lua_pop(L, 1);
  fuzz_function(L, "hs256");
  lua_pushstring(L, FUZZ_SECRET);
  fuzz_call(L, 1, 1);
  lua_pushvalue(L, -1);
  lua_setglobal(L, "key");
}


static void mac (const char *data, size_t n, unsigned char *out) {
  unsigned int len;
  fuzz_expect(HMAC(EVP_sha256(), FUZZ_SECRET, sizeof(FUZZ_SECRET) - 1,
                   (const unsigned char *)data, n, out, &len) != NULL);
}


/* The first dot at or after `from`, or NULL. */
static const char *dot_from (const char *from, const char *end) {
  return from < end ? memchr(from, '.', (size_t)(end - from)) : NULL;
}


/* The payload of a good token, to be freed, or NULL. */
static unsigned char *reference (const char *token, size_t n, size_t *len) {
  const char *end = token + n, *dot = dot_from(token, end);
  const char *dot2 = dot != NULL ? dot_from(dot + 1, end) : NULL;
  unsigned char sum[EVP_MAX_MD_SIZE], *header, *payload, *claimed;
  size_t header_len, claimed_len;
  int good;
  if (dot2 == NULL || dot_from(dot2 + 1, end) != NULL)
    return NULL;
  header = fuzz_decode(token, (size_t)(dot - token), 1, &header_len);
  payload = fuzz_decode(dot + 1, (size_t)(dot2 - dot - 1), 1, len);
  claimed = fuzz_decode(dot2 + 1, (size_t)(end - dot2 - 1), 1,
                        &claimed_len);
  mac(token, (size_t)(dot2 - token), sum);
  good = header != NULL && payload != NULL && claimed != NULL
      && claimed_len == MAC_SIZE && memcmp(sum, claimed, MAC_SIZE) == 0;
  free(header);
  free(claimed);
  if (good)
    return payload;
  free(payload);
  return NULL;
}


static void verifies (lua_State *L, const char *token, size_t n) {
  size_t len;
  unsigned char *payload = reference(token, n, &len);
  push_key(L);
  fuzz_method(L, -1, "verify");
  lua_pushlstring(L, token, n);
  fuzz_call(L, 2, 1);
  if (payload != NULL)
    fuzz_expect(fuzz_is(L, -1, payload, len));
  else
    fuzz_expect(lua_isnil(L, -1));
  free(payload);
}


/* Verifies the input with the right signature behind it. */
static void as_signed (lua_State *L, const uint8_t *data, size_t n) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  size_t len;
  char *text, *token = fuzz_room(n + 1 + 64);
  if (n > 0)
    memcpy(token, data, n);
  mac(token, n, sum);
  text = fuzz_encode(sum, MAC_SIZE, 1, &len);
  token[n] = '.';
  memcpy(token + n + 1, text, len);
  verifies(L, token, n + 1 + len);
  free(text);
  free(token);
}


static void as_payload (lua_State *L, const uint8_t *data, size_t n) {
  const char *token;
  size_t len;
  push_key(L);
  fuzz_method(L, -1, "sign");
  lua_pushlstring(L, (const char *)data, n);
  fuzz_call(L, 2, 1);
  token = lua_tolstring(L, -1, &len);
  verifies(L, token, len);
  fuzz_expect(fuzz_is(L, -1, data, n));
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  lua_State *L = fuzz_state();
  verifies(L, (const char *)data, n);
  as_signed(L, data, n);
  as_payload(L, data, n);
  return 0;
}
