/*
** digest.c - digests, HMAC, constant-time equality, random bytes.
** Contexts are made once per Lua state and kept: fetching a digest from
** libcrypto costs more than digesting a small text.
*/

#include <string.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "core.h"

#define DIGESTS_CLASS "wxbot.digests"
#define BLOCK_SIZE 64  /* of SHA-256 */

enum { MD5, SHA1, SHA256, KINDS };

/* upvalue 1 of every function that digests */
typedef struct digests {
  EVP_MD_CTX *ctx[KINDS];  /* NULL until first used */
  int closed;
} digests;


int wx_crypto_error (lua_State *L, const char *what) {
  unsigned long code = ERR_peek_last_error();
  char reason[160];
  if (code == 0)
    return luaL_error(L, "%s failed", what);
  ERR_error_string_n(code, reason, sizeof(reason));
  ERR_clear_error();
  return luaL_error(L, "%s failed: %s", what, reason);
}


/* Digests `n` bytes with a context that was initialised before. `out` has
** room for EVP_MAX_MD_SIZE bytes. 1, or 0 if libcrypto fails. */
static int digest_once (EVP_MD_CTX *ctx, const void *data, size_t n,
                        unsigned char *out, unsigned int *len) {
  return EVP_DigestInit_ex(ctx, NULL, NULL)
      && EVP_DigestUpdate(ctx, data, n)
      && EVP_DigestFinal_ex(ctx, out, len);
}


int wx_hmac_start (EVP_MD_CTX *ctx, const void *key, size_t n,
                   unsigned char pad) {
  unsigned char block[BLOCK_SIZE] = {0};
  unsigned int i, len;
  int good = 1;
  if (n > BLOCK_SIZE)
    good = digest_once(ctx, key, n, block, &len);
  else
    memcpy(block, key, n);
  for (i = 0; i < BLOCK_SIZE; i++)
    block[i] ^= pad;
  good = good && EVP_DigestInit_ex(ctx, NULL, NULL)
              && EVP_DigestUpdate(ctx, block, sizeof(block));
  wx_wipe(block, sizeof(block));
  return good;
}


/* digests:close(), __gc, __close */
static int digests_close (lua_State *L) {
  digests *d = wx_checkself(L, DIGESTS_CLASS);
  int i;
  for (i = 0; i < KINDS; i++) {
    EVP_MD_CTX_free(d->ctx[i]);
    d->ctx[i] = NULL;
  }
  d->closed = 1;
  return 0;
}


static const EVP_MD *method (int kind) {
  switch (kind) {
    case MD5: return EVP_md5();
    case SHA1: return EVP_sha1();
    default: return EVP_sha256();
  }
}


/* The kept context of a kind; raises if there can be none. */
static EVP_MD_CTX *context (lua_State *L, int kind) {
  digests *d = lua_touserdata(L, lua_upvalueindex(1));
  if (d->closed)
    luaL_error(L, "the Lua state is being closed");
  if (d->ctx[kind] == NULL) {
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx == NULL || !EVP_DigestInit_ex(ctx, method(kind), NULL)) {
      EVP_MD_CTX_free(ctx);
      wx_crypto_error(L, "making a digest");
    }
    d->ctx[kind] = ctx;
  }
  return d->ctx[kind];
}


/* [-0, +1] Pushes the digest of argument 1. */
static int digest (lua_State *L, int kind) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int len;
  size_t n;
  const char *data = luaL_checklstring(L, 1, &n);
  if (!digest_once(context(L, kind), data, n, out, &len))
    return wx_crypto_error(L, "a digest");
  lua_pushlstring(L, (const char *)out, len);
  return 1;
}


/* md5(bytes) -> 16 bytes */
static int md5 (lua_State *L) {
  return digest(L, MD5);
}


/* sha1(bytes) -> 20 bytes */
static int sha1 (lua_State *L) {
  return digest(L, SHA1);
}


/* sha256(bytes) -> 32 bytes */
static int sha256 (lua_State *L) {
  return digest(L, SHA256);
}


/* hmac_sha256(key, bytes) -> 32 bytes */
static int hmac_sha256 (lua_State *L) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int len;
  size_t key_len, n;
  const char *key = luaL_checklstring(L, 1, &key_len);
  const char *data = luaL_checklstring(L, 2, &n);
  EVP_MD_CTX *ctx = context(L, SHA256);
  if (!wx_hmac_start(ctx, key, key_len, 0x36)
      || !EVP_DigestUpdate(ctx, data, n)
      || !EVP_DigestFinal_ex(ctx, out, &len)
      || !wx_hmac_start(ctx, key, key_len, 0x5c)
      || !EVP_DigestUpdate(ctx, out, len)
      || !EVP_DigestFinal_ex(ctx, out, &len))
    return wx_crypto_error(L, "a HMAC");
  WX_PUBLIC(out, len);
  lua_pushlstring(L, (const char *)out, len);
  return 1;
}


/* equal(a, b) -> boolean. The time depends on the lengths alone. */
static int equal (lua_State *L) {
  size_t a_len, b_len;
  const char *a = luaL_checklstring(L, 1, &a_len);
  const char *b = luaL_checklstring(L, 2, &b_len);
  int same = a_len == b_len && CRYPTO_memcmp(a, b, a_len) == 0;
  WX_PUBLIC(&same, sizeof(same));
  lua_pushboolean(L, same);
  return 1;
}


/* random(n) -> n bytes, 1 to 65536 */
static int random_bytes (lua_State *L) {
  wx_scratch scratch;
  char *out;
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 1 && n <= 65536, 1, "must be from 1 to 65536");
  out = wx_scratch_open(L, &scratch, (size_t)n);
  if (RAND_bytes((unsigned char *)out, (int)n) != 1)
    return wx_crypto_error(L, "making random bytes");
  lua_pushlstring(L, out, (size_t)n);
  wx_scratch_close(&scratch, (size_t)n);
  return 1;
}


static const luaL_Reg methods[] = {
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"md5", md5},
  {"sha1", sha1},
  {"sha256", sha256},
  {"hmac_sha256", hmac_sha256},
  {"equal", equal},
  {"random", random_bytes},
  {NULL, NULL}
};


void wx_open_digest (lua_State *L) {
  wx_newclass(L, DIGESTS_CLASS, methods, digests_close);
  wx_newobject(L, sizeof(digests), DIGESTS_CLASS);
  luaL_setfuncs(L, functions, 1);
}
