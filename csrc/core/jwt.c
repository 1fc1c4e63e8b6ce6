/*
** jwt.c - compact tokens signed with HS256.
** Bytes only: what a header and claims must say is checked in Lua.
*/

#include <string.h>
#include <openssl/crypto.h>

#include "core.h"

#define HS256_CLASS "wxbot.hs256"

/* {"typ":"JWT","alg":"HS256"} and the dot */
#define HEADER "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."
#define HEADER_SIZE (sizeof(HEADER) - 1)

#define MAC_CHARS 43

/* room for the decoded parts of a token of `n` characters, with the two
** spare bytes of each WX_BYTES_SIZE */
#define PARTS_SIZE(n) ((n) + 6)

typedef struct hs256 {
  EVP_MD_CTX *inner;  /* keyed; copied for each call. NULL: closed */
  EVP_MD_CTX *outer;
  EVP_MD_CTX *work;
} hs256;

/* the three parts of a token; `signed_len` counts the first dot */
typedef struct parts {
  const char *header, *payload, *mac;
  size_t header_len, payload_len, mac_len, signed_len;
} parts;


/* hs256:close(), __gc, __close */
static int hs256_close (lua_State *L) {
  hs256 *key = wx_checkself(L, HS256_CLASS);
  EVP_MD_CTX_free(key->inner);  /* wipes what it holds */
  EVP_MD_CTX_free(key->outer);
  EVP_MD_CTX_free(key->work);
  key->inner = key->outer = key->work = NULL;
  return 0;
}


/* Raises if it is closed. Asked again after everything that allocates: a
** finalizer may close the key in between. */
static void need_open (lua_State *L, const hs256 *key) {
  if (key->inner == NULL || key->outer == NULL || key->work == NULL)
    luaL_error(L, "the hs256 key is closed");
}


/* Argument 1, a key that is not closed. */
static hs256 *check_open (lua_State *L) {
  hs256 *key = wx_checkself(L, HS256_CLASS);
  need_open(L, key);
  return key;
}


/* Makes a context that starts with the key; 1, or 0 if libcrypto fails. */
static int keyed (EVP_MD_CTX **ctx, const char *secret, size_t n,
                  unsigned char pad) {
  *ctx = EVP_MD_CTX_new();
  return *ctx != NULL && EVP_DigestInit_ex(*ctx, EVP_sha256(), NULL)
      && wx_hmac_start(*ctx, secret, n, pad);
}


/* Writes the MAC of `n` bytes; 1, or 0 if libcrypto fails. */
static int mac (hs256 *key, const char *data, size_t n,
                unsigned char *out) {
  return EVP_MD_CTX_copy_ex(key->work, key->inner)
      && EVP_DigestUpdate(key->work, data, n)
      && EVP_DigestFinal_ex(key->work, out, NULL)
      && EVP_MD_CTX_copy_ex(key->work, key->outer)
      && EVP_DigestUpdate(key->work, out, WX_SHA256_SIZE)
      && EVP_DigestFinal_ex(key->work, out, NULL);
}


/* Splits a token at its two dots; 1, or 0 if there are not just two. */
static int split (const char *token, size_t n, parts *p) {
  const char *end = token + n;
  const char *dot = memchr(token, '.', n);
  const char *dot2;
  if (dot == NULL)
    return 0;
  dot2 = memchr(dot + 1, '.', (size_t)(end - dot - 1));
  if (dot2 == NULL
      || memchr(dot2 + 1, '.', (size_t)(end - dot2 - 1)) != NULL)
    return 0;
  p->header = token;
  p->header_len = (size_t)(dot - token);
  p->payload = dot + 1;
  p->payload_len = (size_t)(dot2 - dot - 1);
  p->mac = dot2 + 1;
  p->mac_len = (size_t)(end - dot2 - 1);
  p->signed_len = (size_t)(dot2 - token);
  return 1;
}


/* hs256(secret) -> key */
static int hs256_new (lua_State *L) {
  size_t n;
  const char *secret = luaL_checklstring(L, 1, &n);
  hs256 *key;
  luaL_argcheck(L, n > 0, 1, "the secret must not be empty");
  key = wx_newobject(L, sizeof(hs256), HS256_CLASS);
  if (!keyed(&key->inner, secret, n, 0x36)
      || !keyed(&key->outer, secret, n, 0x5c)
      || (key->work = EVP_MD_CTX_new()) == NULL)
    return wx_crypto_error(L, "making a HMAC key");
  return 1;
}


/* hs256:sign(payload) -> token */
static int hs256_sign (lua_State *L) {
  wx_scratch scratch;
  unsigned char sum[EVP_MAX_MD_SIZE];
  char *token;
  const char *payload;
  size_t n, len = HEADER_SIZE;
  hs256 *key = check_open(L);
  payload = luaL_checklstring(L, 2, &n);
  token = wx_scratch_open(L, &scratch,
                          HEADER_SIZE + WX_BASE64_SIZE(n) + 1 + MAC_CHARS);
  need_open(L, key);
  memcpy(token, HEADER, HEADER_SIZE);
  len += wx_encode(&wx_base64url, token + len, payload, n);
  if (!mac(key, token, len, sum))
    return wx_crypto_error(L, "a HMAC");
  WX_PUBLIC(sum, sizeof(sum));
  token[len++] = '.';
  len += wx_encode(&wx_base64url, token + len, sum, WX_SHA256_SIZE);
  lua_pushlstring(L, token, len);
  wx_scratch_close(&scratch, len);
  return 1;
}


/* Whether the `n` bytes are the MAC of what was signed. */
static int good_mac (lua_State *L, hs256 *key, const parts *p,
                     const char *claimed, size_t n) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  int same;
  if (!mac(key, p->header, p->signed_len, sum))
    return wx_crypto_error(L, "a HMAC");
  same = n == WX_SHA256_SIZE
      && CRYPTO_memcmp(sum, claimed, WX_SHA256_SIZE) == 0;
  WX_PUBLIC(&same, sizeof(same));
  return same;
}


/* Decodes the parts of a token one behind the other into the
** PARTS_SIZE bytes at `room`; 1, or 0 if one is not base64url. */
static int decode_parts (const parts *p, char *room, parts *decoded) {
  char *payload = room + WX_BYTES_SIZE(p->header_len);
  char *claimed = payload + WX_BYTES_SIZE(p->payload_len);
  decoded->header = room;
  decoded->payload = payload;
  decoded->mac = claimed;
  return wx_decode(&wx_base64url, room, &decoded->header_len,
                   p->header, p->header_len, 1)
      && wx_decode(&wx_base64url, payload, &decoded->payload_len,
                   p->payload, p->payload_len, 1)
      && wx_decode(&wx_base64url, claimed, &decoded->mac_len,
                   p->mac, p->mac_len, 1);
}


/* hs256:verify(token) -> payload, header | nil, message, code [, header].
** Codes: "format" (not three parts), "base64", "signature" (only then the
** header is the fourth result, to tell what it says about itself). */
static int hs256_verify (lua_State *L) {
  wx_scratch scratch;
  char *room;
  size_t n;
  parts p, decoded;
  const char *token;
  hs256 *key = check_open(L);
  int good;
  token = luaL_checklstring(L, 2, &n);
  if (!split(token, n, &p))
    return wx_fail(L, "format", "the token must have three parts");
  room = wx_scratch_open(L, &scratch, PARTS_SIZE(n));
  need_open(L, key);
  if (!decode_parts(&p, room, &decoded)) {
    wx_scratch_close(&scratch, PARTS_SIZE(n));
    return wx_fail(L, "base64", "a part of the token is not base64url");
  }
  good = good_mac(L, key, &p, decoded.mac, decoded.mac_len);
  if (good)
    lua_pushlstring(L, decoded.payload, decoded.payload_len);
  else
    wx_fail(L, "signature", "the signature of the token is wrong");
  lua_pushlstring(L, decoded.header, decoded.header_len);
  wx_scratch_close(&scratch, PARTS_SIZE(n));
  return good ? 2 : 4;
}


static const luaL_Reg methods[] = {
  {"sign", hs256_sign},
  {"verify", hs256_verify},
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"hs256", hs256_new},
  {NULL, NULL}
};


void wx_open_jwt (lua_State *L) {
  wx_newclass(L, HS256_CLASS, methods, hs256_close);
  luaL_setfuncs(L, functions, 0);
}
