/*
** core.h - what the files of wxbot.core lend each other. Not for csrc/curl/:
** these functions live in codec.c and digest.c and need libcrypto.
*/

#ifndef WX_CORE_H
#define WX_CORE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/evp.h>

#include "wx.h"

/*
** What depends on a secret decides no branch until it is public: a verdict
** that the caller hears, bytes that are sent. These two say where it begins
** and ends, for `make ctgrind`, which watches all that depends on a secret;
** WX_CTGRIND is 2 where nothing becomes public and it must find something.
*/
#ifdef WX_CTGRIND
#include <valgrind/memcheck.h>
#define WX_SECRET(data, n) ((void)VALGRIND_MAKE_MEM_UNDEFINED((data), (n)))
#else
#define WX_SECRET(data, n) ((void)0)
#endif
#if defined(WX_CTGRIND) && WX_CTGRIND == 1
#define WX_PUBLIC(data, n) ((void)VALGRIND_MAKE_MEM_DEFINED((data), (n)))
#else
#define WX_PUBLIC(data, n) ((void)0)
#endif

/*
** {======================================================
** codec.c
** =======================================================
*/

typedef struct wx_alphabet wx_alphabet;

extern const wx_alphabet wx_base64;     /* RFC 4648 section 4 */
extern const wx_alphabet wx_base64url;  /* RFC 4648 section 5 */

/* Characters that `n` bytes take with padding: no overflow, for a Lua
** string is never longer than half of what a size_t holds. */
#define WX_BASE64_SIZE(n) (((n) / 3 + ((n) % 3 != 0)) * 4)

/* Bytes that `n` characters give, or one or two less. */
#define WX_BYTES_SIZE(n) ((n) / 4 * 3 + 2)

/* Writes the characters of `n` bytes, without padding; returns how many.
** The bytes may be the last ones of the room that the characters (with
** padding) fill: they are read before they are written over. */
size_t wx_encode (const wx_alphabet *a, char *out, const void *data,
                  size_t n);

/* The same with padding: WX_BASE64_SIZE(n) characters of `wx_base64`. */
size_t wx_encode_padded (char *out, const void *data, size_t n);

/* Decodes `n` characters without padding into WX_BYTES_SIZE(n) bytes of
** room. Spare bits of the last character must be zero if `strict`. Puts
** the length into `*len`; returns 1, or 0 if it is not base64. */
int wx_decode (const wx_alphabet *a, void *out, size_t *len,
               const char *text, size_t n, int strict);

/* The same for padded text of `wx_base64`, always strict. */
int wx_decode_padded (void *out, size_t *len, const char *text, size_t n);

/* Length of the UTF-8 sequence at `s` (at most `n` bytes; n > 0), or 0 if
** RFC 3629 does not allow it. */
size_t wx_utf8 (const char *s, size_t n);

/* The length of what is no UTF-8 at `s`, where wx_utf8 gives 0: as much of
** one sequence as there is, what Unicode recommends one U+FFFD for. */
size_t wx_bad_utf8 (const char *s, size_t n);

/* }====================================================== */


/*
** {======================================================
** marks.c
** =======================================================
*/

/* Whether the text at `s` (at most `n` bytes; n > 0) begins with what has
** to be marked. Puts the length of that, or of the character, to `*len`. */
int wx_is_odd (const char *s, size_t n, size_t *len);

/* Bytes that a mark of `n` bytes takes at most. */
#define WX_MARK_SIZE(n) (4 + 2 * (n))

/* Writes the mark of `n` bytes; returns the end. */
char *wx_put_mark (char *out, const char *bytes, size_t n);

/* }====================================================== */


/*
** {======================================================
** digest.c
** =======================================================
*/

#define WX_SHA256_SIZE 32

/* Starts a HMAC in a context that was initialised for SHA-256: feeds it
** the key block, each byte exclusive-or'ed with `pad` (0x36 for the inner
** digest, 0x5c for the outer one). 1, or 0 if libcrypto fails. */
int wx_hmac_start (EVP_MD_CTX *ctx, const void *key, size_t n,
                   unsigned char pad);

/* Raises "`what` failed", with libcrypto's reason if there is one, and
** empties libcrypto's error queue. Does not return. */
int wx_crypto_error (lua_State *L, const char *what);

/* }====================================================== */


/*
** {======================================================
** aes.c
** =======================================================
*/

#define WX_MAX_PAD 32
#define WX_AES_MAX ((size_t)INT_MAX / 32 * 32)  /* EVP counts in int */

/* A key; zeroed is closed. Belongs into a userdata. */
typedef struct wx_aes {
  EVP_CIPHER_CTX *seal;  /* NULL: closed */
  EVP_CIPHER_CTX *open;
} wx_aes;

/* [-0, +0] Makes the key that 43 characters say. 1, or 0 if they are not
** a key; raises if libcrypto fails. */
int wx_aes_open (lua_State *L, wx_aes *aes, const char *text, size_t n);

/* [-0, +3] nil, what is wrong with the characters of a key, "aes_key". */
int wx_aes_bad_key (lua_State *L);

/* [-0, +0] Raises "the NAME key is closed" if it is. Asked again after
** everything that allocates: a finalizer may close the key in between. */
void wx_aes_need_open (lua_State *L, const wx_aes *aes, const char *name);

/* Wipes and frees; may be called again. */
void wx_aes_close (wx_aes *aes);

/* [-0, +1] Seals the last `size` bytes (a multiple of 16, at most
** WX_AES_MAX) of a room of WX_BASE64_SIZE(size) and pushes them as base64.
** Closes the scratch, which the room is; raises if libcrypto fails. */
int wx_aes_push_sealed (lua_State *L, wx_aes *aes, wx_scratch *scratch,
                        char *room, size_t size);

/* What was sealed: base64, and what its length is a multiple of. */
typedef struct wx_sealed {
  const char *text;
  size_t n;
  size_t block;
} wx_sealed;

/* [-0, +0] Opens it into a room of WX_BYTES_SIZE(n) and puts the length,
** with the padding, into `*size`. 1, or 0 if it is not of that form; closes
** the scratch, which the room is, and raises if libcrypto fails. */
int wx_aes_unseal (lua_State *L, wx_aes *aes, wx_scratch *scratch,
                   char *room, const wx_sealed *sealed, size_t *size);

/* Compares all bytes that padding can have in the `seen` ones (16 or 32)
** before `end`. Returns non-zero if it is wrong and always puts 1 to
** `seen` into `*pad`. */
uint32_t wx_check_padding (const unsigned char *end, size_t seen,
                           uint32_t *pad);

/* }====================================================== */

/* [-0, +0] Each adds its functions to the table on top of the stack. */
void wx_open_codec (lua_State *L);
void wx_open_digest (lua_State *L);
void wx_open_msgcrypt (lua_State *L);
void wx_open_rawcrypt (lua_State *L);
void wx_open_jwt (lua_State *L);
void wx_open_jsontext (lua_State *L);
void wx_open_marks (lua_State *L);
void wx_open_file (lua_State *L);
void wx_open_signals (lua_State *L);

#endif
