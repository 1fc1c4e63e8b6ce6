/*
** codec.c - base64, base64url, hex, UTF-8, order.
** Decoding is strict: one text for each value, so that nothing that was
** signed or compared can be written in a second way.
*/

#include <stdint.h>
#include <string.h>

#include "core.h"

/*
** {======================================================
** Tables
** =======================================================
*/

/*
** pairs: the two characters of every 12-bit number.
** value: for the 1st to 4th character of a group its six bits at their
** place, the first byte of the three being the lowest, and bit 24 to 27 to
** say that it belongs to the alphabet; 0 for all other characters.
*/
struct wx_alphabet {
  char pairs[64 * 64 * 2];
  uint32_t value[4][256];
};

/* calls F(character, number) for the 64 of an alphabet */
#define ALPHABET(F, c62, c63) \
  F('A', 0) F('B', 1) F('C', 2) F('D', 3) F('E', 4) F('F', 5) \
  F('G', 6) F('H', 7) F('I', 8) F('J', 9) F('K', 10) F('L', 11) \
  F('M', 12) F('N', 13) F('O', 14) F('P', 15) F('Q', 16) F('R', 17) \
  F('S', 18) F('T', 19) F('U', 20) F('V', 21) F('W', 22) F('X', 23) \
  F('Y', 24) F('Z', 25) F('a', 26) F('b', 27) F('c', 28) F('d', 29) \
  F('e', 30) F('f', 31) F('g', 32) F('h', 33) F('i', 34) F('j', 35) \
  F('k', 36) F('l', 37) F('m', 38) F('n', 39) F('o', 40) F('p', 41) \
  F('q', 42) F('r', 43) F('s', 44) F('t', 45) F('u', 46) F('v', 47) \
  F('w', 48) F('x', 49) F('y', 50) F('z', 51) F('0', 52) F('1', 53) \
  F('2', 54) F('3', 55) F('4', 56) F('5', 57) F('6', 58) F('7', 59) \
  F('8', 60) F('9', 61) F(c62, 62) F(c63, 63)

#define MARK(i)  ((uint32_t)1 << (24 + (i)))
#define FIRST(c, v)   [c] = (uint32_t)(v) << 2 | MARK(0),
#define SECOND(c, v)  [c] = (uint32_t)(v) >> 4 | ((v) & 15u) << 12 | MARK(1),
#define THIRD(c, v)   [c] = ((uint32_t)(v) >> 2) << 8 | ((v) & 3u) << 22 \
                            | MARK(2),
#define FOURTH(c, v)  [c] = (uint32_t)(v) << 16 | MARK(3),

#define VALUES(c62, c63) \
  {{ALPHABET(FIRST, c62, c63)}, {ALPHABET(SECOND, c62, c63)}, \
   {ALPHABET(THIRD, c62, c63)}, {ALPHABET(FOURTH, c62, c63)}}

/* the 64 pairs that start with `c` */
#define ROW(c, c62, c63) \
  c,'A',c,'B',c,'C',c,'D',c,'E',c,'F',c,'G',c,'H',c,'I',c,'J',c,'K', \
  c,'L',c,'M',c,'N',c,'O',c,'P',c,'Q',c,'R',c,'S',c,'T',c,'U',c,'V', \
  c,'W',c,'X',c,'Y',c,'Z',c,'a',c,'b',c,'c',c,'d',c,'e',c,'f',c,'g', \
  c,'h',c,'i',c,'j',c,'k',c,'l',c,'m',c,'n',c,'o',c,'p',c,'q',c,'r', \
  c,'s',c,'t',c,'u',c,'v',c,'w',c,'x',c,'y',c,'z',c,'0',c,'1',c,'2', \
  c,'3',c,'4',c,'5',c,'6',c,'7',c,'8',c,'9',c,c62,c,c63,

#define ROW_STANDARD(c, v)  ROW(c, '+', '/')
#define ROW_URL(c, v)       ROW(c, '-', '_')

const wx_alphabet wx_base64 = {
  {ALPHABET(ROW_STANDARD, '+', '/')}, VALUES('+', '/')
};

const wx_alphabet wx_base64url = {
  {ALPHABET(ROW_URL, '-', '_')}, VALUES('-', '_')
};

/* }====================================================== */


/*
** {======================================================
** base64
** =======================================================
*/

/* Writes the 2 or 3 characters of the last 1 or 2 bytes. */
static size_t encode_rest (const wx_alphabet *a, char *out,
                           const unsigned char *in, size_t n) {
  uint32_t bits = (uint32_t)in[0] << 16;
  if (n == 2)
    bits |= (uint32_t)in[1] << 8;
  memcpy(out, a->pairs + (bits >> 12) * 2, 2);
  if (n == 2)
    out[2] = a->pairs[(bits & 0xfff) * 2];
  return n + 1;
}


/* Eight bytes as one number; compilers make one load of it. */
static uint64_t load8 (const unsigned char *in) {
  return (uint64_t)in[0] << 56 | (uint64_t)in[1] << 48
       | (uint64_t)in[2] << 40 | (uint64_t)in[3] << 32
       | (uint64_t)in[4] << 24 | (uint64_t)in[5] << 16
       | (uint64_t)in[6] << 8 | (uint64_t)in[7];
}


size_t wx_encode (const wx_alphabet *a, char *out, const void *data,
                  size_t n) {
  const unsigned char *in = data;
  const char *start = out;
  for (; n >= 8; n -= 6, in += 6, out += 8) {  /* looks at 8, takes 6 */
    uint64_t bits = load8(in);
    memcpy(out, a->pairs + (bits >> 52) * 2, 2);
    memcpy(out + 2, a->pairs + (bits >> 40 & 0xfff) * 2, 2);
    memcpy(out + 4, a->pairs + (bits >> 28 & 0xfff) * 2, 2);
    memcpy(out + 6, a->pairs + (bits >> 16 & 0xfff) * 2, 2);
  }
  for (; n >= 3; n -= 3, in += 3, out += 4) {
    uint32_t bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
    memcpy(out, a->pairs + (bits >> 12) * 2, 2);
    memcpy(out + 2, a->pairs + (bits & 0xfff) * 2, 2);
  }
  if (n > 0)
    out += encode_rest(a, out, in, n);
  return (size_t)(out - start);
}


size_t wx_encode_padded (char *out, const void *data, size_t n) {
  size_t len = wx_encode(&wx_base64, out, data, n);
  while (len % 4 != 0)
    out[len++] = '=';
  return len;
}


/*
** Decodes the last 2 or 3 characters to 1 or 2 bytes. `known` are the
** marks that all characters before had in common. 1, or 0.
*/
static int decode_rest (const wx_alphabet *a, unsigned char *out,
                        const unsigned char *in, size_t n, int strict) {
  uint32_t bits = a->value[0][in[0]] | a->value[1][in[1]];
  uint32_t marks = 3, spare = 0xffff00;
  if (n == 3) {
    bits |= a->value[2][in[2]];
    marks = 7;
    spare = 0xff0000;
    out[1] = (unsigned char)(bits >> 8);
  }
  out[0] = (unsigned char)bits;
  return bits >> 24 == marks && (!strict || (bits & spare) == 0);
}


/* Writes three bytes and the marks, which the next three or the spare room
** take; compilers make one store of it. */
static void store4 (unsigned char *to, uint32_t bits) {
  to[0] = (unsigned char)bits;
  to[1] = (unsigned char)(bits >> 8);
  to[2] = (unsigned char)(bits >> 16);
  to[3] = (unsigned char)(bits >> 24);
}


int wx_decode (const wx_alphabet *a, void *out, size_t *len,
               const char *text, size_t n, int strict) {
  const unsigned char *in = (const unsigned char *)text;
  unsigned char *to = out;
  uint32_t marks = (uint32_t)15 << 24;
  size_t rest = n % 4;
  int good = rest != 1;
  for (n -= rest; n > 0; n -= 4, in += 4, to += 3) {
    uint32_t bits = a->value[0][in[0]] | a->value[1][in[1]]
                  | a->value[2][in[2]] | a->value[3][in[3]];
    marks &= bits;
    store4(to, bits);
  }
  if (rest > 1) {
    good = decode_rest(a, to, in, rest, strict);
    to += rest - 1;
  }
  *len = (size_t)(to - (unsigned char *)out);
  return good && marks == (uint32_t)15 << 24;
}


int wx_decode_padded (void *out, size_t *len, const char *text, size_t n) {
  *len = 0;
  if (n % 4 != 0)
    return 0;
  if (n > 0 && text[n - 1] == '=')
    n -= text[n - 2] == '=' ? 2 : 1;
  return wx_decode(&wx_base64, out, len, text, n, 1);
}


/* [-0, +1] Encodes argument 1 in the given way. */
static int encode (lua_State *L, int padded) {
  wx_scratch scratch;
  size_t n, len;
  const char *data = luaL_checklstring(L, 1, &n);
  char *out = wx_scratch_open(L, &scratch, WX_BASE64_SIZE(n));
  if (padded)
    len = wx_encode_padded(out, data, n);
  else
    len = wx_encode(&wx_base64url, out, data, n);
  lua_pushlstring(L, out, len);
  wx_scratch_close(&scratch, len);
  return 1;
}


/* [-0, +(1|3)] Decodes argument 1 in the given way. */
static int decode (lua_State *L, int padded) {
  wx_scratch scratch;
  size_t n, len;
  int good;
  const char *text = luaL_checklstring(L, 1, &n);
  char *out = wx_scratch_open(L, &scratch, WX_BYTES_SIZE(n));
  if (padded)
    good = wx_decode_padded(out, &len, text, n);
  else
    good = wx_decode(&wx_base64url, out, &len, text, n, 1);
  if (good)
    lua_pushlstring(L, out, len);
  wx_scratch_close(&scratch, len);
  return good ? 1 : wx_fail(L, "base64", padded ? "not a base64 text"
                                                : "not a base64url text");
}


/* base64_encode(bytes) -> text */
static int base64_encode (lua_State *L) {
  return encode(L, 1);
}


/* base64_decode(text) -> bytes | nil, message, "base64" */
static int base64_decode (lua_State *L) {
  return decode(L, 1);
}


/* base64url_encode(bytes) -> text without padding */
static int base64url_encode (lua_State *L) {
  return encode(L, 0);
}


/* base64url_decode(text) -> bytes | nil, message, "base64" */
static int base64url_decode (lua_State *L) {
  return decode(L, 0);
}

/* }====================================================== */


/*
** {======================================================
** hex
** =======================================================
*/

/* The number of a hex digit, or -1. */
static int hex_digit (char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}


/* hex_encode(bytes) -> lower-case text */
static int hex_encode (lua_State *L) {
  static const char digits[] = "0123456789abcdef";
  wx_scratch scratch;
  size_t n, i;
  const char *data = luaL_checklstring(L, 1, &n);
  char *out = wx_scratch_open(L, &scratch, n * 2);
  for (i = 0; i < n; i++) {
    unsigned char byte = (unsigned char)data[i];
    out[2 * i] = digits[byte >> 4];
    out[2 * i + 1] = digits[byte & 15];
  }
  lua_pushlstring(L, out, n * 2);
  wx_scratch_close(&scratch, n * 2);
  return 1;
}


/* Writes the n / 2 bytes of `n` digits; 1, or 0 if one is no digit. */
static int unhex (char *out, const char *text, size_t n) {
  size_t i;
  int seen = 0;  /* negative once a digit was */
  for (i = 0; i + 1 < n; i += 2) {
    int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    seen |= high | low;
    out[i / 2] = (char)((high & 15) << 4 | (low & 15));
  }
  return seen >= 0;
}


/* hex_decode(text) -> bytes | nil, message, "hex" */
static int hex_decode (lua_State *L) {
  wx_scratch scratch;
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  char *out = wx_scratch_open(L, &scratch, n / 2);
  int good = unhex(out, text, n) && n % 2 == 0;
  if (good)
    lua_pushlstring(L, out, n / 2);
  wx_scratch_close(&scratch, n / 2);
  return good ? 1 : wx_fail(L, "hex", "not a text of hex digits");
}

/* }====================================================== */


/*
** {======================================================
** UTF-8
** =======================================================
*/

/* The length that a first byte announces, or 0. */
static size_t announced (unsigned char c) {
  if (c < 0x80)
    return 1;
  if (c < 0xc2 || c > 0xf4)
    return 0;
  return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}


/* Whether the second byte after `c` keeps out of what RFC 3629 forbids:
** overlong forms, surrogates, numbers above 10FFFF. */
static int second_allowed (unsigned char c, unsigned char second) {
  switch (c) {
    case 0xe0: return second >= 0xa0;
    case 0xed: return second < 0xa0;
    case 0xf0: return second >= 0x90;
    case 0xf4: return second < 0x90;
    default: return 1;
  }
}


/* How many of the bytes at `s` (at most `n`; n > 0) begin a sequence that
** RFC 3629 allows; `len` is what the first one announces. */
static size_t begun (const unsigned char *s, size_t n, size_t len) {
  size_t i;
  for (i = 1; i < len && i < n && (s[i] & 0xc0) == 0x80; i++) {
    if (i == 1 && !second_allowed(s[0], s[1]))
      return 1;
  }
  return i;
}


size_t wx_utf8 (const char *s, size_t n) {
  const unsigned char *in = (const unsigned char *)s;
  size_t len = announced(in[0]);
  return len > 1 && begun(in, n, len) < len ? 0 : len;
}


size_t wx_bad_utf8 (const char *s, size_t n) {
  const unsigned char *in = (const unsigned char *)s;
  return begun(in, n, announced(in[0]));
}


/* utf8_valid(text) -> true | false, position of the first wrong byte */
static int utf8_valid (lua_State *L) {
  size_t n, i = 0, step;
  const char *s = luaL_checklstring(L, 1, &n);
  for (; i < n; i += step) {
    step = wx_utf8(s + i, n - i);
    if (step == 0) {
      lua_pushboolean(L, 0);
      lua_pushinteger(L, (lua_Integer)i + 1);
      return 2;
    }
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* }====================================================== */


/* less(left, right) -> whether a text comes before another, by bytes. Lua's
** `<` goes by the locale. */
static int less (lua_State *L) {
  size_t n, m;
  const char *left = luaL_checklstring(L, 1, &n);
  const char *right = luaL_checklstring(L, 2, &m);
  int order = memcmp(left, right, n < m ? n : m);
  lua_pushboolean(L, order < 0 || (order == 0 && n < m));
  return 1;
}


static const luaL_Reg functions[] = {
  {"base64_encode", base64_encode},
  {"base64_decode", base64_decode},
  {"base64url_encode", base64url_encode},
  {"base64url_decode", base64url_decode},
  {"hex_encode", hex_encode},
  {"hex_decode", hex_decode},
  {"utf8_valid", utf8_valid},
  {"less", less},
  {NULL, NULL}
};


void wx_open_codec (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
