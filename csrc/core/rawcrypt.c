/*
** rawcrypt.c - bodies that are nothing but AES-256-CBC of their text: no
** random prefix, no length, no receive id. The IV is the first half of the
** key. Padded to blocks of 16 bytes when encrypting; when decrypting, 1 to
** 32 bytes of padding are taken.
**
** There is no MAC: the padding is all that tells a good body. Every
** refusal is the same, and nothing of a refused plaintext stays here.
*/

#include <string.h>

#include "core.h"

#define NAME "rawcrypt"
#define RAWCRYPT_CLASS "wxbot." NAME

#define BLOCK 16

typedef struct rawcrypt {
  wx_aes aes;
} rawcrypt;


/* rawcrypt:close(), __gc, __close */
static int rawcrypt_close (lua_State *L) {
  rawcrypt *r = wx_checkself(L, RAWCRYPT_CLASS);
  wx_aes_close(&r->aes);
  return 0;
}


/* Argument 1, a rawcrypt that is not closed. */
static rawcrypt *check_open (lua_State *L) {
  rawcrypt *r = wx_checkself(L, RAWCRYPT_CLASS);
  wx_aes_need_open(L, &r->aes, NAME);
  return r;
}


/* rawcrypt(aes_key) -> key | nil, message, "aes_key" */
static int rawcrypt_new (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  rawcrypt *r = wx_newobject(L, sizeof(rawcrypt), RAWCRYPT_CLASS);
  return wx_aes_open(L, &r->aes, text, n) ? 1 : wx_aes_bad_key(L);
}


/* rawcrypt:encrypt(text) -> base64 | nil, message, "limit" */
static int rawcrypt_encrypt (lua_State *L) {
  wx_scratch scratch;
  char *room, *data;
  size_t n, size, pad;
  rawcrypt *r = check_open(L);
  const char *text = luaL_checklstring(L, 2, &n);
  if (n > WX_AES_MAX - BLOCK)
    return wx_fail(L, "limit", "the text is too long to encrypt");
  size = (n / BLOCK + 1) * BLOCK;
  pad = size - n;
  room = wx_scratch_open(L, &scratch, WX_BASE64_SIZE(size));
  data = room + WX_BASE64_SIZE(size) - size;
  wx_aes_need_open(L, &r->aes, NAME);
  memcpy(data, text, n);
  memset(data + n, (int)pad, pad);
  return wx_aes_push_sealed(L, &r->aes, &scratch, room, size);
}


/* The length of the text before the padding; 1, or 0 if that is wrong. Then
** it is the length before one byte: who looks for good padding meets that
** of one byte first, and the work on both texts is the same. */
static int unpad (const unsigned char *data, size_t size, size_t *len) {
  size_t seen = size < WX_MAX_PAD ? size : WX_MAX_PAD;
  uint32_t pad, bad = wx_check_padding(data + size, seen, &pad);
  uint32_t good = (uint32_t)(bad == 0);
  *len = size - 1 - ((pad - 1) & ((uint32_t)0 - good));
  return (int)good;
}


/* [-0, +(0|1)] Opens argument 2 and pushes the text if its padding is good,
** or in any case if `always`. Puts the verdict on the padding to `*good`;
** returns whether the text was pushed. */
static int push_text (lua_State *L, int always, int *good) {
  wx_scratch scratch;
  char *data;
  size_t size, text_len = 0;
  rawcrypt *r = check_open(L);
  wx_sealed sealed = { NULL, 0, BLOCK };
  int whole, pushed;
  sealed.text = luaL_checklstring(L, 2, &sealed.n);
  data = wx_scratch_open(L, &scratch, WX_BYTES_SIZE(sealed.n));
  wx_aes_need_open(L, &r->aes, NAME);
  whole = wx_aes_unseal(L, &r->aes, &scratch, data, &sealed, &size);
  *good = whole && unpad((unsigned char *)data, size, &text_len);
  WX_PUBLIC(good, sizeof(*good));
  pushed = whole && (always || *good);
  if (pushed) {
    WX_PUBLIC(&text_len, sizeof(text_len));
    WX_PUBLIC(data, size);
    lua_pushlstring(L, data, text_len);
  }
  wx_scratch_close(&scratch, size);
  return pushed;
}


static int refuse (lua_State *L) {
  return wx_fail(L, "decrypt", "could not decrypt the body");
}


/* rawcrypt:decrypt(base64) -> text | nil, message, "decrypt" */
static int rawcrypt_decrypt (lua_State *L) {
  int good;
  return push_text(L, 0, &good) ? 1 : refuse(L);
}


/* rawcrypt:open(base64) -> text, whether its padding is good
** | nil, message, "decrypt". For a server, whose time to answer must not
** tell: it works on the text in any case, and then obeys the verdict. */
static int rawcrypt_open (lua_State *L) {
  int good;
  if (!push_text(L, 1, &good))
    return refuse(L);
  lua_pushboolean(L, good);
  return 2;
}


static const luaL_Reg methods[] = {
  {"encrypt", rawcrypt_encrypt},
  {"decrypt", rawcrypt_decrypt},
  {"open", rawcrypt_open},
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"rawcrypt", rawcrypt_new},
  {NULL, NULL}
};


void wx_open_rawcrypt (lua_State *L) {
  wx_newclass(L, RAWCRYPT_CLASS, methods, rawcrypt_close);
  luaL_setfuncs(L, functions, 0);
}
