/*
** msgcrypt.c - messages of WXBizMsgCrypt: AES-256-CBC over
**   random (16) | length (4, big endian) | text | receive id | padding
** padded to blocks of 32 bytes; the IV is the first half of the key.
**
** There is no MAC: the padding, the length and the receive id are all
** that tells a good message. Whoever can tell which of them was wrong can
** decrypt without the key, and a plaintext that was refused contains
** parts of the key. So every refusal is the same, and nothing of it stays.
*/

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "core.h"

#define MSGCRYPT_CLASS "wxbot.msgcrypt"

#define KEY_CHARS 43
#define KEY_SIZE 32
#define IV_SIZE 16
#define RANDOM_SIZE 16
#define HEAD_SIZE 20  /* random and length */
#define BLOCK 32
#define MAX_ID 1024
#define MAX_PADDED ((size_t)INT_MAX / BLOCK * BLOCK)  /* EVP counts in int */

typedef struct msgcrypt {
  EVP_CIPHER_CTX *seal;  /* NULL: closed */
  EVP_CIPHER_CTX *open;
  unsigned char iv[IV_SIZE];
  int has_id;
  size_t id_len;
  char id[];
} msgcrypt;


/*
** {======================================================
** Bytes
** =======================================================
*/

/* Runs a kept and keyed context over `n` bytes in place; `n` is a multiple
** of the block and at most MAX_PADDED. 1, or 0 if libcrypto fails. */
static int run (EVP_CIPHER_CTX *ctx, const unsigned char *iv,
                unsigned char *data, size_t n) {
  int len;
  return EVP_CipherInit_ex(ctx, NULL, NULL, NULL, iv, -1)
      && EVP_CipherUpdate(ctx, data, &len, data, (int)n)
      && (size_t)len == n;
}


/* Writes random, length, text, id and padding: `size` bytes. */
static void assemble (const msgcrypt *m, unsigned char *out, size_t size,
                      const char *random, const char *text, size_t n) {
  unsigned char *p = out;
  size_t pad = size - HEAD_SIZE - n - m->id_len;
  memcpy(p, random, RANDOM_SIZE);
  p += RANDOM_SIZE;
  *p++ = (unsigned char)(n >> 24);
  *p++ = (unsigned char)(n >> 16);
  *p++ = (unsigned char)(n >> 8);
  *p++ = (unsigned char)n;
  memcpy(p, text, n);
  memcpy(p + n, m->id, m->id_len);
  memset(p + n + m->id_len, (int)pad, pad);
}


/* All ones if a < b, else 0; both below 2^31. */
static uint32_t below (uint32_t a, uint32_t b) {
  return (uint32_t)0 - ((a - b) >> 31);
}


/* Compares all 32 bytes that padding can have; returns non-zero if it is
** wrong and always puts 1 to 32 into `*pad`. */
static uint32_t check_padding (const unsigned char *end, uint32_t *pad) {
  uint32_t i, last = end[-1];
  uint32_t bad = below(last, 1) | below(BLOCK, last);
  for (i = 0; i < BLOCK; i++)
    bad |= below(i, last) & (end[-1 - (int)i] ^ last);
  *pad = ((last - 1) & (BLOCK - 1)) + 1;
  return bad;
}


/* The four bytes of a length. */
static uint32_t big_endian (const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16
       | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}


/* Compares the receive id with what ends at `end`; `room` bytes may be
** read. Non-zero if it differs in length or content. */
static uint32_t check_id (const msgcrypt *m, const unsigned char *end,
                          size_t room, size_t id_len) {
  size_t n = m->id_len < room ? m->id_len : room;
  int differs = CRYPTO_memcmp(end - n, m->id, n);
  return (uint32_t)differs | (uint32_t)(id_len != m->id_len);
}


/* Looks through a decrypted message of `size` bytes to its end, whatever
** is wrong. 1 with the lengths of the text and of the id, or 0. */
static int check (const msgcrypt *m, const unsigned char *p, size_t size,
                  size_t *text_len, size_t *id_len) {
  uint32_t pad, bad = check_padding(p + size, &pad);
  size_t n = size - pad;
  size_t rest = n >= HEAD_SIZE ? n - HEAD_SIZE : 0;
  size_t len = big_endian(p + RANDOM_SIZE);
  bad |= (uint32_t)(n < HEAD_SIZE) | (uint32_t)(len > rest);
  *text_len = len > rest ? rest : len;
  *id_len = rest - *text_len;
  if (m->has_id)
    bad |= check_id(m, p + n, n, *id_len);
  return bad == 0;
}

/* }====================================================== */


/*
** {======================================================
** Objects
** =======================================================
*/

/* msgcrypt:close(), __gc, __close */
static int msgcrypt_close (lua_State *L) {
  msgcrypt *m = luaL_checkudata(L, 1, MSGCRYPT_CLASS);
  EVP_CIPHER_CTX_free(m->seal);  /* wipes the key schedule */
  EVP_CIPHER_CTX_free(m->open);
  m->seal = m->open = NULL;
  wx_wipe(m->iv, sizeof(m->iv));
  return 0;
}


/* Argument 1, a msgcrypt that is not closed. Asked again after everything
** that allocates: a finalizer may close the key in between. */
static msgcrypt *check_open (lua_State *L) {
  msgcrypt *m = luaL_checkudata(L, 1, MSGCRYPT_CLASS);
  if (m->seal == NULL || m->open == NULL)
    luaL_error(L, "the msgcrypt key is closed");
  return m;
}


/* Makes both key schedules; 1, or 0 if libcrypto fails. */
static int set_key (msgcrypt *m, const unsigned char *key) {
  const EVP_CIPHER *aes = EVP_aes_256_cbc();
  memcpy(m->iv, key, IV_SIZE);
  m->seal = EVP_CIPHER_CTX_new();
  m->open = EVP_CIPHER_CTX_new();
  return m->seal != NULL && m->open != NULL
      && EVP_CipherInit_ex(m->seal, aes, NULL, key, m->iv, 1)
      && EVP_CipherInit_ex(m->open, aes, NULL, key, m->iv, 0)
      && EVP_CIPHER_CTX_set_padding(m->seal, 0)
      && EVP_CIPHER_CTX_set_padding(m->open, 0);
}


/* msgcrypt(aes_key [, receive_id]) -> key | nil, message, "aes_key".
** Most keys that the platform makes have spare bits set in their last
** character, so that one is decoded leniently. */
static int msgcrypt_new (lua_State *L) {
  unsigned char key[WX_BYTES_SIZE(KEY_CHARS)];
  size_t n, id_len = 0, len;
  const char *text = luaL_checklstring(L, 1, &n);
  const char *id = luaL_optlstring(L, 2, NULL, &id_len);
  msgcrypt *m;
  int good;
  if (id == NULL)
    id_len = 0;
  luaL_argcheck(L, id_len <= MAX_ID, 2, "receive id too long");
  m = wx_newobject(L, sizeof(msgcrypt) + id_len, MSGCRYPT_CLASS);
  m->has_id = id != NULL;
  m->id_len = id_len;
  if (id != NULL)
    memcpy(m->id, id, id_len);
  if (n != KEY_CHARS || !wx_decode(&wx_base64, key, &len, text, n, 0)) {
    wx_wipe(key, sizeof(key));
    return wx_fail(L, "aes_key", "the AES key must be 43 characters"
                                 " of the base64 alphabet");
  }
  good = set_key(m, key);
  wx_wipe(key, sizeof(key));
  if (!good)
    return wx_crypto_error(L, "making an AES key");
  return 1;
}


/* The argument `random16` at index 3, or 16 bytes made into `made`. */
static const char *random_prefix (lua_State *L, char *made) {
  if (!lua_isnoneornil(L, 3)) {
    size_t n;
    const char *random = luaL_checklstring(L, 3, &n);
    luaL_argcheck(L, n == RANDOM_SIZE, 3, "must be 16 bytes");
    return random;
  }
  if (RAND_bytes((unsigned char *)made, RANDOM_SIZE) != 1)
    wx_crypto_error(L, "making random bytes");
  return made;
}


/* msgcrypt:encrypt(text [, random16]) -> base64 | nil, message, "limit" */
static int msgcrypt_encrypt (lua_State *L) {
  wx_scratch scratch;
  char made[RANDOM_SIZE];
  char *data;
  size_t n, size, len;
  msgcrypt *m = check_open(L);
  const char *text = luaL_checklstring(L, 2, &n);
  const char *random;
  if (!m->has_id)
    return luaL_error(L, "a msgcrypt key without a receive id"
                         " can only decrypt");
  random = random_prefix(L, made);
  if (n > MAX_PADDED - BLOCK - HEAD_SIZE - m->id_len)
    return wx_fail(L, "limit", "the message is too long to encrypt");
  size = ((HEAD_SIZE + n + m->id_len) / BLOCK + 1) * BLOCK;
  data = wx_scratch_open(L, &scratch, size + WX_BASE64_SIZE(size));
  m = check_open(L);
  assemble(m, (unsigned char *)data, size, random, text, n);
  if (!run(m->seal, m->iv, (unsigned char *)data, size)) {
    wx_scratch_close(&scratch, size);
    return wx_crypto_error(L, "AES");
  }
  len = wx_encode_padded(data + size, data, size);
  lua_pushlstring(L, data + size, len);
  wx_scratch_close(&scratch, 0);
  return 1;
}


/* The one answer to every message that is not good. */
static int refuse (lua_State *L) {
  return wx_fail(L, "decrypt", "could not decrypt the message");
}


/* msgcrypt:decrypt(base64) -> text [, receive_id] | nil, message, "decrypt".
** The receive id is a result when none was given to check it against. */
static int msgcrypt_decrypt (lua_State *L) {
  wx_scratch scratch;
  char *data;
  size_t n, size, text_len = 0, id_len = 0;
  msgcrypt *m = check_open(L);
  const char *text = luaL_checklstring(L, 2, &n);
  int has_id = m->has_id, good;
  data = wx_scratch_open(L, &scratch, WX_BYTES_SIZE(n));
  m = check_open(L);
  good = wx_decode_padded(data, &size, text, n)
      && size > 0 && size <= MAX_PADDED && size % BLOCK == 0;
  if (good && !run(m->open, m->iv, (unsigned char *)data, size)) {
    wx_scratch_close(&scratch, size);
    return wx_crypto_error(L, "AES");
  }
  good = good && check(m, (unsigned char *)data, size, &text_len, &id_len);
  if (good) {
    lua_pushlstring(L, data + HEAD_SIZE, text_len);
    if (!has_id)
      lua_pushlstring(L, data + HEAD_SIZE + text_len, id_len);
  }
  wx_scratch_close(&scratch, size);
  return !good ? refuse(L) : has_id ? 1 : 2;
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {"encrypt", msgcrypt_encrypt},
  {"decrypt", msgcrypt_decrypt},
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"msgcrypt", msgcrypt_new},
  {NULL, NULL}
};


void wx_open_msgcrypt (lua_State *L) {
  wx_newclass(L, MSGCRYPT_CLASS, methods, msgcrypt_close);
  luaL_setfuncs(L, functions, 0);
}
