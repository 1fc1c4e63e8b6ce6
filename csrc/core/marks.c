/*
** marks.c - what a text may not hold, kept for whoever repairs the text.
** A text of XML 1.0 is UTF-8 without U+FFFE and U+FFFF, and has no control
** characters but tab, line feed and carriage return. What else comes inside
** of a value is put into a mark before a strict parser reads the rest:
** U+FDD0, the bytes as hex digits, a full stop. In a text with marks U+FDD0
** itself is a mark without digits. wxbot.codec.repair undoes them.
*/

#include <stdint.h>
#include <string.h>

#include "core.h"

#define LEAD "\xef\xb7\x90"  /* U+FDD0, no character of any language */
#define LEAD_SIZE (sizeof(LEAD) - 1)


/* Whether the character of `len` bytes at `s` needs a mark. */
static int is_forbidden (const char *s, size_t len) {
  unsigned char c = (unsigned char)s[0];
  if (len == 1)
    return c < 0x20 && c != '\t' && c != '\n' && c != '\r';
  return c == 0xef && (memcmp(s, LEAD, 3) == 0
                    || memcmp(s, "\xef\xbf\xbe", 3) == 0
                    || memcmp(s, "\xef\xbf\xbf", 3) == 0);
}


int wx_is_odd (const char *s, size_t n, size_t *len) {
  *len = wx_utf8(s, n);
  if (*len == 0) {
    *len = wx_bad_utf8(s, n);
    return 1;
  }
  return is_forbidden(s, *len);
}


char *wx_put_mark (char *out, const char *bytes, size_t n) {
  static const char digits[] = "0123456789abcdef";
  int is_lead = n == LEAD_SIZE && memcmp(bytes, LEAD, LEAD_SIZE) == 0;
  size_t i;
  memcpy(out, LEAD, LEAD_SIZE);
  out += LEAD_SIZE;
  for (i = 0; i < n && !is_lead; i++) {
    *out++ = digits[(unsigned char)bytes[i] >> 4];
    *out++ = digits[bytes[i] & 15];
  }
  *out++ = '.';
  return out;
}


/* How many bytes the `n` ones take with marks, or a few less; `n` if there
** is nothing to mark. */
static size_t marked_size (const char *text, size_t n) {
  size_t i, len, size = n;
  for (i = 0; i < n; i += len) {
    if (wx_is_odd(text + i, n - i, &len))
      size += WX_MARK_SIZE(len);
  }
  return size;
}


/* Writes them; returns the end. */
static char *write_marked (char *out, const char *text, size_t n) {
  size_t i, len;
  for (i = 0; i < n; i += len) {
    if (wx_is_odd(text + i, n - i, &len))
      out = wx_put_mark(out, text + i, len);
    else {
      memcpy(out, text + i, len);
      out += len;
    }
  }
  return out;
}


/* text_mark(text) -> text, whether there is a mark in it now */
static int text_mark (lua_State *L) {
  wx_scratch scratch;
  char *out, *end;
  size_t n, size;
  const char *text = luaL_checklstring(L, 1, &n);
  if (n > SIZE_MAX / WX_MARK_SIZE(1) / 2)
    return luaL_error(L, "not enough memory");
  size = marked_size(text, n);
  lua_settop(L, 1);
  if (size > n) {
    out = wx_scratch_open(L, &scratch, size);
    end = write_marked(out, text, n);
    lua_pushlstring(L, out, (size_t)(end - out));
    wx_scratch_close(&scratch, (size_t)(end - out));
  }
  lua_pushboolean(L, size > n);
  return 2;
}


static const luaL_Reg functions[] = {
  {"text_mark", text_mark},
  {NULL, NULL}
};


void wx_open_marks (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
