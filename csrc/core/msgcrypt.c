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

#include <stdint.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "core.h"

#define NAME "msgcrypt"
#define MSGCRYPT_CLASS "wxbot." NAME

#define RANDOM_SIZE 16
#define HEAD_SIZE 20  /* random and length */
#define BLOCK 32
#define MAX_ID 1024

typedef struct msgcrypt {
  wx_aes aes;
  int has_id;
  size_t id_len;
  char id[];
} msgcrypt;


/*
** {======================================================
** Bytes
** =======================================================
*/

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


/* The four bytes of a length. */
static uint32_t big_endian (const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16
       | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}


/* Compares the receive id with what ends the first `n` of `size` bytes.
** Non-zero if it differs in length or content. How many bytes are compared
** does not depend on `n`, which only the padding tells. */
static uint32_t check_id (const msgcrypt *m, const unsigned char *p,
                          size_t size, size_t n, size_t id_len) {
  size_t len = m->id_len < size ? m->id_len : size;
  size_t at = (n - len) & ((size_t)0 - (n >= len));  /* or 0: it is bad */
  int differs = CRYPTO_memcmp(p + at, m->id, len);
  return (uint32_t)differs | (uint32_t)(id_len != m->id_len);
}


/* Looks through a decrypted message of `size` bytes to its end, whatever
** is wrong. 1 with the lengths of the text and of the id, or 0. */
static int check (const msgcrypt *m, const unsigned char *p, size_t size,
                  size_t *text_len, size_t *id_len) {
  uint32_t pad, bad = wx_check_padding(p + size, BLOCK, &pad);
  size_t n = size - pad;
  size_t rest = n >= HEAD_SIZE ? n - HEAD_SIZE : 0;
  size_t len = big_endian(p + RANDOM_SIZE);
  bad |= (uint32_t)(n < HEAD_SIZE) | (uint32_t)(len > rest);
  *text_len = len > rest ? rest : len;
  *id_len = rest - *text_len;
  if (m->has_id)
    bad |= check_id(m, p, size, n, *id_len);
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
  msgcrypt *m = wx_checkself(L, MSGCRYPT_CLASS);
  wx_aes_close(&m->aes);
  return 0;
}


/* Argument 1, a msgcrypt that is not closed. */
static msgcrypt *check_open (lua_State *L) {
  msgcrypt *m = wx_checkself(L, MSGCRYPT_CLASS);
  wx_aes_need_open(L, &m->aes, NAME);
  return m;
}


/* msgcrypt(aes_key [, receive_id]) -> key | nil, message, "aes_key" */
static int msgcrypt_new (lua_State *L) {
  size_t n, id_len = 0;
  const char *text = luaL_checklstring(L, 1, &n);
  const char *id = luaL_optlstring(L, 2, NULL, &id_len);
  msgcrypt *m;
  if (id == NULL)
    id_len = 0;
  luaL_argcheck(L, id_len <= MAX_ID, 2, "receive id too long");
  m = wx_newobject(L, sizeof(msgcrypt) + id_len, MSGCRYPT_CLASS);
  m->has_id = id != NULL;
  m->id_len = id_len;
  if (id != NULL)
    memcpy(m->id, id, id_len);
  return wx_aes_open(L, &m->aes, text, n) ? 1 : wx_aes_bad_key(L);
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
  char *room, *data;
  size_t n, size;
  msgcrypt *m = check_open(L);
  const char *text = luaL_checklstring(L, 2, &n);
  const char *random;
  if (!m->has_id)
    return luaL_error(L, "a msgcrypt key without a receive id"
                         " can only decrypt");
  random = random_prefix(L, made);
  if (n > WX_AES_MAX - BLOCK - HEAD_SIZE - m->id_len)
    return wx_fail(L, "limit", "the message is too long to encrypt");
  size = ((HEAD_SIZE + n + m->id_len) / BLOCK + 1) * BLOCK;
  room = wx_scratch_open(L, &scratch, WX_BASE64_SIZE(size));
  data = room + WX_BASE64_SIZE(size) - size;
  wx_aes_need_open(L, &m->aes, NAME);
  assemble(m, (unsigned char *)data, size, random, text, n);
  return wx_aes_push_sealed(L, &m->aes, &scratch, room, size);
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
  size_t size, text_len = 0, id_len = 0;
  msgcrypt *m = check_open(L);
  wx_sealed sealed = { NULL, 0, BLOCK };
  int has_id = m->has_id, good;
  sealed.text = luaL_checklstring(L, 2, &sealed.n);
  data = wx_scratch_open(L, &scratch, WX_BYTES_SIZE(sealed.n));
  wx_aes_need_open(L, &m->aes, NAME);
  good = wx_aes_unseal(L, &m->aes, &scratch, data, &sealed, &size);
  good = good && check(m, (unsigned char *)data, size, &text_len, &id_len);
  WX_PUBLIC(&good, sizeof(good));
  if (good) {
    WX_PUBLIC(&text_len, sizeof(text_len));
    WX_PUBLIC(&id_len, sizeof(id_len));
    WX_PUBLIC(data, size);
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
