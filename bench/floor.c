/*
** floor.c - tokens and messages with nothing but OpenSSL, as a C program
** would do them that keeps its contexts: what the figures of `make bench`
** are ratios to. Contexts are made and keyed once; a message costs
** RAND_bytes(16), AES and EVP_EncodeBlock or EVP_DecodeBlock.
**
** A party of bench/support/subject.lua: reads lines "OPERATION SIZE COUNT" and
** answers each with the CPU seconds of so many calls over distinct inputs, or
** with one result if COUNT is 0.
*/

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

/* the same as in bench/support/inputs.lua */
#define SECRET "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
#define RECEIVE_ID "wxb11529c136998cb6"
#define ID_SIZE (sizeof(RECEIVE_ID) - 1)

#define HEADER "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."
#define HEADER_SIZE (sizeof(HEADER) - 1)
#define MAC_CHARS 43
#define MAC_SIZE 32
#define BLOCK 32
#define HEAD_SIZE 20

#define MAX_SIZE ((size_t)1 << 20)
#define ROOM (MAX_SIZE * 2)
#define MAX_SLOTS 64

typedef size_t operation (const char *in, size_t n, char *out);

static EVP_CIPHER_CTX *seal, *unseal;
static EVP_MD_CTX *inner, *outer, *work;
static unsigned char iv[16];
static unsigned char scratch[ROOM];


static void need (int good, const char *what) {
  if (!good) {
    fprintf(stderr, "floor: %s failed\n", what);
    exit(1);
  }
}


static unsigned char *bytes (char *p) {
  return (unsigned char *)p;
}


/*
** {======================================================
** Contexts
** =======================================================
*/

static EVP_MD_CTX *keyed (unsigned char pad) {
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  unsigned char block[64] = {0};
  size_t i;
  memcpy(block, SECRET, sizeof(SECRET) - 1);
  for (i = 0; i < sizeof(block); i++)
    block[i] ^= pad;
  need(ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL)
       && EVP_DigestUpdate(ctx, block, sizeof(block)), "a HMAC key");
  return ctx;
}


static EVP_CIPHER_CTX *cipher (const unsigned char *key, int encrypting) {
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  need(ctx != NULL && EVP_CipherInit_ex(ctx, EVP_aes_256_cbc(), NULL, key,
                                        iv, encrypting)
       && EVP_CIPHER_CTX_set_padding(ctx, 0), "an AES key");
  return ctx;
}


static void make_contexts (void) {
  unsigned char key[33];
  need(EVP_DecodeBlock(key, (const unsigned char *)SECRET "=", 44) == 33,
       "reading the key");
  memcpy(iv, key, sizeof(iv));
  seal = cipher(key, 1);
  unseal = cipher(key, 0);
  inner = keyed(0x36);
  outer = keyed(0x5c);
  work = EVP_MD_CTX_new();
  need(work != NULL, "a context");
}

/* }====================================================== */


/*
** {======================================================
** Tokens
** =======================================================
*/

/* The characters of one alphabet as those of the other. Tables: a branch for
** every character would make the floor slower than OpenSSL is. */
static unsigned char to_url[256], from_url[256];

static void make_tables (void) {
  size_t i;
  for (i = 0; i < 256; i++)
    to_url[i] = from_url[i] = (unsigned char)i;
  to_url['+'] = '-';
  to_url['/'] = '_';
  from_url['-'] = '+';
  from_url['_'] = '/';
}


static size_t url_encode (char *out, const unsigned char *in, size_t n) {
  size_t i, len = (size_t)EVP_EncodeBlock(bytes(out), in, (int)n);
  while (len > 0 && out[len - 1] == '=')
    len--;
  for (i = 0; i < len; i++)
    out[i] = (char)to_url[(unsigned char)out[i]];
  return len;
}


static size_t url_decode (unsigned char *out, const char *in, size_t n) {
  size_t i, pad = (4 - n % 4) % 4;
  int len;
  for (i = 0; i < n; i++)
    scratch[i] = from_url[(unsigned char)in[i]];
  memset(scratch + n, '=', pad);
  len = EVP_DecodeBlock(out, scratch, (int)(n + pad));
  need(len >= 0, "base64url");
  return (size_t)len - pad;
}


static void mac (const char *data, size_t n, unsigned char *out) {
  need(EVP_MD_CTX_copy_ex(work, inner) && EVP_DigestUpdate(work, data, n)
       && EVP_DigestFinal_ex(work, out, NULL)
       && EVP_MD_CTX_copy_ex(work, outer)
       && EVP_DigestUpdate(work, out, MAC_SIZE)
       && EVP_DigestFinal_ex(work, out, NULL), "a HMAC");
}


static size_t sign (const char *in, size_t n, char *out) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  size_t len = HEADER_SIZE;
  memcpy(out, HEADER, HEADER_SIZE);
  len += url_encode(out + len, (const unsigned char *)in, n);
  mac(out, len, sum);
  out[len++] = '.';
  return len + url_encode(out + len, sum, MAC_SIZE);
}


static size_t verify (const char *in, size_t n, char *out) {
  unsigned char sum[EVP_MAX_MD_SIZE], claimed[MAC_CHARS];
  size_t dot = n - MAC_CHARS - 1;
  need(n > HEADER_SIZE + MAC_CHARS && in[dot] == '.'
       && memcmp(in, HEADER, HEADER_SIZE) == 0, "splitting a token");
  mac(in, dot, sum);
  need(url_decode(claimed, in + dot + 1, MAC_CHARS) == MAC_SIZE
       && CRYPTO_memcmp(sum, claimed, MAC_SIZE) == 0, "a signature");
  return url_decode(bytes(out), in + HEADER_SIZE, dot - HEADER_SIZE);
}

/* }====================================================== */


/*
** {======================================================
** Messages
** =======================================================
*/

static void run (EVP_CIPHER_CTX *ctx, unsigned char *data, size_t n) {
  int len;
  need(EVP_CipherInit_ex(ctx, NULL, NULL, NULL, iv, -1)
       && EVP_CipherUpdate(ctx, data, &len, data, (int)n)
       && (size_t)len == n, "AES");
}


static size_t encrypt (const char *in, size_t n, char *out) {
  size_t size = ((HEAD_SIZE + n + ID_SIZE) / BLOCK + 1) * BLOCK;
  size_t pad = size - HEAD_SIZE - n - ID_SIZE;
  unsigned char *p = scratch;
  need(RAND_bytes(p, 16) == 1, "random bytes");
  p[16] = (unsigned char)(n >> 24);
  p[17] = (unsigned char)(n >> 16);
  p[18] = (unsigned char)(n >> 8);
  p[19] = (unsigned char)n;
  memcpy(p + HEAD_SIZE, in, n);
  memcpy(p + HEAD_SIZE + n, RECEIVE_ID, ID_SIZE);
  memset(p + size - pad, (int)pad, pad);
  run(seal, p, size);
  return (size_t)EVP_EncodeBlock(bytes(out), p, (int)size);
}


/* The text is left where it was decrypted, and moved to the start. */
static size_t decrypt (const char *in, size_t n, char *out) {
  unsigned char *p = bytes(out);
  int got = EVP_DecodeBlock(p, (const unsigned char *)in, (int)n);
  size_t size, len, i, pad, bad = 0;
  need(got > 0, "base64");
  size = (size_t)got - (in[n - 1] == '=') - (in[n - 2] == '=');
  run(unseal, p, size);
  pad = p[size - 1];
  for (i = 1; i <= pad; i++)
    bad |= p[size - i] ^ pad;
  len = (size_t)p[16] << 24 | (size_t)p[17] << 16 | (size_t)p[18] << 8
      | p[19];
  need(bad == 0 && len + HEAD_SIZE + ID_SIZE + pad == size
       && CRYPTO_memcmp(p + HEAD_SIZE + len, RECEIVE_ID, ID_SIZE) == 0,
       "a message");
  memmove(p, p + HEAD_SIZE, len);
  return len;
}

/* }====================================================== */


static double cpu (void) {
  struct timespec ts;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}


/* As many as bench/support/subject.lua has. */
static size_t slots_for (size_t size) {
  size_t slots = ((size_t)256 << 10) / size;
  return slots < 4 ? 4 : slots > MAX_SLOTS ? MAX_SLOTS : slots;
}


/* Printable bytes. */
static void fill (char *out, size_t n) {
  static const char chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  size_t i;
  need(RAND_bytes(bytes(out), (int)n) == 1, "random bytes");
  for (i = 0; i < n; i++)
    out[i] = chars[out[i] & 63];
}


/* Makes the inputs, calls and answers. `make` makes an input of a text;
** NULL: the text is the input. */
static void measure (operation *call, operation *make, size_t size,
                     unsigned long count) {
  char *in[MAX_SLOTS], *out[MAX_SLOTS], *text = malloc(size + 1);
  size_t len[MAX_SLOTS], got = 0, i, slots = slots_for(size);
  double began;
  need(text != NULL, "memory");
  for (i = 0; i < slots; i++) {
    in[i] = malloc(size * 2 + 1024);
    out[i] = malloc(size * 2 + 1024);
    need(in[i] != NULL && out[i] != NULL, "memory");
    fill(text, size);
    len[i] = make != NULL ? make(text, size, in[i]) : size;
    if (make == NULL)
      memcpy(in[i], text, size);
    got = call(in[i], len[i], out[i]);  /* touches all that is needed */
  }
  if (count == 0)
    printf("%.*s\n", (int)got, out[slots - 1]);
  else {
    began = cpu();
    for (i = 0; i < count; i++)
      got += call(in[i % slots], len[i % slots], out[i % slots]);
    printf("%.9f %lu\n", cpu() - began, (unsigned long)got);
  }
  for (i = 0; i < slots; i++) {
    free(in[i]);
    free(out[i]);
  }
  free(text);
}


int main (void) {
  static const struct {
    const char *name;
    operation *call, *make;
  } operations[] = {
    {"sign", sign, NULL}, {"verify", verify, sign},
    {"encrypt", encrypt, NULL}, {"decrypt", decrypt, encrypt},
  };
  char name[16];
  unsigned long size, count;
  make_contexts();
  make_tables();
  puts("sign verify encrypt decrypt");
  fflush(stdout);
  while (scanf("%15s %lu %lu", name, &size, &count) == 3) {
    size_t i;
    need(size > 0 && size <= MAX_SIZE, "the size");
    for (i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
      if (strcmp(name, operations[i].name) == 0)
        measure(operations[i].call, operations[i].make, size, count);
    }
    fflush(stdout);
  }
  return 0;
}
