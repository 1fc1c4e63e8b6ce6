/*
** aes.c - what every sealed text shares: AES-256-CBC under a key of 43
** base64 characters, its IV the first half of the key, and padding that is
** checked in constant time.
*/

#include <stdint.h>
#include <string.h>
#include <openssl/evp.h>

#include "core.h"

#define KEY_CHARS 43


/* All ones if a < b, else 0; both below 2^31. */
static uint32_t below (uint32_t a, uint32_t b) {
  return (uint32_t)0 - ((a - b) >> 31);
}


uint32_t wx_check_padding (const unsigned char *end, size_t seen,
                           uint32_t *pad) {
  const unsigned char *p = end - seen;
  uint32_t last = end[-1], left = (uint32_t)seen;
  uint32_t bad = below(last, 1) | below(WX_MAX_PAD, last)
               | below(left, last);
  *pad = ((last - 1) & (left - 1)) + 1;
  while (p < end)
    bad |= below(--left, last) & (*p++ ^ last);
  return bad;
}


/* Makes both key schedules; 1, or 0 if libcrypto fails. */
static int set_key (wx_aes *aes, const unsigned char *key) {
  const EVP_CIPHER *cbc = EVP_aes_256_cbc();
  const unsigned char *iv = key;
  aes->seal = EVP_CIPHER_CTX_new();
  aes->open = EVP_CIPHER_CTX_new();
  return aes->seal != NULL && aes->open != NULL
      && EVP_CipherInit_ex(aes->seal, cbc, NULL, key, iv, 1)
      && EVP_CipherInit_ex(aes->open, cbc, NULL, key, iv, 0)
      && EVP_CIPHER_CTX_set_padding(aes->seal, 0)
      && EVP_CIPHER_CTX_set_padding(aes->open, 0);
}


/* Most keys that the platform makes have spare bits set in their last
** character, so that one is decoded leniently. */
int wx_aes_open (lua_State *L, wx_aes *aes, const char *text, size_t n) {
  unsigned char key[WX_BYTES_SIZE(KEY_CHARS)];
  size_t len;
  int made, good = n == KEY_CHARS
                && wx_decode(&wx_base64, key, &len, text, n, 0);
  WX_SECRET(key, sizeof(key));
  made = good && set_key(aes, key);
  wx_wipe(key, sizeof(key));
  if (good && !made)
    wx_crypto_error(L, "making an AES key");
  return good;
}


int wx_aes_bad_key (lua_State *L) {
  return wx_fail(L, "aes_key", "the AES key must be 43 characters"
                               " of the base64 alphabet");
}


void wx_aes_need_open (lua_State *L, const wx_aes *aes, const char *name) {
  if (aes->seal == NULL || aes->open == NULL)
    luaL_error(L, "the %s key is closed", name);
}


void wx_aes_close (wx_aes *aes) {
  EVP_CIPHER_CTX_free(aes->seal);  /* wipes the key schedule */
  EVP_CIPHER_CTX_free(aes->open);
  aes->seal = aes->open = NULL;
}


/* Runs a kept and keyed context over `n` bytes in place. An initialisation
** that names nothing starts again with the same key and IV. 1, or 0 if
** libcrypto fails. */
static int run (EVP_CIPHER_CTX *ctx, void *data, size_t n) {
  int len;
  return EVP_CipherInit_ex(ctx, NULL, NULL, NULL, NULL, -1)
      && EVP_CipherUpdate(ctx, data, &len, data, (int)n)
      && (size_t)len == n;
}


/* Raises that libcrypto failed, when `used` bytes of the room are wiped. */
static int fail (lua_State *L, wx_scratch *scratch, size_t used) {
  wx_scratch_close(scratch, used);
  return wx_crypto_error(L, "AES");
}


int wx_aes_push_sealed (lua_State *L, wx_aes *aes, wx_scratch *scratch,
                        char *room, size_t size) {
  size_t len = WX_BASE64_SIZE(size);
  char *data = room + len - size;
  if (!run(aes->seal, data, size))
    return fail(L, scratch, len);
  WX_PUBLIC(data, size);
  wx_encode_padded(room, data, size);
  lua_pushlstring(L, room, len);
  wx_scratch_close(scratch, 0);
  return 1;
}


int wx_aes_unseal (lua_State *L, wx_aes *aes, wx_scratch *scratch,
                   char *room, const wx_sealed *sealed, size_t *size) {
  int good = wx_decode_padded(room, size, sealed->text, sealed->n)
          && *size > 0 && *size <= WX_AES_MAX && *size % sealed->block == 0;
  if (good && !run(aes->open, room, *size))
    return fail(L, scratch, *size);
  return good;
}
