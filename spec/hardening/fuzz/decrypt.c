/*
** decrypt.c - decryption of messages. The input is taken as the plaintext
** of one, encrypted here by OpenSSL, so that whatever a key holder could
** send is reached; a plain reading of the format says what must come out.
** It is also taken as a text to encrypt, and as an encrypted message.
*/

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "fuzz.h"

#define BLOCK 32
#define HEAD_SIZE 20
#define ID_SIZE (sizeof(FUZZ_ID) - 1)

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n);

/* where the parts of a good plaintext are */
typedef struct plain {
  size_t text_len, id_len;
} plain;


/* [-0, +1] Pushes a key, with or without a receive id; made once. */
static void push_key (lua_State *L, int with_id) {
  const char *name = with_id ? "strict" : "open";
  lua_getglobal(L, name);
  if (!lua_isnil(L, -1))
    return;
  lua_pop(L, 1);
  fuzz_function(L, "msgcrypt");
  lua_pushstring(L, FUZZ_SECRET);
  if (with_id)
    lua_pushstring(L, FUZZ_ID);
  fuzz_call(L, with_id ? 2 : 1, 1);
  lua_pushvalue(L, -1);
  lua_setglobal(L, name);
}


/* Encrypts whole blocks in place. */
static void encrypt (unsigned char *data, size_t n) {
  unsigned char key[33];
  int len;
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  fuzz_expect(EVP_DecodeBlock(key, (const unsigned char *)FUZZ_SECRET "=",
                              44) == 33);
  fuzz_expect(ctx != NULL
              && EVP_EncryptInit_ex(ctx, EVP_aes_256_cbc(), NULL, key, key)
              && EVP_CIPHER_CTX_set_padding(ctx, 0)
              && EVP_EncryptUpdate(ctx, data, &len, data, (int)n)
              && (size_t)len == n);
  EVP_CIPHER_CTX_free(ctx);
}


/* Reads a plaintext the plain way; 1, or 0 if it is not good. */
static int reference (const uint8_t *p, size_t size, plain *parts) {
  size_t i, n, len, pad = p[size - 1];
  if (pad < 1 || pad > BLOCK)
    return 0;
  for (i = 1; i <= pad; i++) {
    if (p[size - i] != pad)
      return 0;
  }
  n = size - pad;
  len = (size_t)p[16] << 24 | (size_t)p[17] << 16 | (size_t)p[18] << 8
      | p[19];
  if (n < HEAD_SIZE || len > n - HEAD_SIZE)
    return 0;
  parts->text_len = len;
  parts->id_len = n - HEAD_SIZE - len;
  return 1;
}


/* [-0, +2] Decrypts a text. */
static void decrypt (lua_State *L, int with_id, const void *text,
                     size_t n) {
  push_key(L, with_id);
  fuzz_method(L, -1, "decrypt");
  lua_pushlstring(L, text, n);
  fuzz_call(L, 2, 2);
}


static void as_plaintext (lua_State *L, const uint8_t *data, size_t n,
                          int with_id) {
  size_t len, size = n / BLOCK * BLOCK;
  unsigned char *sealed = fuzz_room(size);
  char *text;
  plain parts;
  int good = reference(data, size, &parts);
  if (good && with_id)
    good = parts.id_len == ID_SIZE
        && memcmp(data + HEAD_SIZE + parts.text_len, FUZZ_ID, ID_SIZE) == 0;
  memcpy(sealed, data, size);
  encrypt(sealed, size);
  text = fuzz_encode(sealed, size, 0, &len);
  decrypt(L, with_id, text, len);
  if (good) {
    fuzz_expect(fuzz_is(L, -2, data + HEAD_SIZE, parts.text_len));
    fuzz_expect(with_id || fuzz_is(L, -1, data + HEAD_SIZE + parts.text_len,
                                   parts.id_len));
  }
  else
    fuzz_expect(lua_isnil(L, -2));
  free(text);
  free(sealed);
}


static void as_text (lua_State *L, const uint8_t *data, size_t n) {
  push_key(L, 1);
  fuzz_method(L, -1, "encrypt");
  lua_pushlstring(L, (const char *)data, n);
  fuzz_call(L, 2, 1);
  fuzz_method(L, -2, "decrypt");
  lua_pushvalue(L, -3);
  fuzz_call(L, 2, 1);
  fuzz_expect(fuzz_is(L, -1, data, n));
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  lua_State *L = fuzz_state();
  int with_id;
  as_text(L, data, n);
  for (with_id = 0; with_id <= 1; with_id++) {
    decrypt(L, with_id, data, n);
    if (n >= BLOCK)
      as_plaintext(L, data, n, with_id);
  }
  return 0;
}
